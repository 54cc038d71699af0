"""What all tests share: photos that packages bring along, and the optional data folder beside the repository."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.settings import Settings
from indexer.stages import Pixels

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder with real data and public weights; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not here")
    return SHARED


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with an empty cache and no folders of weights."""
    return Settings(cache=tmp_path / "cache", models=())


@pytest.fixture
def astronaut() -> Pixels:
    """A real photo with one frontal face: the astronaut of scikit-image, 512 x 512."""
    skimage = pytest.importorskip("skimage", reason="scikit-image brings the photo with a face")
    with Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png") as image:
        return np.array(image.convert("RGB"))


def picture(seed: int, height: int = 48, width: int = 64) -> Pixels:
    """A small picture of coloured noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
