from pathlib import Path

import pytest
from PIL import Image

from indexer.anonymise_tree import anonymise_tree
from indexer.errors import UsageError
from indexer.prepare import Limits
from tests.conftest import picture
from tests.indexer.stand_ins import PassesAll

LIMITS = Limits(1_000_000, 30)


def test_the_tree_is_mirrored_without_metadata(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "a").mkdir(parents=True)
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    Image.fromarray(picture(1)).save(source / "a" / "1.JPG", exif=exif)
    Image.fromarray(picture(2)).save(source / "2.png")
    Image.new("RGB", (64, 64)).save(source / "dark.png")
    (source / "broken.jpg").write_bytes(b"no")
    report = anonymise_tree(source, target, PassesAll(), LIMITS, workers=1)
    assert (report.found, report.clear, report.anonymised, report.review, report.failed) == (4, 2, 0, 1, 1)
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*.*")) == ["2.png", "a/1.jpg"]
    with Image.open(target / "a" / "1.jpg") as written:
        assert not written.getexif()


def test_photos_that_differ_in_their_extension_both_stay(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("1.jpg", "1.webp"):
        Image.fromarray(picture(1)).save(tmp_path / "in" / name)
    anonymise_tree(tmp_path / "in", tmp_path / "out", PassesAll(), LIMITS, workers=1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.jpg.jpg", "1.webp.jpg"]


@pytest.mark.parametrize("target", [".", "in", "in/out"])
def test_a_target_within_the_source_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="lie in one another"):
        anonymise_tree(tmp_path / "in", tmp_path / target, PassesAll(), LIMITS)
