import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from indexer.errors import MissingExtraError
from ui.demo import photos


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the demo's pictures: neither unpacked nor inside an installed package."""
    monkeypatch.setattr(photos, "UNPACKED", tmp_path / "unpacked")
    monkeypatch.setattr(photos, "find_spec", lambda package: None)
    return tmp_path


def _wheel(folder: Path, *members: str) -> None:
    with ZipFile(folder / "pictures-1.0-py3-none-any.whl", "w") as archive:
        for member in members:
            archive.writestr(member, f"bytes of {member}")


def test_only_the_demos_pictures_leave_a_wheel(tmp_path: Path) -> None:
    _wheel(tmp_path, "skimage/data/coffee.png", "skimage/data/other.png", "skimage/__init__.py")
    photos.unpack(tmp_path, tmp_path / "out")
    assert [place.name for place in (tmp_path / "out").rglob("*") if place.is_file()] == ["coffee.png"]


def test_unpacked_pictures_are_copied_under_their_demo_names(nowhere: Path) -> None:
    _wheel(nowhere, "skimage/data/chelsea.png", "sklearn/datasets/images/flower.jpg")
    photos.unpack(nowhere, photos.UNPACKED)
    copies = photos.copy_photos(nowhere / "photos")
    assert [copy.name for copy in copies] == ["cat.png", "flower.jpg"]
    assert copies[0].read_bytes() == b"bytes of skimage/data/chelsea.png"


def test_installed_packages_are_found_without_importing_them(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(photos, "UNPACKED", nowhere / "unpacked")
    data = nowhere / "skimage" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("raise AssertionError('imported')")
    (data / "coffee.png").write_bytes(b"coffee")
    monkeypatch.syspath_prepend(nowhere)
    monkeypatch.delitem(sys.modules, "skimage", raising=False)
    assert "coffee.png" in [copy.name for copy in photos.copy_photos(nowhere / "photos")]


def test_a_machine_without_them_is_told_what_to_install(nowhere: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'photoveil\[demo\]'"):
        photos.copy_photos(nowhere / "photos")


def test_every_picture_has_its_own_name_and_a_credit() -> None:
    assert len({photo.name for photo in photos.PHOTOS}) == len(photos.PHOTOS) == 10
    assert all(photo.credit for photo in photos.PHOTOS)
