"""Every question against every photo, exactly, a block at a time."""

import numpy as np
from numpy.typing import NDArray

from eval.metrics.ranks import ranks_of_best, ranks_of_relevant
from indexer.stages import Vectors
from indexer.views import View

BLOCK = 512
"""Rows scored at a time."""


def score(queries: Vectors, photos: Vectors, view: View) -> NDArray[np.float64]:
    """All scores [queries, photos] in double precision: a cosine, or minus the squared distance."""
    left, right = queries.astype(np.float64), photos.astype(np.float64)
    products: NDArray[np.float64] = left @ right.T
    if view.metric == "cosine":
        return products
    products *= 2
    products -= (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None]
    return products


def photo_ranks(points: Vectors, answers: NDArray[np.int64], photos: Vectors, view: View) -> NDArray[np.float64]:
    """Rank of each question's photo among all. Points of the view, [questions, d] and [photos, d].

    `answers` [questions] are rows of `photos`, -1 for a photo that is not there (rank infinity).
    """
    blocks = [slice(start, start + BLOCK) for start in range(0, len(points), BLOCK)]
    return np.concatenate([ranks_of_relevant(score(points[b], photos, view), answers[b]) for b in blocks])


def caption_ranks(photos: Vectors, points: Vectors, answers: NDArray[np.int64], view: View) -> NDArray[np.float64]:
    """Rank of each photo's best caption among all captions, for the photos that have one, by row; arguments as above.

    Photos that are not there are not asked.
    """
    asked = np.unique(answers[answers >= 0])
    blocks = [asked[start : start + BLOCK] for start in range(0, len(asked), BLOCK)]
    ranks = [ranks_of_best(score(photos[b], points, view), answers[None] == b[:, None]) for b in blocks]
    return np.concatenate([np.empty(0), *ranks])
