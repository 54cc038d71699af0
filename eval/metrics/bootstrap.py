"""Confidence intervals by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13)."""

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000


def bootstrap_interval(values: NDArray[np.float64], level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """Interval of the mean of `values` [queries], queries drawn with replacement; equal seeds, equal intervals.

    >>> bootstrap_interval(np.ones(5))
    (1.0, 1.0)
    """
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
