from pathlib import Path

import numpy as np
import pytest

from indexer.anonymise import Policy, build_anonymiser
from indexer.detect.plates import letterbox
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from indexer.stages import Pixels, State
from tests.conftest import picture


@pytest.fixture
def store(shared: Path, settings: Settings) -> ModelStore:
    return ModelStore(Settings(cache=settings.cache, models=(shared / "models",)))


@pytest.mark.shared
def test_yunet_finds_and_hides_a_real_face(store: ModelStore, astronaut: Pixels) -> None:
    result = build_anonymiser(Policy(), store).anonymise(astronaut)
    assert result.state is State.ANONYMISED
    assert any(box.kind == "face" and box.x < 225 < box.x + box.w for box in result.boxes)


@pytest.mark.shared
def test_the_plate_net_finds_a_labelled_plate(store: ModelStore, shared: Path) -> None:
    from PIL import Image

    from indexer.detect.plates import YoloPlates

    rows = (shared / "data" / "plates" / "plates.csv").read_text(encoding="utf-8").splitlines()[1:21]
    detector, hits = YoloPlates(store.path("plates"), 0.25), 0
    for row in rows:
        name, x, y, w, h = row.split(",")[:5]
        with Image.open(next((shared / "data" / "plates").rglob(name))) as image:
            found = detector.detect(np.array(image.convert("RGB")))
        middle = float(x) + float(w) / 2, float(y) + float(h) / 2
        hits += any(b.x < middle[0] < b.x + b.w and b.y < middle[1] < b.y + b.h for b in found)
    assert hits >= 14  # the weights' own record: about four of five


def test_a_letterbox_keeps_the_proportions() -> None:
    square, scale, left, top = letterbox(picture(1, 100, 200))
    assert square.shape == (640, 640, 3) and (scale, left, top) == (3.2, 0, 160)
