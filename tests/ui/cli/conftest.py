"""A small real library, made by the command line itself from drawn pictures, and commands run as users run them."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from indexer.settings import get_settings
from ui.cli import main, output

WIDTH = 200
COLORS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200), "grey": (128, 128, 128)}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """stdout, which must be exactly one JSON object with its schema version."""
        fields: dict[str, Any] = json.loads(self.out)
        assert isinstance(fields, dict) and fields["schema_version"] == 1
        return fields


def photoveil(*arguments: object, **environment: str) -> Done:
    """Runs a command as a user does, but in this process, which is quicker."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {"PHOTOVEIL_WORKERS": "1", **environment}.items():
            patch.setenv(name, value)
        patch.setattr(output.out, "width", WIDTH)
        patch.setattr(output.err, "width", WIDTH)
        get_settings.cache_clear()
        code = main([str(argument) for argument in arguments])
    get_settings.cache_clear()
    return Done(code, out.getvalue(), err.getvalue())


def in_a_process(*arguments: object, **environment: str) -> Done:
    """Runs a command in a process of its own."""
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": str(WIDTH), **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def draw_photos(folder: Path) -> Path:
    """Four pictures of one disc each, two of them in a folder below, and one file that is no picture."""
    (folder / "below").mkdir(parents=True)
    for place, (name, color) in enumerate(COLORS.items()):
        image = Image.new("RGB", (160, 120), (240, 240, 240))
        ImageDraw.Draw(image).ellipse((40, 20, 120, 100), fill=color)
        image.save((folder / "below" if place >= 2 else folder) / f"{name}.png")
    (folder / "broken.jpg").write_bytes(b"no picture at all")
    return folder


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_photos(tmp_path_factory.mktemp("photos") / "drawn")


@pytest.fixture(scope="session")
def indexed(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A library of the drawn pictures, and how `index` ended."""
    library = tmp_path_factory.mktemp("libraries") / "photos.library"
    return library, photoveil("index", photos, "--library", library, "--profile", "starter", "--json")


@pytest.fixture(scope="session")
def library(indexed: tuple[Path, Done]) -> Path:
    """To be read only: tests that change a library copy it."""
    return indexed[0]
