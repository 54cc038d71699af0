from pathlib import Path

import pytest
from PIL import Image

from tests.ui.cli.conftest import COLORS, Done, photoveil
from ui.demo.photos import PHOTOS
from ui.demo.questions import LANGUAGES


@pytest.fixture(scope="module")
def demo(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The demo with the drawn pictures, run twice into one folder."""
    out = tmp_path_factory.mktemp("demo")
    first = photoveil("demo", photos, "--out", out)
    assert first.code == 0, first.err
    assert all(name in first.out for name in LANGUAGES.values()) and "contact-sheet.png" in first.err
    return out, photoveil("demo", photos, "--out", out, "--json")


def test_every_language_is_answered(demo: tuple[Path, Done]) -> None:
    fields = demo[1].json
    assert (fields["found"], fields["indexed"], fields["failed"]) == (5, 4, 1)
    assert list(fields["answers"]) == list(fields["question"]) == list(LANGUAGES)
    assert all(len(hits) == 4 for hits in fields["answers"].values())


def test_the_contact_sheet_shows_the_photos(demo: tuple[Path, Done]) -> None:
    place = Path(demo[1].json["contact_sheet"])
    assert place.parent == demo[0]
    with Image.open(place) as sheet:
        assert sheet.format == "PNG"
        found = {color for count, color in sheet.getcolors(maxcolors=1 << 24) or () if count > 1000}
    near = [
        min(max(abs(a - b) for a, b in zip(color, other, strict=True)) for other in found) for color in COLORS.values()
    ]  # type: ignore[arg-type]
    assert max(near) <= 6


def test_its_library_goes_on_living(demo: tuple[Path, Done]) -> None:
    library = demo[1].json["library"]
    assert photoveil("verify", "--library", library).code == 0
    assert len(photoveil("search", "ball", "--library", library, "--json").json["hits"]) == 4


def test_a_folder_without_photos_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = photoveil("demo", tmp_path / "empty", "--out", tmp_path / "out", "--json")
    assert (done.code, done.out) == (2, "") and "no photo" in done.err


def test_what_is_no_library_is_never_replaced(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "photos.library").mkdir()
    (tmp_path / "photos.library" / "diary.txt").write_text("mine")
    assert photoveil("demo", photos, "--out", tmp_path).code == 2
    assert (tmp_path / "photos.library" / "diary.txt").read_text() == "mine"


def test_the_packages_photos_serve_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skimage", reason="scikit-image brings the demo's photos")
    few = [photo for photo in PHOTOS if photo.name in ("cat.png", "coffee.png", "rocket.jpg")]
    monkeypatch.setattr("ui.demo.photos.PHOTOS", few)
    fields = photoveil("demo", "--out", tmp_path, "--json").json
    assert (fields["found"], fields["indexed"]) == (3, 3)
    assert (tmp_path / "photos" / "cat.png").is_file()
    first = [fields["answers"][code][0]["path"] for code in LANGUAGES]
    assert first.count("rocket.jpg") >= 6, first
