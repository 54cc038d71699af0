from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.ui.cli.conftest import photoveil


def test_the_same_tree_and_stems_are_written(photos: Path, tmp_path: Path) -> None:
    fields = photoveil("anonymize", photos, tmp_path / "out", "--json").json
    assert (fields["found"], fields["clear"], fields["failed"]) == (5, 4, 1)
    assert fields["found"] == sum(fields[state] for state in ("clear", "anonymised", "review", "failed"))
    assert [failure["photo"] for failure in fields["failures"]] == ["broken.jpg"]
    written = {file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*.*")}
    assert written == {"red.png", "green.png", "below/blue.png", "below/grey.png"}


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_a_face_is_covered_by_every_method(method: str, tmp_path: Path) -> None:
    skimage = pytest.importorskip("skimage", reason="scikit-image brings the photo with a face")
    (tmp_path / "in").mkdir()
    with Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png") as whole:
        clear = whole.convert("RGB").crop((130, 0, 330, 200))
    clear.save(tmp_path / "in" / "astronaut.png")
    done = photoveil("anonymize", tmp_path / "in", tmp_path / "out", "--method", method, "--json")
    assert done.json["anonymised"] == 1
    with Image.open(tmp_path / "out" / "astronaut.png") as covered:
        changed = ImageChops.difference(covered, clear).convert("L").crop((70, 90, 120, 150))
    assert ImageStat.Stat(changed).mean[0] > 10


def test_wrong_usage_is_exit_2(photos: Path, tmp_path: Path) -> None:
    assert photoveil("anonymize", photos, photos / "below").code == 2
    assert photoveil("anonymize", tmp_path / "nowhere", tmp_path / "out").code == 2
    assert photoveil("anonymize", photos, tmp_path / "out", "--method", "smear").code == 2
