"""Licence plates by a YOLOv5n in ONNX (Jocher 2020), where its weights have been imported."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from indexer.detect.pyramid import merged, resized
from indexer.stages import Box, Pixels

SIDE = 640
GREY = 114
OVERLAP = 0.45


@dataclass
class YoloPlates:
    """The weights and the least score that counts. One look at 640 pixels: its training knew no other size."""

    weights: Path
    threshold: float
    _session: Any = field(default=None, init=False, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Name and threshold."""
        return f"yolov5n-plates@{self.threshold:g}"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}  # a session cannot travel to another process

    def detect(self, pixels: Pixels) -> list[Box]:
        """Plates, merged."""
        picture, scale, left, top = letterbox(pixels)
        rows = self._run(picture)
        scores = rows[:, 4] * rows[:, 5]
        boxes = [
            Box((cx - w / 2 - left) / scale, (cy - h / 2 - top) / scale, w / scale, h / scale, float(score), "plate")
            for (cx, cy, w, h), score in zip(rows[:, :4], scores, strict=True)
            if score >= self.threshold
        ]
        return merged(boxes, OVERLAP)

    def _run(self, picture: Pixels) -> NDArray[np.float32]:
        if self._session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # every core already has a process of its own
            self._session = onnxruntime.InferenceSession(self.weights, options, providers=["CPUExecutionProvider"])
        batch = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
        return np.asarray(self._session.run(None, {"image": batch})[0][0], np.float32)


def letterbox(pixels: Pixels) -> tuple[Pixels, float, int, int]:
    """The picture centred on a grey 640 x 640 square, with its scale, left and top margin."""
    scale = SIDE / max(pixels.shape[:2])
    inner = resized(pixels, scale)
    height, width = inner.shape[:2]
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    edges = (top, SIDE - height - top, left, SIDE - width - left)
    return np.asarray(cv2.copyMakeBorder(inner, *edges, cv2.BORDER_CONSTANT, value=(GREY,) * 3)), scale, left, top
