"""Small stand-ins for the expensive stages, importable by worker processes."""

import os
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexer.embed.preprocess import ResizeCrop
from indexer.stages import Anonymised, Box, ImageSpace, Pixels, State, Vectors


@dataclass
class Finds:
    """A detector that finds the same boxes in every picture."""

    boxes: list[Box] = field(default_factory=list)
    identity: str = "finds"

    def detect(self, pixels: Pixels) -> list[Box]:
        return list(self.boxes)


@dataclass
class FindsBright:
    """Finds one face where the picture is white; a hidden face is not white any more."""

    box: Box
    identity: str = "bright"

    def detect(self, pixels: Pixels) -> list[Box]:
        x, y = int(self.box.x + self.box.w / 2), int(self.box.y + self.box.h / 2)
        return [self.box] if pixels[y, x].min() == 255 else []


@dataclass
class Raises:
    """A detector that cannot tell."""

    identity: str = "raises"

    def detect(self, pixels: Pixels) -> list[Box]:
        raise RuntimeError("no")


class PassesAll:
    """An anonymiser for pictures without faces; very dark ones are held for review."""

    identity = "passes-all"

    def anonymise(self, pixels: Pixels) -> Anonymised:
        if pixels.mean() < 8:
            return Anonymised(np.zeros_like(pixels), State.REVIEW, (), "It is too dark to tell: look at it.")
        return Anonymised(pixels, State.CLEAR)


class Sleeps(PassesAll):
    """Takes for ever over a very bright picture."""

    def anonymise(self, pixels: Pixels) -> Anonymised:
        if pixels.mean() > 250:
            time.sleep(600)
        return super().anonymise(pixels)


class Dies(PassesAll):
    """Takes its whole process down with a very bright picture."""

    def anonymise(self, pixels: Pixels) -> Anonymised:
        if pixels.mean() > 250:
            os._exit(9)
        return super().anonymise(pixels)


class MeanColours:
    """An image encoder: the mean colours of a 2 x 2 grid, 12 numbers."""

    space = ImageSpace("mean-colours/2x2", 12)
    preprocess = ResizeCrop(16, 16)

    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        cells = batch.astype(np.float32).reshape(len(batch), 2, 8, 2, 8, 3).mean(axis=(2, 4))
        return np.asarray(cells.reshape(len(batch), 12), np.float32)
