from pathlib import Path

import pytest
from sqlalchemy import update

from indexer.catalog.tables import segments
from indexer.library import Library
from tests.indexer.shelf import L2, new_library, photos, thumbnail
from tests.indexer.test_recovery import flip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(4)))
        library.publish(L2)
    return tmp_path / "a"


def kinds(path: Path) -> list[str]:
    with Library.open(path) as library:
        problems = library.verify()
    assert not any("name-of" in problem.what or str(path) in problem.what for problem in problems)
    return [problem.kind for problem in problems]


def test_a_sound_library_has_no_problems(path: Path) -> None:
    assert kinds(path) == []


def test_damaged_and_missing_thumbnails(path: Path) -> None:
    first, second, *_ = sorted((path / "thumbs").iterdir())
    first.unlink()
    flip(second, 7)
    assert kinds(path) == ["thumbnail", "thumbnail"]


def test_a_damaged_index(path: Path) -> None:
    flip(path / "index" / "000001" / "index.faiss", 60)
    assert kinds(path) == ["generation"]
    flip(path / "index" / "000001" / "manifest.json", 60)
    assert kinds(path) == ["generation"]


def test_damaged_missing_and_short_segments(path: Path) -> None:
    [segment] = path.glob("segments/*/*.seg")
    whole = segment.read_bytes()
    flip(segment, len(whole) - 1)
    assert kinds(path) == ["segment"]
    segment.write_bytes(whole[:-1])
    assert kinds(path) == ["segment", "vector"]
    segment.unlink()
    assert kinds(path) == ["segment", "vector"]


def test_a_count_that_does_not_fit(path: Path) -> None:
    with Library.open(path, writable=True) as library:
        with library._parts.catalog.writing() as connection:
            connection.execute(update(segments).values(rows=3))
        assert [problem.kind for problem in Library.open(path).verify()] == ["vector"]


def test_a_damaged_catalog_page(path: Path) -> None:
    catalog = path / "catalog.db"
    data = bytearray(catalog.read_bytes())
    at = data.rindex(b"tag-of-0003") - 40
    data[at : at + 60] = b"\xff" * 60
    catalog.write_bytes(data)
    assert "catalog" in kinds(path)


def test_thumbnails_are_compared_by_content(path: Path) -> None:
    for picture in (path / "thumbs").iterdir():
        picture.write_bytes(thumbnail(50))
    assert kinds(path) == ["thumbnail"]
