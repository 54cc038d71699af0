"""The rules of the house that a tool can check."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ("indexer", "retrieval", "eval", "ui")
MODULES = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]


def test_no_module_is_too_long_to_read() -> None:
    long = {str(path.relative_to(ROOT)) for path in MODULES if len(path.read_text().splitlines()) > 300}
    assert not long


def test_pickle_is_not_loaded_anywhere() -> None:
    forbidden = re.compile(r"import pickle|pickle\.load|allow_pickle=True|weights_only=False")
    assert not [path.name for path in MODULES if forbidden.search(path.read_text())]


def test_every_module_says_why_it_exists() -> None:
    silent = [path for path in MODULES if path.stat().st_size and not path.read_text().startswith(('"""', 'r"""'))]
    assert not silent


def test_index_and_search_with_the_starter_import_no_framework(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from retrieval.engine import Engine, Query\n"
        "if __name__ == '__main__':\n"
        "    folder = Path(sys.argv[1])\n"
        "    with Engine.create(folder / 'l.library', 'starter', device='cpu') as engine:\n"
        "        assert engine.ingest([folder / 'photos']).indexed == 1\n"
        "        assert len(engine.search(Query('a dog', k=1)).hits) == 1\n"
        "    heavy = {'torch', 'tensorflow', 'transformers', 'sklearn', 'matplotlib', 'pyarrow'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    from PIL import Image

    (tmp_path / "photos").mkdir()
    Image.new("RGB", (96, 96), "green").save(tmp_path / "photos" / "a.png")
    (tmp_path / "program.py").write_text(program)
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, tmp_path / "program.py", tmp_path], check=True, env=environment, cwd=tmp_path)
