"""Making what is in a box unrecognisable, and nothing else.

The whole box is covered, and a margin around it; a feather outside fades into the picture, and beyond it every pixel
stays as it was. The strength grows with the box: a large face is hidden as well as a small one.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from indexer.stages import Box, Pixels

Method = Literal["blur", "pixelate", "solid"]
Region = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels, right and bottom exclusive."""

DILATION = 0.10
"""Margin on each side, relative to the box; at least `MARGIN` pixels."""
MARGIN = 2
FEATHER = 0.06
"""Width of the feather relative to the longer side of the box; at least `MARGIN` pixels."""
SIGMA = 0.5
"""Standard deviation of the blur relative to the longer side of the box, at strength 1.

A weaker blur leaves so much of a face that a detector finds it again, and hiding it anew covers more of the picture.
"""
CELLS = 8
"""A pixelated box has at most so many cells along its longer side."""
WORKING_SIDE = 64
"""Blurring is done on the box at this size: it leaves no finer detail than a blur of the full size would."""


def obfuscate(pixels: Pixels, boxes: Iterable[Box], method: Method = "blur", strength: int = 1) -> Pixels:
    """The picture with every box hidden; each higher `strength` doubles the blur or halves the cells.

    Shape and dtype stay. Pixels outside the feathered boxes are bit-identical.
    """
    result = pixels.copy()
    for box in boxes:
        region = feathered(box, pixels.shape)
        left, top, right, bottom = region
        if right <= left or bottom <= top:
            continue
        patch = result[top:bottom, left:right]
        cover = COVERS[method](patch, max(box.w, box.h), strength)
        weight = mask(box, region)[..., None]
        patch[:] = np.where(weight > 0, np.rint(patch * (1 - weight) + cover * weight), patch).astype(np.uint8)
    return result


def dilated(box: Box) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the box with its margin."""
    dx, dy = max(MARGIN, DILATION * box.w), max(MARGIN, DILATION * box.h)
    return box.x - dx, box.y - dy, box.x + box.w + dx, box.y + box.h + dy


def feathered(box: Box, shape: tuple[int, ...]) -> Region:
    """All pixels that may change, within a picture of this shape (height, width, ...)."""
    left, top, right, bottom = dilated(box)
    reach = _feather(box)
    height, width = shape[:2]
    return (
        max(0, int(np.floor(left - reach))),
        max(0, int(np.floor(top - reach))),
        min(width, int(np.ceil(right + reach))),
        min(height, int(np.ceil(bottom + reach))),
    )


def mask(box: Box, region: Region) -> NDArray[np.float32]:
    """Weight of the cover, 0–1, for each pixel of the region: 1 in the dilated box, fading with the distance."""
    left, top, right, bottom = dilated(box)
    x = np.arange(region[0], region[2], dtype=np.float32) + 0.5
    y = np.arange(region[1], region[3], dtype=np.float32) + 0.5
    dx = np.maximum(0, np.maximum(left - x, x - right))
    dy = np.maximum(0, np.maximum(top - y, y - bottom))
    distance = np.hypot(dx[None], dy[:, None]) / _feather(box)
    nearness = np.clip(1 - distance, 0, 1)
    return np.asarray(nearness * nearness * (3 - 2 * nearness), np.float32)


def covered_share(boxes: Iterable[Box], shape: tuple[int, ...]) -> float:
    """Share of the picture that the feathered boxes take, 0–1."""
    covered = np.zeros(shape[:2], bool)
    for box in boxes:
        left, top, right, bottom = feathered(box, shape)
        covered[top:bottom, left:right] |= mask(box, (left, top, right, bottom)) > 0
    return float(covered.mean())


def _feather(box: Box) -> float:
    return max(MARGIN, FEATHER * max(box.w, box.h))


def _blur(patch: Pixels, side: float, strength: int) -> NDArray[np.float32]:
    scale = min(1.0, WORKING_SIDE / max(patch.shape[:2]))
    small = cv2.resize(patch, _scaled(patch, scale), interpolation=cv2.INTER_AREA).astype(np.float32)
    sigma = SIGMA * side * scale * 2 ** (strength - 1)
    soft = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _pixelate(patch: Pixels, side: float, strength: int) -> NDArray[np.float32]:
    scale = min(1.0, CELLS / 2 ** (strength - 1) / side)
    cells = cv2.resize(patch, _scaled(patch, scale), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cells, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_NEAREST), np.float32)


def _solid(patch: Pixels, side: float, strength: int) -> NDArray[np.float32]:
    return np.broadcast_to(patch.reshape(-1, 3).mean(axis=0), patch.shape).astype(np.float32)


def _scaled(patch: NDArray[Any], scale: float) -> tuple[int, int]:
    return max(1, round(patch.shape[1] * scale)), max(1, round(patch.shape[0] * scale))


COVERS: dict[Method, Callable[[Pixels, float, int], NDArray[np.float32]]] = {
    "blur": _blur,
    "pixelate": _pixelate,
    "solid": _solid,
}
