"""What must never rest in a library: planted, then looked for in every byte."""

import hashlib
import io
import struct
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from indexer.library import Filter, Library
from indexer.manifest import Paths
from indexer.pipeline import ingest
from indexer.prepare import Limits
from tests.conftest import picture
from tests.indexer.stand_ins import MeanColours, PassesAll

NAME = "grandma-at-home"
GPS_TEXT = "48.858370 N 2.294481 E"
GPS_RATIONAL = struct.pack("<II", 30132, 1009)


def plant(folder: Path) -> None:
    """A JPEG with a position in EXIF, a comment and an embedded thumbnail's worth of text, and a PNG with text."""
    folder.mkdir()
    exif = Image.Exif()
    exif[0x010E] = GPS_TEXT
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30132 / 1009), 3: "E", 4: (2.0, 17.0, 40.0)})
    Image.fromarray(picture(1)).save(folder / f"{NAME}.jpg", exif=exif, comment=GPS_TEXT)
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", GPS_TEXT)
    Image.fromarray(picture(2)).save(folder / f"{NAME}-2.png", pnginfo=text)


def made(tmp_path: Path, paths: Paths = "relative") -> Library:
    plant(tmp_path / "in")
    library = Library.create(tmp_path / "l.library", space=MeanColours.space, profile="starter", policy={}, paths=paths)
    report = ingest([tmp_path / "in"], library, PassesAll, MeanColours, Limits(1_000_000, 30), workers=1)
    assert report.indexed == 2
    return library


def holds(folder: Path, needle: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def test_the_plant_is_really_in_the_photos(tmp_path: Path) -> None:
    plant(tmp_path / "in")
    assert len(holds(tmp_path / "in", GPS_TEXT.encode())) == 2
    with Image.open(tmp_path / "in" / f"{NAME}.jpg") as image:
        assert image.getexif().get_ifd(0x8825)[1] == "N"


def test_no_position_rests_in_a_library(tmp_path: Path) -> None:
    library = made(tmp_path)
    for needle in (GPS_TEXT.encode(), GPS_TEXT.encode("utf-16-le"), b"48.858", GPS_RATIONAL, b"Location"):
        assert not holds(library.path, needle)
    assert holds(library.path, NAME.encode())


def test_without_paths_no_name_rests_either(tmp_path: Path) -> None:
    library = made(tmp_path, "none")
    assert not holds(library.path, NAME.encode())


@pytest.mark.parametrize("paths", ["relative", "none"])
def test_erased_means_erased(tmp_path: Path, paths: Paths) -> None:
    library = made(tmp_path, paths)
    ids, vectors = library.vectors()
    photos = library.photos(ids.tolist())
    thumbnails = [photo.thumbnail.read_bytes() for photo in photos if photo.thumbnail is not None]
    assert len(thumbnails) == 2
    library.erase(library.select(Filter(states=None)).tolist())
    digests = [hashlib.sha256(path.read_bytes()) for path in (tmp_path / "in").iterdir()]
    needles = [NAME.encode(), *(vector.tobytes() for vector in vectors), *thumbnails]
    needles += [d.digest() for d in digests] + [d.hexdigest().encode() for d in digests]
    assert not [name for needle in needles for name in holds(library.path, needle)]


def test_a_thumbnail_is_pixels_only(tmp_path: Path) -> None:
    library = made(tmp_path)
    for photo in library.photos(library.select(Filter()).tolist()):
        assert photo.thumbnail is not None
        with Image.open(io.BytesIO(photo.thumbnail.read_bytes())) as image:
            assert not image.getexif() and "comment" not in image.info
