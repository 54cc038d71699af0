"""Recall at k."""

import numpy as np
from numpy.typing import NDArray


def recall_at_k(ranks: NDArray[np.float64], k: int) -> float:
    """Share of queries whose relevant item is among the first k; `ranks` [queries] count from 1.

    Raises `ValueError` without queries.

    >>> recall_at_k(np.array([1., 11., 3., np.inf]), 10)
    0.5
    """
    if not len(ranks):
        raise ValueError("recall of no queries is not defined")
    return float((ranks <= k).mean())
