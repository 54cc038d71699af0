"""How stored raw vectors are compared: a metric, and where the space is moved and turned to before that."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.errors import UsageError
from indexer.stages import Vectors


@dataclass(frozen=True, eq=False)
class View:
    """`l2` ranks by squared Euclidean distance, `cosine` by the angle, of vectors less `centre`, times `projection`.

    `centre` is float32 [d] (None for 0), `projection` float32 [d, d'] (None for none): the points of the view have d'
    dimensions. Segments hold raw vectors; an index belongs to one view. Raises `UsageError` for a centre that would
    change nothing (with `l2`, without a projection) or does not fit the projection.
    """

    metric: Literal["l2", "cosine"]
    centre: NDArray[np.float32] | None = None
    projection: Vectors | None = None

    def __post_init__(self) -> None:
        if self.metric == "l2" and self.centre is not None and self.projection is None:
            raise UsageError("A view by Euclidean distance takes no centre: leave it out.")
        if self.projection is not None and self.centre is not None and len(self.centre) != len(self.projection):
            raise UsageError("The view's centre and its projection are of two spaces: give those of one head.")

    @property
    def identity(self) -> str:
        """Names the metric, the centre and the projection; equal for equal views."""
        arrays = [array for array in (self.centre, self.projection) if array is not None]
        if not arrays:
            return self.metric
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays))
        return f"{self.metric}-{digest.hexdigest()[:16]}"

    def dim(self, raw: int) -> int:
        """Dimensions of the view's points, for raw vectors of `raw` dimensions."""
        return raw if self.projection is None else self.projection.shape[1]

    def prepare(self, vectors: Vectors) -> Vectors:
        """Raw vectors of photos, float32 [n, d], to points of the view, [n, d']; a zero vector stays zero."""
        rows = np.asarray(vectors, dtype=np.float32)
        rows = rows if self.centre is None else rows - self.centre
        return self.prepare_queries(rows if self.projection is None else rows @ self.projection)

    def prepare_queries(self, points: Vectors) -> Vectors:
        """What a head put into the view, or `prepare` made, float32 [n, d']: scaled as the metric asks, not moved.

        Doing it twice changes nothing.
        """
        rows = np.asarray(points, dtype=np.float32)
        if self.metric == "l2":
            return np.ascontiguousarray(rows)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.ascontiguousarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)
