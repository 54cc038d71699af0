"""Points of many dimensions as a map: PCA to 50, then t-SNE (van der Maaten and Hinton 2008), equal for equal input."""

import numpy as np

from indexer.errors import DataError, MissingExtraError
from indexer.stages import Vectors

COMPONENTS = 50
PERPLEXITY = 30.0
SMALL, STEPS, STEPS_OF_SMALL = 1000, 1000, 400
"""A map of few points has settled long before: its divergence would fall by 4 % more."""

LEAST = 4
"""Fewer points have no neighbourhoods to keep."""


def tsne(points: Vectors, seed: int = 0) -> Vectors:
    """float32 [n, d] to places float32 [n, 2]. Raises `DataError` for fewer than four points, `MissingExtraError`."""
    if len(points) < LEAST:
        raise DataError(f"A map needs at least {LEAST} points: measure more questions.")
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingExtraError("report", "Drawing a map of points") from error
    rows = np.asarray(points, np.float64)
    if min(rows.shape) > COMPONENTS:
        rows = PCA(COMPONENTS, svd_solver="randomized", random_state=seed).fit_transform(rows)
    # Euclidean neighbours: of points of length 1 they are the neighbours by angle too.
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    steps = STEPS if len(rows) > SMALL else STEPS_OF_SMALL
    places = TSNE(2, perplexity=perplexity, init="pca", max_iter=steps, random_state=seed).fit_transform(rows)
    return np.asarray(places, np.float32)
