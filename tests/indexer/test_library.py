import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from indexer.catalog.select import Filter
from indexer.errors import (
    LibraryLockedError,
    LibraryNotFoundError,
    PhotoNotFoundError,
    SpaceMismatchError,
    UsageError,
)
from indexer.library import Library
from indexer.manifest import NAME
from indexer.stages import FINDABLE, State
from indexer.views import View
from tests.indexer.shelf import (
    COSINE,
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
    thumbnail,
    vector,
)


def test_a_photo_comes_back_as_it_went_in(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [done] = library.commit([photo(3)])
        [found] = library.photos([done.photo_id])
        assert (found.id, found.sha256, found.path) == (done.photo_id, content(3), "folder/name-of-0003.jpg")
        assert (found.width, found.height, found.bytes) == (640, 480, 1003)
        assert (found.state, found.taken_at, found.camera) == (State.ANONYMISED, datetime(2020, 1, 4), "camera-of-0003")
        assert found.tags == {"tag-of-0003": 0.75, "common": 0.5}
        assert found.thumbnail is not None and found.thumbnail.read_bytes() == thumbnail(3)
        ids, vectors = library.vectors()
        np.testing.assert_array_equal(vectors, vector(3)[None])
        assert ids.tolist() == [done.photo_id]


def test_it_is_all_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(5)))
        before = ids_of(library), library.vectors(), library.manifest
    with Library.open(tmp_path / "a") as library:
        assert (ids_of(library), library.manifest) == (before[0], before[2])
        np.testing.assert_array_equal(library.vectors()[1], before[1][1])
        assert all(nearest(library, n, view) == before[0][n] for n in range(5) for view in (L2, COSINE))


def test_the_same_content_again_is_a_duplicate_with_one_more_location(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        [first] = library.commit([photo(1)])
        again, twin, other = library.commit(
            [photo(1, location=place(8)), photo(1, location=place(9)), photo(2)],
        )
        assert [done.outcome for done in (first, again, twin, other)] == ["added", "duplicate", "duplicate", "added"]
        assert first.photo_id == again.photo_id == twin.photo_id != other.photo_id
        assert library.stats().locations == 4 and library.stats().photos == 2
        assert all(library.is_known(place(n)) for n in (1, 2, 8, 9))


def test_known_means_same_place_size_and_time(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        assert not library.is_known(place(1))
        library.commit([photo(1)])
        assert library.is_known(place(1))
        assert not any(
            library.is_known(place(1, **change))
            for change in ({"size": 1}, {"mtime_ns": 9}, {"path": "b"}, {"root": "r"})
        )


def test_ids_are_never_given_twice(tmp_path: Path) -> None:
    seen: list[int] = []
    for round_ in range(3):
        with new_library(tmp_path / "a") if round_ == 0 else Library.open(tmp_path / "a", writable=True) as library:
            done = library.commit(photos(range(4)))
            seen += [committed.photo_id for committed in done]
            library.erase([committed.photo_id for committed in done])
    assert len(set(seen)) == 12 and all(0 < photo_id < 2**63 for photo_id in seen)


def test_only_clear_and_anonymised_photos_are_found(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        states = [photo(0, state=State.CLEAR), photo(1), photo(2, state=State.REVIEW, vector=None), failed(3)]
        done = library.commit(states)
        found = library.search(np.stack([vector(2)]), 10, L2)[0]
        assert {hit.photo_id for hit in found} == {done[0].photo_id, done[1].photo_id}
        assert library.stats().states == {"clear": 1, "anonymised": 1, "review": 1, "failed": 1}
        assert library.stats().vectors == 2


def test_hits_are_best_first_and_ties_go_by_id(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        done = library.commit([*photos(range(6)), photo(7, vector=vector(3)), photo(8, vector=vector(3))])
        [hits] = library.search(vector(3)[None], 8, L2)
        twins = [done[at].photo_id for at in (3, 6, 7)]
        assert [hit.photo_id for hit in hits[:3]] == sorted(twins)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert hits[0].score == 0


def test_a_filter_gives_k_hits_when_k_exist(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        done = [committed.photo_id for committed in library.commit(photos(range(50)))]
        allowed = np.array(done[::5], np.int64)
        [hits] = library.search(vector(1)[None], 10, L2, allowed)
        assert {hit.photo_id for hit in hits} == set(done[::5])
        assert library.search(vector(1)[None], 10, L2, np.array([1], np.int64)) == [[]]


def test_views_of_one_library_rank_by_their_own_metric(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        near = photo(0, vector=np.full(DIM, 0.1, np.float32))
        same_angle = photo(1, vector=np.linspace(1, 2, DIM, dtype=np.float32))
        ids = [done.photo_id for done in library.commit([near, same_angle])]
        query = np.linspace(1, 2, DIM, dtype=np.float32)[None] / 10
        assert library.search(query, 1, View("l2"))[0][0].photo_id == ids[0]
        assert library.search(query, 1, View("cosine"))[0][0].photo_id == ids[1]


def test_a_view_with_a_projection_is_searched_and_published_in_its_own_dimensions(tmp_path: Path) -> None:
    first_two = View("cosine", np.zeros(DIM, np.float32), np.eye(DIM, 2, dtype=np.float32))
    with new_library(tmp_path / "a") as library:
        ids = [done.photo_id for done in library.commit(photos(range(20)))]
        assert library.publish(first_two) == 1
    with Library.open(tmp_path / "a", writable=True) as library:
        query = vector(3)[None, :2]
        assert library.search(query, 1, first_two)[0][0].photo_id == ids[3]
        library.erase([ids[3]])
        library.compact()
        assert ids[3] not in {hit.photo_id for hit in library.search(query, 20, first_two)[0]}


def test_an_open_reader_follows_what_is_committed_and_erased(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as writer, Library.open(tmp_path / "a") as reader:
        assert reader.search(vector(1)[None], 3, L2) == [[]]
        ids = [done.photo_id for done in writer.commit(photos(range(3)))]
        assert nearest(reader, 1) == ids[1]
        writer.erase([ids[1]])
        writer.compact()
        assert {hit.photo_id for hit in reader.search(vector(1)[None], 3, L2)[0]} == {ids[0], ids[2]}
        [more] = writer.commit([photo(1)])
        assert nearest(reader, 1) == more.photo_id not in ids
        assert reader.vectors()[0].tolist() == sorted([ids[0], ids[2], more.photo_id])


def test_one_writer_and_many_readers(tmp_path: Path) -> None:
    with new_library(tmp_path / "a"):
        with pytest.raises(LibraryLockedError, match="wait"):
            Library.open(tmp_path / "a", writable=True)
        Library.open(tmp_path / "a").close()
    Library.open(tmp_path / "a", writable=True).close()


def test_another_process_is_locked_out_too(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from indexer.library import Library\n"
    code += "Library.open(Path(sys.argv[1]), writable=True)"
    with new_library(tmp_path / "a"):
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], capture_output=True, text=True)
    assert "LibraryLockedError" in done.stderr


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    new_library(tmp_path / "a").close()
    with Library.open(tmp_path / "a") as library:
        for write in (lambda: library.commit([photo(1)]), lambda: library.erase([1]), library.compact):
            with pytest.raises(UsageError, match="open it for writing"):
                write()


def test_there_must_be_a_library_to_open_and_none_to_create(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFoundError, match="index a folder"):
        Library.open(tmp_path)
    new_library(tmp_path / "a").close()
    with pytest.raises(UsageError, match="already"):
        new_library(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        new_library(tmp_path / "b")


def test_without_paths_no_byte_of_a_name_is_kept(tmp_path: Path) -> None:
    with new_library(tmp_path / "a", paths="none", keep_camera=False) as library:
        library.commit([photo(1, tags={}), failed(2, sha256=None)])
        again = library.commit([photo(1), failed(2, sha256=None)])
        assert [done.outcome for done in again] == ["duplicate", "duplicate"]
        assert not library.is_known(place(1)) and library.find(content(1)) is not None
        [found] = library.photos([library.find(content(1)) or 0])
        assert (found.path, found.root, found.camera) == (None, None, None)
    for file in (file for file in (tmp_path / "a").rglob("*") if file.is_file()):
        assert not any(name in file.read_bytes() for name in (b"name-of", b"folder", b"root-1", b"camera-of"))


def test_dates_and_cameras_are_kept_or_not(tmp_path: Path) -> None:
    with new_library(tmp_path / "a", keep_dates=False, keep_camera=False) as library:
        [done] = library.commit([photo(1)])
        [found] = library.photos([done.photo_id])
        assert (found.taken_at, found.camera) == (None, None)
    assert b"camera-of" not in (tmp_path / "a" / "catalog.db").read_bytes()


def test_the_index_is_published_once_per_change_and_used_by_the_next_process(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(4)))
        assert library.publish(L2) == library.publish(L2) == 1
        assert library.publish(COSINE) == 2
        library.commit([photo(4)])
        assert library.publish(L2) == 3
    with Library.open(tmp_path / "a") as library:
        assert library.stats().generation == 3
        for path in library.path.glob("segments/*/*"):
            path.rename(path.with_suffix(".away"))
        assert [nearest(library, n) for n in range(5)] == list(ids_of(library).values())


def test_asking_for_what_is_not_there(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([photo(1), failed(2)])
        with pytest.raises(PhotoNotFoundError, match="check their ids"):
            library.photos([1])
        with pytest.raises(PhotoNotFoundError):
            library.vectors([library.find(content(2)) or 0])
        with pytest.raises(SpaceMismatchError):
            library.search(np.zeros((1, DIM + 1), np.float32), 1, L2)
        with pytest.raises(UsageError, match="at least one"):
            library.search(vector(1)[None], 0, L2)
        assert library.find(content(9)) is None


def test_vectors_of_chosen_photos(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        ids = [done.photo_id for done in library.commit(photos(range(5)))]
        chosen, vectors = library.vectors([ids[3], ids[1]])
        assert chosen.tolist() == [ids[1], ids[3]]
        np.testing.assert_array_equal(vectors, np.stack([vector(1), vector(3)]))


def test_library_json_says_what_the_library_is(tmp_path: Path) -> None:
    with new_library(tmp_path / "a", tagger="tagger@1") as library:
        text = json.loads((tmp_path / "a" / NAME).read_text())
        assert text["library_id"] == library.manifest.id
        assert text["space"] == {"identity": "test-encoder@0123abcd", "dim": DIM}
        assert (text["format"], text["tagger"], text["paths"]) == (1, "tagger@1", "relative")


def test_selected_photos_can_be_found_by_default(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([photo(1), photo(2, state=State.REVIEW, vector=None), failed(3)])
        assert library.select(Filter()).tolist() == library.vectors()[0].tolist()
        assert len(library.select(Filter(states=None))) == 3 and Filter().states == FINDABLE


def test_every_form_of_a_trace_is_seen_by_the_helper(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([photo(1)])
        library.publish(COSINE)
    assert len({trace for _, trace in found_traces(tmp_path / "a", 1)}) >= 10


def test_readers_search_on_while_the_writer_commits_publishes_and_erases(tmp_path: Path) -> None:
    answered: list[int] = []
    with new_library(tmp_path / "a") as writer, Library.open(tmp_path / "a") as reader:
        writer.commit(photos(range(3)))

        def ask() -> None:
            while len(answered) < 400 and not done.is_set():
                [hits] = reader.search(vector(1)[None], 5, L2)
                answered.append(len(hits))

        done = Event()
        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(ask) for _ in range(2)]
            for n in range(3, 15, 3):
                writer.commit(photos(range(n, n + 3)))
                writer.publish(L2)
                writer.erase([ids_of(writer)[n]])
            done.set()
            assert [one.result() for one in asking] == [None, None]
        assert answered and set(answered) <= {3, 4, 5}
        assert nearest(reader, 14) == ids_of(writer)[14]
