"""Recall through the index that a search is served from, beside the exact one."""

import numpy as np
from numpy.typing import NDArray

from indexer.library import Library
from indexer.stages import Vectors
from indexer.views import View

K = 10


def served_recall(
    library: Library, points: Vectors, answers: NDArray[np.int64], ids: NDArray[np.int64], view: View
) -> float:
    """Recall@10 of questions, points of the view [questions, d], among the photos `ids`.

    `answers` are rows of `ids`, -1 for a photo that is not there.
    """
    everything = library.stats().vectors == len(ids)
    found = library.search(points, K, view, None if everything else ids)
    wanted = np.where(answers >= 0, ids[answers], -1)
    return float(np.mean([photo in {hit.photo_id for hit in hits} for photo, hits in zip(wanted, found, strict=True)]))
