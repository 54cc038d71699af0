"""What passes between the stages of the way in, and what each stage must offer.

The ingest pipeline takes its anonymiser, encoder and tagger as arguments, so that it needs to know no more of
them than the protocols below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""One picture, uint8 [height, width, 3], RGB, upright (EXIF orientation applied)."""

Vectors = NDArray[np.float32]
"""Feature vectors, float32 [n, d]."""


class State(StrEnum):
    """How the way in ended for a photo. Only `clear` and `anonymised` can be found by a search."""

    CLEAR = "clear"
    ANONYMISED = "anonymised"
    REVIEW = "review"
    FAILED = "failed"


FINDABLE = (State.CLEAR, State.ANONYMISED)


@dataclass(frozen=True, slots=True)
class Box:
    """A face or a licence plate: left, top, width and height in pixels of the upright picture, score in 0–1."""

    x: float
    y: float
    w: float
    h: float
    score: float
    kind: Literal["face", "plate"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo as read: upright pixels, and the only metadata that may be kept."""

    pixels: Pixels
    taken_at: datetime | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What the anonymiser made of a picture.

    `pixels` may be shown and embedded only when `state` is `clear` or `anonymised`; `reason` says in one sentence
    why a photo is held for review and is empty otherwise.
    """

    pixels: Pixels
    state: State
    boxes: tuple[Box, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImageSpace:
    """The space a photo's vector lives in: image weights, preprocessing, pooling and what was done to the pixels.

    `identity` names all of these (it holds the first digits of the weights' sha256), `dim` is the vector length.
    """

    identity: str
    dim: int


class Detector(Protocol):
    """Finds faces or plates. Must be picklable: it is sent to worker processes before its first call."""

    @property
    def identity(self) -> str:
        """Name, version and thresholds, as recorded in the library's policy."""

    def detect(self, pixels: Pixels) -> list[Box]:
        """Boxes in pixels of `pixels`. Raises `DetectionError` when it cannot tell."""


class Anonymiser(Protocol):
    """Detect, obfuscate, verify. Must be picklable. Never raises for a picture: it fails closed, to `review`."""

    @property
    def identity(self) -> str:
        """All detectors, thresholds and the method of obfuscation."""

    def anonymise(self, pixels: Pixels) -> Anonymised:
        """The picture without faces and plates, and the state that it earned."""


class Preprocess(Protocol):
    """Anonymised pixels to the encoder's input of one fixed shape. Must be picklable and need no framework."""

    def __call__(self, pixels: Pixels) -> Pixels:
        """uint8 [height, width, 3] of any size to uint8 [side, side, 3]."""


class ImageEncoder(Protocol):
    """Anonymised pixels to vectors."""

    @property
    def space(self) -> ImageSpace:
        """Where the vectors live."""

    @property
    def preprocess(self) -> Preprocess:
        """Resize and crop, done in the worker processes."""

    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        """uint8 [n, side, side, 3] as `preprocess` made them to float32 [n, dim]."""


class Tagger(Protocol):
    """Vectors to tags with scores in 0–1."""

    @property
    def identity(self) -> str:
        """Model, label graph and thresholds."""

    def tag(self, vectors: Vectors) -> Sequence[Mapping[str, float]]:
        """float32 [n, dim] to one mapping of tag name to score per photo."""
