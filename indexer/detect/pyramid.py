"""A picture at several sizes, and boxes back in pixels of the original."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from indexer.stages import Box, Pixels

MAX_ENLARGEMENT = 2.0


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Scales at which a picture is looked at: its longer side in pixels (`sides`) or relative to it (`factors`).

    A picture is never enlarged more than twice, and never looked at with a longer side above `limit`. The factors of a
    picture too large for them are relative to the largest size that lets all of them stay apart.
    """

    sides: tuple[int, ...] = ()
    factors: tuple[float, ...] = ()
    limit: int = 1280

    def scales(self, pixels: Pixels) -> list[float]:
        """The scale factors for this picture, each once."""
        longer = max(pixels.shape[:2])
        base = min(1.0, self.limit / longer / max(self.factors, default=1.0))
        wanted = [side / longer for side in self.sides] + [factor * base for factor in self.factors]
        bounded = {round(min(scale, MAX_ENLARGEMENT, self.limit / longer), 4) for scale in wanted}
        return sorted(bounded)

    def levels(self, pixels: Pixels) -> Iterator[tuple[float, Pixels]]:
        """Scale and resized picture, smallest first."""
        for scale in self.scales(pixels):
            yield scale, resized(pixels, scale)


def resized(pixels: Pixels, scale: float) -> Pixels:
    """The picture at another scale, at least one pixel wide and high."""
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=way))


def rescaled(box: Box, scale: float) -> Box:
    """A box found at `scale`, in pixels of the original."""
    return replace(box, x=box.x / scale, y=box.y / scale, w=box.w / scale, h=box.h / scale)


def merged(boxes: Iterable[Box], overlap: float = 0.3) -> list[Box]:
    """Non-maximum suppression: of boxes of a kind that share `overlap` of their union the best stays."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        if all(box.kind != other.kind or intersection_over_union(box, other) < overlap for other in kept):
            kept.append(box)
    return kept


def intersection_over_union(a: Box, b: Box) -> float:
    """Shared area over joint area, 0–1."""
    width = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    height = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.w * a.h + b.w * b.h - shared)
