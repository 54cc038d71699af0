"""The rank of the right answer among all."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def ranks_of_relevant(
    scores: NDArray[np.floating],
    relevant: NDArray[np.integer],
    ties: Literal["pessimistic", "optimistic"] = "pessimistic",
) -> NDArray[np.float64]:
    """Ranks, from 1, of each query's one relevant item; a higher score is better.

    `scores` is [queries, items], `relevant` [queries] holds columns, −1 where the item is not there at all (rank
    infinity). Pessimistic: everything that scores the same as the relevant item comes before it, so that a model that
    gives all items one score finds nothing. Raises `ValueError` when the shapes do not fit.

    >>> ranks_of_relevant(np.array([[.2, .2, .1], [.3, .9, .9]]), np.array([0, 1]))
    array([2., 2.])
    """
    if scores.ndim != 2 or relevant.shape != scores.shape[:1]:
        raise ValueError("scores must be [queries, items] and relevant [queries]")
    there = relevant >= 0
    own = scores[np.arange(len(scores)), np.where(there, relevant, 0)][:, None]
    before = (scores > own).sum(axis=1) + 1 if ties == "optimistic" else (scores >= own).sum(axis=1)
    return np.where(there, before.astype(np.float64), np.inf)


def ranks_of_best(scores: NDArray[np.floating], relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Ranks, from 1, of the best of each query's relevant items; infinity where it has none.

    `scores` and `relevant` are [queries, items]. Ties are pessimistic: what is not relevant and scores the same as the
    best relevant item comes before it. Raises `ValueError` when the shapes do not fit.

    >>> ranks_of_best(np.array([[.9, .2, .5]]), np.array([[False, True, True]]))
    array([2.])
    """
    if scores.ndim != 2 or relevant.shape != scores.shape:
        raise ValueError("scores and relevant must be [queries, items]")
    best = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True)
    before = ((scores >= best) & ~relevant).sum(axis=1) + 1
    return np.where(relevant.any(axis=1), before.astype(np.float64), np.inf)
