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


def ratio_interval(
    share: float, count: int, base: float, base_count: int, level: float = 0.95, seed: int = 0
) -> tuple[float, float] | None:
    """Interval of `share` / `base`: the hits of `count` and of `base_count` queries, each drawn with replacement.

    Hits among n queries drawn so are binomial, so that the two shares are enough. None when `base` is 0.

    >>> ratio_interval(1.0, 10, 1.0, 10)
    (1.0, 1.0)
    """
    rng = np.random.default_rng(seed)
    hits = rng.binomial(count, share, RESAMPLES) / count
    base_hits = rng.binomial(base_count, base, RESAMPLES) / base_count
    ratios = hits[base_hits > 0] / base_hits[base_hits > 0]
    if not base or not len(ratios):
        return None
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
