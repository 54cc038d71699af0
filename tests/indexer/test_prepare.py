import hashlib
import io
from pathlib import Path

from PIL import Image

from indexer.prepare import Limits, prepare
from indexer.stages import State
from tests.conftest import picture
from tests.indexer.stand_ins import MeanColours, PassesAll

LIMITS = Limits(1_000_000, 10)


def test_a_good_photo_gets_all_that_the_library_needs(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(picture(1, 500, 400)).save(path)
    prepared = prepare(path, PassesAll(), MeanColours.preprocess, LIMITS)
    assert prepared.state is State.CLEAR and (prepared.width, prepared.height) == (400, 500)
    assert prepared.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert prepared.model_input is not None and prepared.model_input.shape == (16, 16, 3)
    assert prepared.thumbnail is not None and Image.open(io.BytesIO(prepared.thumbnail)).size == (256, 320)


def test_a_photo_for_review_leaves_no_pixels(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "dark.png")
    prepared = prepare(tmp_path / "dark.png", PassesAll(), MeanColours.preprocess, LIMITS)
    assert (prepared.state, prepared.model_input, prepared.thumbnail) == (State.REVIEW, None, None)


def test_a_file_that_cannot_be_read_is_failed(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, PassesAll(), MeanColours.preprocess, LIMITS)
    assert prepared.state is State.FAILED and prepared.sha256 is None and "permissions" in prepared.reason
