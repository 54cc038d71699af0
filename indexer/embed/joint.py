"""Pictures through a CLIP-like sentence-transformers model: words and pictures end in one space, no head between.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision".
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.embed.sentence_model import load_sentence_model
from indexer.errors import UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import ImageSpace, Vectors


class JointEncoder:
    """The picture side of the model. Resizing is done in the worker processes, scaling and the network here."""

    def __init__(self, place: str, store: ModelStore, device: str) -> None:
        model = load_sentence_model(place, store, device)
        if model.pictures is None:
            raise UnknownModelError(f"The model '{model.name}' reads no pictures: choose a CLIP-like one.")
        self._network = model.network
        self.space = ImageSpace(f"joint/{model.name}", model.dim)
        self.preprocess = model.pictures

    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        """uint8 [n, side, side, 3] to float32 [n, dim]."""
        pictures = [Image.fromarray(pixels) for pixels in batch]
        vectors = self._network.encode(pictures, batch_size=len(pictures) or 1, show_progress_bar=False)
        return np.asarray(vectors, np.float32).reshape(len(batch), self.space.dim)
