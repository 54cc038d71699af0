"""Promises 1, 2, 3 and 6 of a library, at every file operation of its life: kill -9, and power loss."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from indexer import durable
from indexer.library import Library
from indexer.manifest import NAME
from tests.indexer.crash import KillPoints, PowerLoss, Watcher
from tests.indexer.shelf import COSINE, L2, content, found_traces, ids_of, nearest, new_library, photos, thumbnail

ALL = frozenset(range(7))


def live(path: Path, watcher: Watcher) -> None:
    """A short life of a library. The note says which photos are certain to be in it, and which may be."""
    note = watcher.note
    note.update(certain={}, possible=frozenset(), erasing=frozenset())
    with durable.watched(watcher), new_library(path) as library:
        commit(library, note, [0, 1, 2])
        library.publish(L2)
        commit(library, note, [3, 4])
        library.publish(COSINE)
        library.search(L2.prepare(library.vectors()[1]), 3, L2)
        library.publish(L2)
        commit(library, note, [5])
        erase(library, note, {1, 4})
        commit(library, note, [6])
    with durable.watched(watcher), Library.open(path, writable=True) as library:
        erase(library, note, {0, 6})
        library.publish(L2)
        library.compact()


def commit(library: Library, note: dict[str, Any], numbers: Any) -> None:
    note["possible"] = frozenset(numbers)
    done = library.commit(photos(numbers))
    note["certain"] = note["certain"] | dict(zip(numbers, (photo.photo_id for photo in done), strict=True))
    note["possible"] = frozenset()


def erase(library: Library, note: dict[str, Any], numbers: set[int]) -> None:
    note["erasing"] = frozenset(numbers)
    library.erase([note["certain"][n] for n in numbers])
    note["certain"] = {n: photo_id for n, photo_id in note["certain"].items() if n not in numbers}
    note["erasing"] = frozenset()


def check(label: str, path: Path, note: dict[str, Any]) -> None:
    """Opens what a crash has left, and holds it against the promises."""
    if not (path / NAME).exists():
        assert not note["certain"], label
        new_library(path).close()
    with Library.open(path, writable=True) as library:
        present = ids_of(library)
        certain = {n: i for n, i in note["certain"].items() if n not in note["erasing"]}
        assert certain.items() <= present.items(), label
        assert present.keys() <= note["certain"].keys() | note["possible"], label
        assert present.keys() & note["possible"] in (frozenset(), note["possible"]), label
        assert present.keys() & note["erasing"] in (frozenset(), note["erasing"]), label
        assert library.verify() == [], label
        for photo in library.photos(list(present.values())):
            assert photo.thumbnail and photo.thumbnail.exists(), label
        for n, photo_id in present.items():
            assert nearest(library, n) == photo_id, label
            assert library.photos([photo_id])[0].thumbnail.read_bytes() == thumbnail(n), label
    for n in ALL - present.keys():
        assert found_traces(path, n) == [], label
    assert not [file for file in path.rglob("*") if durable.TEMP in file.name or durable.QUARANTINE in file.name], label


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of libraries are opened here, each with its fsyncs."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_killed_at_any_point_it_keeps_what_was_reported_and_nothing_else(scratch: Path) -> None:
    watcher = KillPoints(scratch / "a.library", scratch, check)
    live(scratch / "a.library", watcher)
    assert watcher.states > 150


def test_without_power_at_any_point_it_keeps_what_was_reported_and_nothing_else(scratch: Path) -> None:
    watcher = PowerLoss(scratch / "a.library", scratch, check)
    live(scratch / "a.library", watcher)
    watcher.release()
    assert watcher.states > 150


def test_content_is_what_the_helpers_say(tmp_path: Path) -> None:
    with new_library(tmp_path / "a.library") as library:
        [done] = library.commit(photos([3]))
        assert library.photos([done.photo_id])[0].sha256 == content(3)
        assert {type(trace) for _, trace in found_traces(tmp_path / "a.library", 3)} == {bytes}


CHILD = """
import sys
from pathlib import Path
from indexer.library import Library
from tests.indexer.shelf import L2, ids_of, photos
with Library.open(Path(sys.argv[1]), writable=True) as library:
    print("open", flush=True)
    start = max(ids_of(library), default=-1) + 1
    for n in range(start, start + 4, 2):
        done = library.commit(photos([n, n + 1]))
        print(*(f"{n + at}:{one.photo_id}" for at, one in enumerate(done)), flush=True)
        library.publish(L2)
"""


def test_killed_in_earnest_it_keeps_what_was_reported(scratch: Path) -> None:
    path, reported = scratch / "a.library", dict[int, int]()
    new_library(path).close()
    for milliseconds in (0, 2, 7, 30):
        command = [sys.executable, "-c", CHILD, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stdout.readline() == "open\n"
            time.sleep(milliseconds / 1000)
            child.kill()
            pairs = (pair.split(":") for line in child.stdout if line.endswith("\n") for pair in line.split())
            reported.update({int(n): int(photo_id) for n, photo_id in pairs})
        with Library.open(path, writable=True) as library:
            present = ids_of(library)
            assert reported.items() <= present.items() and library.verify() == []
            assert len(present) % 2 == 0 and all(nearest(library, n) == i for n, i in present.items())
