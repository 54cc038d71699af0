"""Mean reciprocal rank."""

import numpy as np
from numpy.typing import NDArray


def mean_reciprocal_rank(ranks: NDArray[np.float64]) -> float:
    """Mean of 1 / rank over the queries; an item that is not there (rank infinity) counts 0.

    >>> mean_reciprocal_rank(np.array([1., 4., np.inf, np.inf]))
    0.3125
    """
    return float((1 / ranks).mean())
