"""A process that indexes or searches with `starter` answers at once: it loads no framework."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "tensorflow", "transformers", "sklearn", "skimage", "scipy", "matplotlib", "pyarrow", "pandas")
SCRIPT = """
import json, sys
from ui.cli import main
code = main(sys.argv[1:])
print(json.dumps({"code": code, "heavy": [name for name in %r if name in sys.modules]}), file=sys.stderr)
"""


@pytest.mark.parametrize("command", ["search", "index"])
def test_starter_imports_no_framework(command: str, library: Path, photos: Path, tmp_path: Path) -> None:
    words = {
        "search": ["search", "a red ball", "--library", str(library), "--json"],
        "index": ["index", str(photos), "--library", str(tmp_path / "new.library"), "--json"],
    }
    command_line = [sys.executable, "-c", SCRIPT % (HEAVY,), *words[command]]
    done = subprocess.run(command_line, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stderr.splitlines()[-1]) == {"code": 0, "heavy": []}
