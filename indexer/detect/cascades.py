"""Faces and plates by the cascades that OpenCV brings along (Viola and Jones 2001): no download at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from indexer.detect.pyramid import Pyramid, merged, rescaled
from indexer.stages import Box, Pixels

STEP = 1.2
"""Ratio of one window size to the next."""
LEAST = (28, 28)
"""Windows smaller than this are mostly noise, and most of the work."""

FILES = {
    "face": (
        "haarcascade_frontalface_default.xml",
        "haarcascade_frontalface_alt2.xml",
        "haarcascade_profileface.xml",
    ),
    "plate": ("haarcascade_russian_plate_number.xml", "haarcascade_license_plate_rus_16stages.xml"),
}


@dataclass
class Cascades:
    """All cascades of a kind; `neighbours` windows must agree. A cascade has no score: every box counts fully."""

    kind: Literal["face", "plate"]
    neighbours: int
    pyramid: Pyramid
    _nets: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Kind, agreement and scales."""
        return f"cascades-{self.kind}@{self.neighbours}{self.pyramid.sides or self.pyramid.factors}"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_nets": []}  # a loaded cascade cannot travel to another process

    def detect(self, pixels: Pixels) -> list[Box]:
        """Boxes at all scales, merged."""
        found = [
            rescaled(box, scale) for scale, level in self.pyramid.levels(pixels) for box in self._at_one_scale(level)
        ]
        return merged(found)

    def _at_one_scale(self, pixels: Pixels) -> Iterator[Box]:
        if not self._nets:
            self._nets = [_load(file) for file in FILES[self.kind]]
        grey = cv2.equalizeHist(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
        for net in self._nets:
            yield from self._windows(net, grey)
        if self.kind == "face":  # the profile cascade, last of its kind, knows one side of the face only
            for box in self._windows(self._nets[-1], np.ascontiguousarray(grey[:, ::-1])):
                yield replace(box, x=grey.shape[1] - box.x - box.w)

    def _windows(self, net: Any, grey: NDArray[Any]) -> Iterator[Box]:
        for x, y, w, h in net.detectMultiScale(grey, STEP, self.neighbours, minSize=LEAST):
            yield Box(float(x), float(y), float(w), float(h), 1.0, self.kind)


def _load(file: str) -> Any:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / file))
