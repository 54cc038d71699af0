"""A library of photos: what rests, and what it promises.

The commit of a batch is the catalog's commit: thumbnails and vectors are durable before it, and do not exist without
it. One process writes; any number read, and follow what it commits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from indexer import durable, erase, recovery
from indexer.catalog.census import Census, counts, findable_among
from indexer.catalog.entries import find_content, known_places, storable
from indexer.catalog.select import Filter, fetch_photos, file_names, select_ids
from indexer.commit import Places, commit_batch
from indexer.errors import (
    LibraryCorruptError,
    LibraryNotFoundError,
    PhotoNotFoundError,
    UsageError,
)
from indexer.manifest import NAME, Manifest, Paths, new_manifest
from indexer.opening import build_parts, check_vacant, locked, open_parts
from indexer.parts import Parts
from indexer.photos import Committed, Location, NewPhoto, Photo, Problem, Receipt, Scored, Stats
from indexer.searcher import Searcher, read_vectors
from indexer.stages import ImageSpace, Vectors
from indexer.verify import find_problems
from indexer.views import View

T = TypeVar("T")

__all__ = [
    "Committed",
    "Filter",
    "Library",
    "Location",
    "NewPhoto",
    "Photo",
    "Problem",
    "Receipt",
    "Scored",
    "Stats",
    "View",
]


class Library:
    """A library on disk. Make one with `create` or `open`, use it as a context manager.

    All verbs may be called from several threads. Writing verbs raise `UsageError` in a library opened for reading.
    """

    def __init__(self, parts: Parts, lock: FileLock | None) -> None:
        self._parts = parts
        self._file_lock = lock
        self._lock = RLock()
        self._census: Census | None = None
        self._searchers: dict[str, Searcher] = {}
        self._places: Places | None = None
        if lock is not None:
            recovery.recover(parts)
            if erase.unfinished(parts):
                erase.finish_erasures(parts)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        space: ImageSpace,
        profile: str,
        policy: Mapping[str, Any],
        paths: Paths = "relative",
        keep_dates: bool = True,
        keep_camera: bool = True,
        tagger: str | None = None,
        database_url: str | None = None,
    ) -> "Library":
        """A new, empty library, opened for writing.

        Raises `UsageError` when `path` is a library already or a folder with something else in it.
        """
        keeping = {"paths": paths, "keep_dates": keep_dates, "keep_camera": keep_camera}
        manifest = new_manifest(space=space, profile=profile, policy=dict(policy), tagger=tagger, **keeping)
        with durable.refusing("make the library"):
            check_vacant(path)
            path.mkdir(parents=True, exist_ok=True)
            lock = locked(path)
            try:
                return cls(build_parts(path, manifest, database_url), lock)
            except BaseException:
                lock.release()
                raise

    @classmethod
    def open(cls, path: Path, *, writable: bool = False, database_url: str | None = None) -> "Library":
        """Opens a library. For writing, what a crash has left is put right first.

        Raises `LibraryNotFoundError`, `LibraryLockedError` when another process writes, `LibraryVersionError`,
        `LibraryCorruptError`.
        """
        if not (path / NAME).exists():
            raise LibraryNotFoundError("There is no library at that place: index a folder first.")
        with durable.refusing("open the library"):
            lock = locked(path) if writable else None
            try:
                return cls(open_parts(path, database_url, writable=writable), lock)
            except BaseException:
                if lock is not None:
                    lock.release()
                raise

    def __enter__(self) -> "Library":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the writer's lock and all connections back."""
        self._parts.catalog.close()
        if self._file_lock is not None:
            self._file_lock.release()

    @property
    def manifest(self) -> Manifest:
        """What the library is: id, image space, profile, tagger, policy."""
        return self._parts.manifest

    @property
    def path(self) -> Path:
        """The library's folder."""
        return self._parts.path

    def root_of(self, folder: Path) -> str:
        """The `root` of locations below an indexed folder."""
        return self.manifest.root_of(folder)

    def is_known(self, location: Location) -> bool:
        """Whether a file of this size and time was taken in from this place; always False where no paths are kept."""
        known = self._known_places().get((storable(location.root), storable(location.path)))
        return known is not None and known[:2] == (location.size, location.mtime_ns)

    def find(self, sha256: str) -> int | None:
        """The id of the photo with this content, None for an unknown one or one that has lost its vector."""
        with self._parts.catalog.reading() as connection:
            return find_content(connection, self.manifest.library_id, sha256)

    def commit(self, batch: Sequence[NewPhoto]) -> list[Committed]:
        """Takes photos in, in the order of `batch`: thumbnails, vectors and rows in one step, durable on return.

        Raises `LibraryError` when the disk is full; then nothing of the batch is in the library.
        """
        with self._writing("store the photos"):
            return commit_batch(self._parts, self._now(), self._known_places(), batch)

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Photos in the order of `ids`. Raises `PhotoNotFoundError`."""
        with self._parts.catalog.reading() as connection:
            return fetch_photos(connection, self.manifest.library_id, [int(i) for i in ids], self._parts.thumbs)

    def file_names(self) -> list[tuple[str, int]]:
        """The last part of every path that a photo lies at, and the photo's id, by ascending id.

        A photo that lies at several places has several names; in a library that keeps no paths none has one.
        """
        with self._parts.catalog.reading() as connection:
            return file_names(connection, self.manifest.library_id)

    def select(self, wanted: Filter) -> NDArray[np.int64]:
        """Ids of the photos that fulfil a filter, int64, ascending."""
        with self._parts.catalog.reading() as connection:
            return select_ids(connection, self.manifest.library_id, wanted)

    def search(
        self, queries: Vectors, k: int, view: View, allowed: NDArray[np.int64] | None = None
    ) -> list[list[Scored]]:
        """The k best photos for each query, best first, ties by id; fewer only when there are fewer.

        `queries` are points of the view, float32 [n, d]: what a head projects to, or what `view.prepare` makes of
        photos' vectors. `allowed` restricts to these photo ids. A score is −squared distance or a cosine.
        """
        if k < 1:
            raise UsageError("Ask for at least one photo.")
        searcher = self._searcher(view)
        while True:
            self._following(searcher.follow)
            found = searcher.search(queries, k, allowed)
            ids = np.unique(found.ids).tolist()
            with self._parts.catalog.reading() as connection:
                if len(findable_among(connection, self.manifest.library_id, ids)) == len(ids):
                    break
        pairs = (zip(i, s, strict=True) for i, s in zip(found.ids.tolist(), found.scores.tolist(), strict=True))
        return [[Scored(photo_id, score) for photo_id, score in row] for row in pairs]

    def vectors(self, ids: Sequence[int] | NDArray[np.int64] | None = None) -> tuple[NDArray[np.int64], Vectors]:
        """Raw vectors of all photos that may be found, or of `ids`: ids int64 [n], ascending, float32 [n, d].

        Raises `PhotoNotFoundError` for an id without a vector.
        """
        return self._following(lambda census: self._read_vectors(census, ids))

    def publish(self, view: View) -> int:
        """Writes the index of a view to disk, so that the next process finds it ready. Returns its number."""
        searcher = self._searcher(view)
        with self._writing("write the index"):
            searcher.follow(self._now())
            return searcher.publish()

    def stats(self) -> Stats:
        """How much there is."""
        census = self._now()
        with self._parts.catalog.reading() as connection:
            states, places = counts(connection, self.manifest.library_id)
        newest = next(iter(self._parts.generations.numbers()), None)
        return Stats(sum(states.values()), len(census.findable), places, states, newest)

    def verify(self) -> list[Problem]:
        """Reads every byte and lists what is wrong."""
        return list(find_problems(self._parts, self._now()))

    def compact(self) -> None:
        """Saves what damaged files still hold, finishes erasures, and gives the space of what is gone back."""
        with self._writing("compact the library"):
            recovery.recover(self._parts)
            if erase.unfinished(self._parts):
                erase.finish_erasures(self._parts)
            else:
                erase.tidy(self._parts)

    def erase(self, ids: Sequence[int]) -> Receipt:
        """Erases photos: on return no byte of them is under the library's folder.

        Raises `PhotoNotFoundError` when one is not there; then nothing is erased.
        """
        with self._writing("erase the photos"):
            self._places = None
            return erase.erase_photos(self._parts, [int(i) for i in ids])

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        if self._file_lock is None:
            raise UsageError("The library is open for reading only: open it for writing.")
        with self._lock, durable.refusing(what):
            yield

    def _now(self) -> Census:
        with self._lock:
            self._census = self._parts.census(self._census)
            return self._census

    def _following(self, action: Callable[[Census], T]) -> T:
        """Does something with the catalog as of now, again when the writer replaces a segment meanwhile."""
        census = self._now()
        while True:
            try:
                return action(census)
            except FileNotFoundError as error:
                before, census = census, self._now()
                if before is census:
                    raise LibraryCorruptError("A segment is missing: restore it from a backup, or compact.") from error

    def _searcher(self, view: View) -> Searcher:
        with self._lock:
            if view.identity not in self._searchers:
                self._searchers[view.identity] = Searcher(self._parts, view, writable=self._file_lock is not None)
            return self._searchers[view.identity]

    def _read_vectors(
        self, census: Census, ids: Sequence[int] | NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], Vectors]:
        wanted = census.findable if ids is None else np.unique(np.asarray(ids, np.int64))
        if missing := len(np.setdiff1d(wanted, census.findable)):
            raise PhotoNotFoundError(f"{missing} of the photos asked for have no vector here: check their ids.")
        return read_vectors(self._parts.segments, census, wanted)

    def _known_places(self) -> Places:
        with self._lock:
            if self._places is None:
                with self._parts.catalog.reading() as connection:
                    self._places = known_places(connection, self.manifest.library_id)
            return self._places
