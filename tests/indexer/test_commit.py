import errno
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from indexer import durable
from indexer.catalog.tables import photos as photos_table
from indexer.errors import LibraryError, SpaceMismatchError, UsageError
from indexer.library import Library
from indexer.segments import Segments
from indexer.stages import State
from tests.indexer.shelf import (
    DIM,
    L2,
    content,
    failed,
    found_traces,
    ids_of,
    nearest,
    new_library,
    photo,
    photos,
    place,
    vector,
)


def test_a_file_that_failed_is_a_row_and_is_not_tried_again(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [done] = library.commit([failed(1, sha256=None, reason="It cannot be read.")])
        [found] = library.photos([done.photo_id])
        assert (found.state, found.reason, found.sha256, found.path) == (
            State.FAILED,
            "It cannot be read.",
            None,
            "folder/name-of-0001.jpg",
        )
        assert library.is_known(place(1))
        assert library.commit([failed(1, sha256=None)])[0].outcome == "duplicate"


def test_a_file_that_can_be_read_later_takes_the_place_of_its_failure(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([failed(1, sha256=None), failed(2)])
        library.commit([photo(1), photo(3, location=place(2))])
        assert library.stats().states == {"anonymised": 2}
        assert library.verify() == []


def test_a_further_try_at_the_same_content_keeps_its_id(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [first] = library.commit([failed(1)])
        [again] = library.commit([photo(1)])
        assert again.photo_id == first.photo_id and again.outcome == "added"
        assert nearest(library, 1) == first.photo_id and library.verify() == []


def test_failure_and_success_in_one_batch(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        done = library.commit([failed(1, tags={"x": 1.0}), photo(1, location=place(5)), failed(1, location=place(6))])
        assert [one.outcome for one in done] == ["added", "added", "duplicate"]
        assert len({one.photo_id for one in done}) == 1 and nearest(library, 1) == done[0].photo_id
        assert "x" not in library.photos([done[0].photo_id])[0].tags


def test_a_known_photo_is_not_undone_by_a_failure(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [first] = library.commit([photo(1)])
        [again] = library.commit([failed(1)])
        assert (again.photo_id, again.outcome) == (first.photo_id, "duplicate") and nearest(
            library, 1
        ) == again.photo_id


def test_a_changed_file_is_another_photo_and_the_first_one_stays(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [old] = library.commit([photo(1)])
        [new] = library.commit([photo(2, location=place(1, mtime_ns=99))])
        assert [found.path for found in library.photos([old.photo_id, new.photo_id])] == [None, place(1).path]
        assert library.is_known(place(1, mtime_ns=99)) and not library.is_known(place(1))


@pytest.mark.parametrize("change", [{"vector": None}, {"state": State.REVIEW}, {"sha256": None}])
def test_a_photo_must_be_what_its_state_says(tmp_path: Path, change: dict[str, object]) -> None:
    with new_library(tmp_path / "a") as library, pytest.raises(UsageError):
        library.commit([photo(1, **change)])


def test_vectors_of_another_length_or_without_a_number_are_refused(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        with pytest.raises(SpaceMismatchError, match=f"{DIM} dimensions"):
            library.commit([photo(1, vector=np.zeros(DIM + 1, np.float32))])
        with pytest.raises(UsageError, match="no numbers"):
            library.commit([photo(1), photo(2, vector=np.full(DIM, np.nan, np.float32))])
        assert library.stats().photos == 0


def test_a_file_name_that_is_no_utf8_is_kept_in_escapes(tmp_path: Path) -> None:
    odd = place(1, path=b"caf\xe9.jpg".decode("utf-8", "surrogateescape"))
    with new_library(tmp_path / "a") as library:
        [done] = library.commit([photo(1, location=odd)])
        assert library.is_known(odd) and library.photos([done.photo_id])[0].path == "caf\\udce9.jpg"


def test_every_photo_carries_the_policy_it_was_taken_in_by(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([photo(1), failed(2)])
        with library._parts.catalog.reading() as connection:
            found = connection.execute(select(photos_table.c.policy)).scalars().all()
        assert found == [library.manifest.policy_hash] * 2


def test_a_full_segment_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Segments, "is_full", lambda self, rows: rows >= 3)
    with new_library(tmp_path / "a") as library:
        for n in range(0, 8, 2):
            library.commit(photos([n, n + 1]))
    with Library.open(tmp_path / "a", writable=True) as library:
        assert library._now().segments == {1: 4, 2: 4}
        assert [nearest(library, n) for n in range(8)] == list(ids_of(library).values())


OPERATIONS = ["write", "truncate", "fsync", "rename", "fsync_dir", "commit"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("nth", [0, 2])
def test_on_a_full_disk_nothing_of_the_batch_counts_and_the_next_one_does(
    tmp_path: Path, operation: str, nth: int
) -> None:
    left = [nth]

    def full(kind: str, path: Path) -> None:
        left[0] -= kind == operation
        if left[0] < 0 and kind == operation:
            raise OSError(errno.ENOSPC, "No space left on device")

    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(3)))
        with durable.watched(full):
            try:
                library.commit(photos(range(3, 6)))
                expected = 6
            except LibraryError as error:
                assert "free some space" in str(error)
                expected = 3
        assert list(ids_of(library)) == list(range(expected)) and library.verify() == []
        assert all(nearest(library, n) == photo_id for n, photo_id in ids_of(library).items())
        library.commit(photos(range(4, 7)))
        assert all(nearest(library, n) == photo_id for n, photo_id in ids_of(library).items())
    with Library.open(tmp_path / "a", writable=True) as library:
        assert library.verify() == [] and len(library.search(vector(0)[None], 9, L2)[0]) == len(ids_of(library))
        assert not found_traces(tmp_path / "a", 3) or library.find(content(3))


def test_a_full_catalog_is_a_full_disk(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(3)))
        many = [photo(n, tags={f"tag {i} of {n}": 0.5 for i in range(500)}) for n in range(3, 9)]
        [limit] = library._parts.catalog._run("PRAGMA page_count")[0]
        library._parts.catalog._run(f"PRAGMA max_page_count={limit + 5}")
        with pytest.raises(LibraryError, match="disk is full"):
            library.commit(many)
        library._parts.catalog._run("PRAGMA max_page_count=1000000")
        assert list(ids_of(library)) == [0, 1, 2] and library.verify() == []
        library.commit(many)
        assert list(ids_of(library)) == list(range(9)) and library.verify() == []
