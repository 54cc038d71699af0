"""Faces by YuNet (Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector") through OpenCV."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2

from indexer.detect.pyramid import Pyramid, merged, rescaled
from indexer.stages import Box, Pixels

NMS = 0.3
TOP_K = 500


@dataclass
class YuNet:
    """The ONNX file of YuNet, the least score that counts, and the scales at which a picture is looked at."""

    weights: Path
    threshold: float
    pyramid: Pyramid
    _net: Any = field(default=None, init=False, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Name, threshold and scales."""
        return f"yunet@{self.threshold:g}{self.pyramid.sides or self.pyramid.factors}"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_net": None}  # a loaded net cannot travel to another process

    def detect(self, pixels: Pixels) -> list[Box]:
        """Faces at all scales, merged."""
        found = [
            rescaled(box, scale) for scale, level in self.pyramid.levels(pixels) for box in self._at_one_scale(level)
        ]
        return merged(found)

    def _at_one_scale(self, pixels: Pixels) -> list[Box]:
        if self._net is None:
            self._net = cv2.FaceDetectorYN.create(str(self.weights), "", (320, 320), self.threshold, NMS, TOP_K)
        height, width = pixels.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        return [_box([float(value) for value in row]) for row in (() if rows is None else rows)]


def _box(row: list[float]) -> Box:
    """OpenCV's row: left, top, width, height, five landmarks, score."""
    x, y, w, h = row[:4]
    return Box(x, y, w, h, row[14], "face")
