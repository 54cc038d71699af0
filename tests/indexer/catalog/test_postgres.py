"""The same promises with the catalog in PostgreSQL, several libraries in one database."""

import os
from pathlib import Path

import pytest

from indexer.catalog.select import Filter
from indexer.errors import LibraryCorruptError, LibraryLockedError
from indexer.library import Library
from tests.indexer.shelf import L2, failed, found_traces, ids_of, nearest, new_library, photo, photos, place

URL = os.environ.get("DATABASE_URL", "")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not URL.startswith("postgres"), reason="needs DATABASE_URL to name a PostgreSQL server"),
]


def test_a_life_in_postgres(tmp_path: Path) -> None:
    with new_library(tmp_path / "a", database_url=URL) as library:
        library.commit([*photos(range(6)), failed(7, sha256=None)])
        assert library.commit([photo(2)])[0].outcome == "duplicate"
        library.publish(L2)
    assert not (tmp_path / "a" / "catalog.db").exists()
    with Library.open(tmp_path / "a", writable=True, database_url=URL) as library:
        before = ids_of(library)
        assert all(nearest(library, n) == photo_id for n, photo_id in before.items()) and library.is_known(place(7))
        assert library.select(Filter(tags=("tag-of-0003",), folder="folder")).tolist() == [before[3]]
        assert library.erase([before[4]]).photos == 1
        assert ids_of(library) == {n: i for n, i in before.items() if n != 4} and library.verify() == []
        library.compact()
    assert found_traces(tmp_path / "a", 4) == []


def test_libraries_in_one_database_do_not_see_each_other(tmp_path: Path) -> None:
    with (
        new_library(tmp_path / "a", database_url=URL) as one,
        new_library(tmp_path / "b", database_url=URL) as other,
    ):
        one.commit(photos(range(4)))
        [twin] = other.commit([photo(2)])
        assert twin.outcome == "added" and list(ids_of(other)) == [2] and list(ids_of(one)) == [0, 1, 2, 3]
        other.erase([twin.photo_id])
        assert one.verify() == other.verify() == [] and list(ids_of(one)) == [0, 1, 2, 3]


def test_two_copies_of_a_library_cannot_both_write(tmp_path: Path) -> None:
    with new_library(tmp_path / "a", database_url=URL) as library:
        census = library._now()
        library.commit(photos(range(2)))
        catalog = library._parts.catalog
        with pytest.raises(LibraryLockedError), catalog.writing() as connection:
            catalog.next_seq(connection, library.manifest.library_id, census.seq)
        assert library.verify() == []


def test_a_database_that_does_not_know_the_library_is_refused(tmp_path: Path) -> None:
    new_library(tmp_path / "a", database_url=URL).close()
    with pytest.raises(LibraryCorruptError, match="catalog"):
        Library.open(tmp_path / "a")
