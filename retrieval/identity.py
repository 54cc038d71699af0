"""The head of a joint model, whose words and pictures lie in one space: it changes nothing."""

import numpy as np

from indexer.stages import ImageSpace
from indexer.views import View
from retrieval.head import Head


def identity_head(space: ImageSpace, text: str) -> Head:
    """One layer that gives back what it gets, compared by the cosine around 0."""
    layer = (np.eye(space.dim, dtype=np.float32), np.zeros(space.dim, np.float32))
    card = {"space": space.identity, "text": text, "metric": "cosine", "loss": None, "architecture": "compact"}
    return Head((layer,), "compact", View("cosine"), card)
