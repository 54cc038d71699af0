"""The view that a head is trained for: where photos' vectors are moved and turned to before they are compared."""

import numpy as np

from indexer.stages import Vectors
from indexer.views import View
from retrieval.training.recipes import HeadRecipe

POWER = 0.25
"""Each axis is divided by its variance to this power: half way to full whitening, which would blow up noise."""

LEAST_SHARE = 1e-6
"""Axes with less of the greatest variance hold nothing but rounding errors."""

MEDIAN_SAMPLE = 1000


def fit_view(recipe: HeadRecipe, photos: Vectors) -> View:
    """From the train photos' raw vectors, float32 [p, D]; a projection is rounded to half precision, as in its file."""
    if recipe.view_dim is None:
        return View(recipe.metric, photos.mean(axis=0) if recipe.metric == "cosine" else None)
    centre = np.asarray(photos.mean(axis=0), np.float32)
    variances, axes = np.linalg.eigh(np.cov(photos - centre, rowvar=False, dtype=np.float64))
    kept = np.flatnonzero(variances > LEAST_SHARE * variances[-1])[::-1][: recipe.view_dim]
    projection = axes[:, kept] * variances[kept] ** -POWER
    return View(recipe.metric, centre, projection.astype(np.float16).astype(np.float32))


def typical_distance(points: Vectors) -> float:
    """Median squared Euclidean distance between two of the points (of up to 1,000, evenly spread)."""
    rows = points[np.linspace(0, len(points) - 1, min(MEDIAN_SAMPLE, len(points))).astype(int)]
    squares = (rows**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * rows @ rows.T
    return float(np.median(distances[np.triu_indices(len(rows), 1)]))
