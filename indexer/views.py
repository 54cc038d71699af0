"""How stored raw vectors are compared: a metric, and the centre that is taken out before angles are measured."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.errors import UsageError
from indexer.stages import Vectors


@dataclass(frozen=True, eq=False)
class View:
    """`l2` ranks by squared Euclidean distance, `cosine` by the angle around `centre` (float32 [d], or None for 0).

    Segments hold raw vectors; an index belongs to one view. Raises `UsageError` for a centre with `l2`, where it
    would change nothing.
    """

    metric: Literal["l2", "cosine"]
    centre: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.metric == "l2" and self.centre is not None:
            raise UsageError("A view by Euclidean distance takes no centre: leave it out.")

    @property
    def identity(self) -> str:
        """Names the metric and the centre; equal for equal views."""
        if self.centre is None:
            return self.metric
        centre = np.ascontiguousarray(self.centre, dtype="<f4")
        return f"{self.metric}-{hashlib.sha256(centre.tobytes()).hexdigest()[:16]}"

    def prepare(self, vectors: Vectors) -> Vectors:
        """Raw vectors of photos, float32 [n, d], to points of the view, same shape; a zero vector stays zero."""
        rows = np.asarray(vectors, dtype=np.float32)
        return self.prepare_queries(rows if self.centre is None else rows - self.centre)

    def prepare_queries(self, points: Vectors) -> Vectors:
        """What a head put into the view, or `prepare` made, float32 [n, d]: scaled as the metric asks, not centred.

        Doing it twice changes nothing.
        """
        rows = np.asarray(points, dtype=np.float32)
        if self.metric == "l2":
            return np.ascontiguousarray(rows)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.ascontiguousarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)
