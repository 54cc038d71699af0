"""Recall@10 while a training runs: what the best epoch is chosen by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.stages import Vectors
from retrieval.head import Head

DEPTH = 10


@dataclass(frozen=True)
class Questions:
    """`sentences` float32 [q, d], the photos they are asked of, `gallery` float32 [g, D] raw, and the row of each one's
    own photo, `answers` int64 [q].
    """

    sentences: Vectors
    gallery: Vectors
    answers: NDArray[np.int64]


def recall(head: Head, questions: Questions) -> float:
    """Share of questions whose own photo is among the ten nearest of the gallery; ties count against it."""
    gallery = head.view.prepare(questions.gallery)
    points = head.view.prepare_queries(head.project(questions.sentences))
    scores = 2 * points @ gallery.T - (gallery**2).sum(axis=1)
    own = scores[np.arange(len(points)), questions.answers]
    return float(((scores >= own[:, None]).sum(axis=1) <= DEPTH).mean())
