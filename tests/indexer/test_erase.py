from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer import durable
from indexer.errors import LibraryError, PhotoNotFoundError
from indexer.library import Library
from indexer.parts import CATALOG
from tests.indexer.shelf import (
    COSINE,
    L2,
    failed,
    found_traces,
    ids_of,
    nearest,
    new_library,
    photo,
    photos,
    place,
    thumbnail,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with new_library(tmp_path / "a") as made:
        for start in range(0, 12, 3):
            made.commit(photos(range(start, start + 3)))
            made.publish(L2)
        made.publish(COSINE)
        yield made


def test_no_byte_is_left_while_the_library_is_open_and_after(library: Library) -> None:
    assert found_traces(library.path, 4) and found_traces(library.path, 7)
    ids = ids_of(library)
    library.erase([ids[4], ids[7]])
    assert found_traces(library.path, 4) == found_traces(library.path, 7) == []
    library.close()
    assert found_traces(library.path, 4) == found_traces(library.path, 7) == []


def test_no_byte_is_left_beside_an_open_reader_who_finds_it_no_more(library: Library) -> None:
    ids = ids_of(library)
    with Library.open(library.path) as reader:
        assert nearest(reader, 4) == ids[4]
        library.erase([ids[4]])
        assert nearest(reader, 4) != ids[4] and found_traces(library.path, 4) == []
        with pytest.raises(PhotoNotFoundError):
            reader.photos([ids[4]])


def test_everybody_else_stays(library: Library) -> None:
    before = ids_of(library)
    library.erase([before[0]])
    after = ids_of(library)
    assert after == {n: i for n, i in before.items() if n != 0} and library.verify() == []
    assert all(nearest(library, n, view) == i for n, i in after.items() for view in (L2, COSINE))
    assert all(one.thumbnail and one.thumbnail.exists() for one in library.photos(list(after.values())))


def test_it_is_forgotten_and_may_come_in_again(library: Library) -> None:
    old = ids_of(library)[5]
    library.erase([old])
    assert not library.is_known(place(5))
    [again] = library.commit([photo(5)])
    assert again.outcome == "added" and again.photo_id != old and nearest(library, 5) == again.photo_id


def test_the_receipt_counts_and_names_nothing(library: Library) -> None:
    ids = ids_of(library)
    library.commit([photo(1, location=place(90))])
    receipt = library.erase([ids[1], ids[2]])
    assert (receipt.photos, receipt.locations, receipt.regions, receipt.tags) == (2, 3, 2, 4)
    assert len(receipt.id) == 32 and str(ids[1]) not in str(receipt)


def test_an_unknown_id_erases_nothing(library: Library) -> None:
    with pytest.raises(PhotoNotFoundError, match="nothing was erased"):
        library.erase([ids_of(library)[1], 1])
    assert len(ids_of(library)) == 12 and library.verify() == []


def test_a_thumbnail_that_another_photo_shows_too_stays(library: Library) -> None:
    [twin] = library.commit([photo(13, thumbnail=thumbnail(3))])
    library.erase([ids_of(library)[3]])
    [left] = library.photos([twin.photo_id])
    assert left.thumbnail is not None and left.thumbnail.read_bytes() == thumbnail(3)


def test_quarantine_is_scrubbed_too(library: Library) -> None:
    ids = ids_of(library)
    library.close()
    [segment] = library.path.glob("segments/*/*.seg")
    segment.write_bytes(b"?" + segment.read_bytes()[1:])
    (library.path / "index" / "000005" / "ids.npy").write_bytes(b"damaged")
    with Library.open(library.path, writable=True) as again:
        assert nearest(again, 4, COSINE) == ids[4]
        assert len([p for p in library.path.rglob("*") if durable.QUARANTINE in p.name]) == 2
        again.erase([ids[4]])
        assert found_traces(library.path, 4) == [] and again.verify() == []
    assert not [p for p in library.path.rglob("*") if durable.QUARANTINE in p.name]


def test_photos_without_vectors_and_all_photos_can_be_erased(library: Library) -> None:
    [done] = library.commit([failed(15, camera="camera-of-0015")])
    library.erase([done.photo_id])
    assert found_traces(library.path, 15) == []
    library.erase(list(ids_of(library).values()))
    assert library.stats().photos == 0 and library.verify() == []
    assert all(found_traces(library.path, n) == [] for n in range(12))
    assert library.search(np.zeros((1, 8), np.float32), 5, L2) == [[]]


def test_erasing_needs_no_index(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(3)))
        library.erase([ids_of(library)[1]])
        assert found_traces(tmp_path / "a", 1) == [] and library.verify() == []


def test_a_reader_in_the_middle_of_reading_delays_it_until_the_next_open(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ids_of(library)
    monkeypatch.setattr("indexer.catalog.BUSY_MS", 50)
    library.close()
    with Library.open(library.path, writable=True) as writer, Library.open(library.path) as reader:
        with reader._parts.catalog.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM photos").all()
            with pytest.raises(LibraryError, match="close it and run"):
                writer.erase([ids[4]])
        assert [problem.kind for problem in writer.verify()] == ["erasure"]
    with Library.open(library.path, writable=True) as writer:
        assert writer.verify() == [] and found_traces(library.path, 4) == []


def test_an_erasure_left_unfinished_is_also_finished_by_compacting(library: Library) -> None:
    ids = ids_of(library)

    def stop(kind: str, path: Path) -> None:
        if kind == "unlink":
            raise PermissionError(13, "Permission denied")

    with durable.watched(stop), pytest.raises(LibraryError):
        library.erase([ids[4]])
    assert library.verify()[-1].kind == "erasure" and found_traces(library.path, 4)
    library.compact()
    assert library.verify() == [] and found_traces(library.path, 4) == []


def test_compacting_gives_space_back_and_changes_nothing(library: Library) -> None:
    before = ids_of(library)
    catalog = library.path / CATALOG
    library.commit([photo(n, tags={f"tag {i}": 0.5 for i in range(800)}) for n in range(14, 18)])
    library.erase([i for n, i in ids_of(library).items() if n >= 14])
    library.compact()
    assert ids_of(library) == before and library.verify() == []
    assert catalog.stat().st_size < 400_000 and not (library.path / (CATALOG + "-wal")).stat().st_size
