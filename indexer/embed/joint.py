"""Pictures through a CLIP-like sentence-transformers model: words and pictures end in one space, no head between.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision".
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.embed.preprocess import Resize, ResizeCrop
from indexer.embed.sentence_model import load_sentence_model
from indexer.errors import UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import ImageSpace, Preprocess, Vectors


class JointEncoder:
    """The picture side of the model. Resizing is done in the worker processes, scaling and the network here."""

    def __init__(self, place: str, store: ModelStore, device: str) -> None:
        model = load_sentence_model(place, store, device)
        processor = getattr(model.network.processor, "image_processor", None)
        if "image" not in model.network.modalities or processor is None:
            raise UnknownModelError(f"The model '{model.name}' reads no pictures: choose a CLIP-like one.")
        self._network = model.network
        self.space = ImageSpace(f"joint/{model.name}", model.dim)
        self.preprocess = picture_size(processor)
        # The pictures come in the network's size.
        processor.do_resize = processor.do_center_crop = False

    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        """uint8 [n, side, side, 3] to float32 [n, dim]."""
        pictures = [Image.fromarray(pixels) for pixels in batch]
        vectors = self._network.encode(pictures, batch_size=len(pictures) or 1, show_progress_bar=False)
        return np.asarray(vectors, np.float32).reshape(len(batch), self.space.dim)


def picture_size(processor: Any) -> Preprocess:
    """What a Hugging Face image processor does to a picture's size. Raises `UnknownModelError` when not to a square."""
    size, crop = dict(processor.size), dict(getattr(processor, "crop_size", None) or {})
    resample = int(processor.resample)
    if getattr(processor, "do_center_crop", False) and "shortest_edge" in size and crop["height"] == crop["width"]:
        return ResizeCrop(size["shortest_edge"], crop["height"], resample)
    if size.get("height") and size.get("height") == size.get("width"):
        return Resize(size["height"], resample)
    raise UnknownModelError("This model does not read square pictures of one size: choose another.")
