"""Pictures to the encoder's input, in the worker processes: numpy and Pillow only."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from indexer.stages import Pixels


@dataclass(frozen=True, slots=True)
class ResizeCrop:
    """Short side to `resize` (antialiased, bilinear unless told), then the central `side` x `side`.

    torchvision's evaluation transform of the V1 weights is ResizeCrop(256, 224).
    """

    resize: int
    side: int
    resample: int = Image.Resampling.BILINEAR

    def __call__(self, pixels: Pixels) -> Pixels:
        """uint8 [height, width, 3] to uint8 [side, side, 3]."""
        height, width = pixels.shape[:2]
        scale = self.resize / min(height, width)
        size = (max(self.side, round(width * scale)), max(self.side, round(height * scale)))
        resized = Image.fromarray(pixels).resize(size, Image.Resampling(self.resample))
        left, top = (size[0] - self.side) // 2, (size[1] - self.side) // 2
        return np.asarray(resized.crop((left, top, left + self.side, top + self.side)))


@dataclass(frozen=True, slots=True)
class Resize:
    """The whole picture, stretched to `side` x `side`, as SigLIP's networks read it."""

    side: int
    resample: int = Image.Resampling.BILINEAR

    def __call__(self, pixels: Pixels) -> Pixels:
        """uint8 [height, width, 3] to uint8 [side, side, 3]."""
        return np.asarray(Image.fromarray(pixels).resize((self.side, self.side), Image.Resampling(self.resample)))
