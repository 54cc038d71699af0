"""A view's index in memory: from the newest sound generation or the segments, kept in step with the catalog."""

import logging
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from indexer.catalog.census import Census
from indexer.errors import LibraryCorruptError
from indexer.parts import Parts
from indexer.segments import Segments
from indexer.stages import Vectors
from indexer.vectorstore import FlatStore, Found
from indexer.views import View

log = logging.getLogger(__name__)

Ids = NDArray[np.int64]


class Searcher:
    """Searches in one view of one library."""

    def __init__(self, parts: Parts, view: View, *, writable: bool) -> None:
        self.parts = parts
        self.view = view
        self.store = self._load(writable)
        self.seq = -1
        self._lock = RLock()

    def follow(self, census: Census) -> None:
        """Takes out what may no longer be found and reads in what has come since."""
        with self._lock:
            if self.seq == census.seq:
                return
            self.store.remove(np.setdiff1d(self.store.ids, census.findable))
            missing = np.setdiff1d(census.findable, self.store.ids)
            if len(missing):
                ids, vectors = read_vectors(self.parts.segments, census, missing)
                self.store.add(ids, self.view.prepare(vectors))
            self.seq = census.seq

    def search(self, queries: Vectors, k: int, allowed: Ids | None) -> Found:
        """The k best of the photos `allowed` (ids) for each query, a point of the view, float32 [n, d]."""
        with self._lock:
            mask = None if allowed is None else np.isin(self.store.ids, allowed)
            return self.store.search(self.view.prepare_queries(queries), k, mask)

    def publish(self) -> int:
        """Writes the index as it stands as a new generation, unless the newest one says the same."""
        generations = self.parts.generations
        newest = next(iter(generations.of_view(self.view.identity)), None)
        if newest and newest.applied_seq == self.seq and generations.is_intact(newest):
            return newest.number
        number = generations.write(self.store.snapshot(), self.view.identity, self.view.metric, self.seq)
        generations.prune()
        return number

    def _load(self, writable: bool) -> FlatStore:
        generations = self.parts.generations
        for generation in generations.of_view(self.view.identity):
            if (snapshot := generations.open(generation)) is not None:
                return FlatStore.restored(snapshot, self.view.metric)
            log.warning("Index generation %d is damaged and was passed over.", generation.number)
            if writable:
                generations.put_aside(generation.number)
        return FlatStore(self.view.dim(self.parts.manifest.space.dim), self.view.metric)


def read_vectors(segments: Segments, census: Census, wanted: Ids) -> tuple[Ids, Vectors]:
    """Raw vectors of `wanted` photos (int64, ascending): ids int64 [n], ascending, and float32 [n, d].

    Raises `LibraryCorruptError` when one of them is damaged or missing, FileNotFoundError when a segment has been
    replaced since the census.
    """
    parts = []
    for number, rows in census.segments.items():
        chosen = np.isin(segments.ids(number, rows), wanted)
        if chosen.any():
            parts.append(segments.read(number, rows, chosen))
    ids = np.concatenate([np.empty(0, np.int64), *(part.ids[part.intact] for part in parts)])
    vectors = np.concatenate(
        [np.empty((0, segments.space.dim), np.float32), *(part.vectors[part.intact] for part in parts)]
    )
    if lost := len(np.setdiff1d(wanted, ids)):
        raise LibraryCorruptError(
            f"{lost} vectors are damaged: run `photoveil compact` to save the rest, then index the folder again."
        )
    order = np.argsort(ids, kind="stable")
    return ids[order], vectors[order]
