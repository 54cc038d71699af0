"""Exact nearest-neighbour search with FAISS: five verbs, the same answers on a CPU and on a GPU.

FAISS proposes candidates; their scores are then computed anew in float64, so that neither the device nor the size of
a batch decides between neighbours, and ties are ties.
"""

from dataclasses import dataclass
from threading import RLock
from typing import Any, Literal, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import SpaceMismatchError
from indexer.stages import Vectors

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

MARGIN = 16
"""Candidates beyond k that are scored anew."""

ROUNDING = 1e-5
"""Relative error of a float32 distance that is allowed for when candidates are proposed."""

GPU_K = 2048
"""The largest k that FAISS searches for on a GPU."""


@dataclass(frozen=True)
class Found:
    """Best first, ties by id: `ids` int64 [n, k] and `scores` float64 [n, k], where k is what there was to be had."""

    ids: Ids
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """The content of a store at one moment: a FAISS index and the photo id of each of its rows."""

    index: Any
    ids: Ids


class VectorStore(Protocol):
    """Where vectors are searched. Rows are dense: an `allowed` bitmap has one entry per row."""

    @property
    def ids(self) -> Ids:
        """The photo id of each row, int64 [n]."""

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Appends rows float32 [n, d] under new ids."""

    def remove(self, ids: Ids) -> None:
        """Takes rows out; what is not there is ignored."""

    def search(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> Found:
        """The k nearest rows of each of float32 [n, d] among those that `allowed` (bool [rows]) marks."""

    def count(self) -> int:
        """How many rows there are."""

    def snapshot(self) -> Snapshot:
        """A copy that later changes do not touch."""


class FlatStore:
    """A `VectorStore` that compares with every row. `l2` scores by −squared distance, `cosine` by inner product."""

    def __init__(self, dim: int, metric: Literal["l2", "cosine"], *, gpu: bool | None = None) -> None:
        self.metric = metric
        self._index = faiss.IndexFlatL2(dim) if metric == "l2" else faiss.IndexFlatIP(dim)
        self._ids: Ids = np.empty(0, np.int64)
        self._longest = 0.0
        self._lock = RLock()
        self._gpu = _Gpu() if (gpu_available() if gpu is None else gpu) else None

    @classmethod
    def restored(cls, snapshot: Snapshot, metric: Literal["l2", "cosine"], *, gpu: bool | None = None) -> "FlatStore":
        """A store that goes on from a snapshot."""
        store = cls(snapshot.index.d, metric, gpu=gpu)
        store._index, store._ids = snapshot.index, snapshot.ids
        store._longest = _longest(store._rows())
        return store

    @property
    def ids(self) -> Ids:
        """The photo id of each row, int64 [n]."""
        return self._ids

    def count(self) -> int:
        """How many rows there are."""
        return len(self._ids)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Appends rows float32 [n, d] under new ids."""
        self._check(vectors)
        with self._lock:
            self._index.add(np.ascontiguousarray(vectors, np.float32))
            self._ids = np.concatenate([self._ids, np.asarray(ids, np.int64)])
            self._longest = max(self._longest, _longest(vectors))
            self._changed()

    def remove(self, ids: Ids) -> None:
        """Takes rows out; the others move up and keep their order."""
        with self._lock:
            gone = np.isin(self._ids, ids)
            if gone.any():
                self._index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(gone).astype(np.int64)))
                self._ids = self._ids[~gone]
                self._changed()

    def search(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> Found:
        """The k nearest allowed rows of each query, exact; k shrinks to what is there."""
        self._check(vectors)
        with self._lock:
            rows = np.arange(self.count()) if allowed is None else np.flatnonzero(allowed)
            k = min(k, len(rows))
            found = Found(np.zeros((len(vectors), k), np.int64), np.zeros((len(vectors), k)))
            pending, fetch = np.arange(len(vectors)), k + MARGIN
            while k and len(pending):
                pending = self._fill(found, np.asarray(vectors, np.float32), pending, fetch, rows, allowed)
                fetch *= 4
            return found

    def snapshot(self) -> Snapshot:
        """A copy that later changes do not touch."""
        with self._lock:
            return Snapshot(faiss.clone_index(self._index), self._ids.copy())

    def _fill(
        self, found: Found, queries: Vectors, pending: Ids, fetch: int, rows: Ids, allowed: Mask | None
    ) -> NDArray[np.int64]:
        """Answers what `fetch` candidates can answer for certain. Returns the queries that need more."""
        k, everything = found.ids.shape[1], len(rows) <= fetch
        if everything:
            worst, candidates = np.full(len(pending), -np.inf), np.broadcast_to(rows, (len(pending), len(rows)))
        else:
            worst, candidates = self._candidates(queries[pending], fetch, allowed)
        unsure = []
        for at, row_numbers, limit in zip(pending, candidates, worst, strict=True):
            scores = self._scores(queries[at], row_numbers)
            best = np.lexsort((self._ids[row_numbers], -scores))[:k]
            found.ids[at], found.scores[at] = self._ids[row_numbers[best]], scores[best]
            if limit + self._tolerance(queries[at]) >= scores[best[-1]]:
                unsure.append(at)
        return np.array(unsure, np.int64)

    def _candidates(
        self, queries: Vectors, fetch: int, allowed: Mask | None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """FAISS' nearest `fetch` rows [n, fetch] of each query, and the score [n] of the worst of them."""
        answer = self._gpu.candidates(self._index, queries, fetch, allowed) if self._gpu else None
        if answer is None:
            answer = self._index.search(queries, fetch, params=_only(allowed))
        distances, rows = answer
        worst = distances[:, -1].astype(np.float64)
        return (-worst if self.metric == "l2" else worst), rows

    def _scores(self, query: NDArray[np.float32], rows: Ids) -> NDArray[np.float64]:
        points, wide = self._rows()[rows].astype(np.float64), query.astype(np.float64)
        if self.metric == "l2":
            return np.asarray(0.0 - np.square(points - wide).sum(axis=1))
        return np.asarray((points * wide).sum(axis=1))

    def _tolerance(self, query: NDArray[np.float32]) -> float:
        length = float(np.linalg.norm(query))
        return ROUNDING * (length * self._longest if self.metric == "cosine" else length**2 + self._longest**2)

    def _rows(self) -> Vectors:
        n, d = self._index.ntotal, self._index.d
        if n == 0:
            return np.empty((0, d), np.float32)
        return np.asarray(faiss.rev_swig_ptr(self._index.get_xb(), n * d).reshape(n, d))

    def _changed(self) -> None:
        if self._gpu:
            self._gpu.clone = None

    def _check(self, vectors: Vectors) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self._index.d:
            raise SpaceMismatchError(
                f"The library's vectors have {self._index.d} dimensions, these are {vectors.shape}: "
                "use an encoder or head of its image space."
            )


class _Gpu:
    """A copy of the index on the first GPU, made when it is first needed and dropped when the index changes."""

    def __init__(self) -> None:
        self.resources = faiss.StandardGpuResources()
        self.clone: Any = None

    def candidates(self, index: Any, queries: Vectors, fetch: int, allowed: Mask | None) -> Any:
        """Like the CPU's search, by over-fetching and filtering here, because GPU indexes ignore selectors.

        None when the filter lets so little through that more than `GPU_K` rows would have to be fetched.
        """
        if self.clone is None:
            self.clone = faiss.index_cpu_to_gpu(self.resources, 0, index)
        more = fetch
        while more <= GPU_K:
            distances, rows = self.clone.search(queries, min(more, index.ntotal))
            if allowed is None:
                return distances, rows
            if (kept := _kept(distances, rows, allowed, fetch)) is not None:
                return kept
            more *= 4
        return None


def _kept(distances: Vectors, rows: Ids, allowed: Mask, fetch: int) -> tuple[Vectors, Ids] | None:
    """The first `fetch` allowed candidates of each query, None when one has fewer."""
    good = allowed[rows]
    if (good.sum(axis=1) < fetch).any():
        return None
    first = np.argsort(~good, axis=1, kind="stable")[:, :fetch]
    return np.take_along_axis(distances, first, 1), np.take_along_axis(rows, first, 1)


def _only(allowed: Mask | None) -> Any:
    if allowed is None:
        return None
    wrapped: Any = faiss  # the stubs describe the C++ constructors, not the ones that take arrays
    return wrapped.SearchParameters(sel=wrapped.IDSelectorBitmap(np.packbits(allowed, bitorder="little")))


def _longest(vectors: Vectors) -> float:
    return float(np.linalg.norm(vectors, axis=1).max()) if len(vectors) else 0.0


def gpu_available() -> bool:
    """Whether FAISS was built for GPUs and sees one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0
