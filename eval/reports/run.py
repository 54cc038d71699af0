"""All that one measurement held in its hands: what the figures of a report are drawn from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.stages import Vectors


@dataclass(frozen=True, eq=False)
class Run:
    """One encoder pair and head on one data set: n images, and for each language code its q questions.

    `images` are names, `image_points` float32 [n, D] and `points` {code: float32 [q, D]} lie in the head's view (an
    angle or a squared distance, as `metric` says); `answers` {code: int64 [q]} are rows of `images`, -1 for an image
    that cannot be found; `texts` {code: q sentences}. `vectors` {code: float32 [q, d]} is what the text encoder made of
    the sentences before the head. `aligned` says that question i is the same sentence in every language.
    `thumbnail` gives the anonymised picture of an image by its name. `setting` is the report's own.
    """

    dataset: str
    images: tuple[str, ...]
    image_points: Vectors
    points: Mapping[str, Vectors]
    answers: Mapping[str, NDArray[np.int64]]
    texts: Mapping[str, tuple[str, ...]]
    metric: Literal["cosine", "l2"]
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    aligned: bool = False
    thumbnail: Callable[[str], Path | None] | None = None
    setting: Mapping[str, Any] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes in the order of the run."""
        return tuple(self.points)

    def nearest(self, code: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of the best image for these questions of a language, int64 [len(rows)]; the first of equal ones."""
        asked = self.points[code][rows].astype(np.float64)
        images = self.image_points.astype(np.float64)
        scores = asked @ images.T
        if self.metric == "l2":
            scores -= (images**2).sum(axis=1) / 2
        best: NDArray[np.int64] = scores.argmax(axis=1)
        return best
