"""Recall@10 while a training runs: what the best epoch is chosen by."""

import numpy as np

from retrieval.head import Head
from retrieval.training.examples import Examples

DEPTH = 10


def recall(head: Head, examples: Examples) -> float:
    """Share of queries whose own photo is among the ten nearest of the gallery; ties count against it."""
    gallery = head.view.prepare(examples.gallery)
    queries = head.view.prepare_queries(head.project(examples.queries))
    scores = 2 * queries @ gallery.T - (gallery**2).sum(axis=1)
    own = scores[np.arange(len(queries)), examples.answers]
    return float(((scores >= own[:, None]).sum(axis=1) <= DEPTH).mean())
