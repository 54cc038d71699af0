"""One photo's way through a worker process: read, decode, anonymise, shrink. Clear pixels never leave it."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.decode import decode
from indexer.errors import DecodeError
from indexer.stages import FINDABLE, Anonymiser, Box, Pixels, Preprocess, State

Jpeg = bytes

THUMBNAIL_SIDE = 320
THUMBNAIL_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a picture may be, in pixels, and how long it may take in a worker, in seconds."""

    max_pixels: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a worker hands back.

    `sha256` is None only for a file that could not be read; `model_input` (uint8 [side, side, 3]) and `thumbnail`
    (JPEG) exist only for `clear` and `anonymised` photos.
    """

    sha256: str | None
    bytes: int
    state: State
    reason: str = ""
    width: int = 0
    height: int = 0
    boxes: tuple[Box, ...] = ()
    taken_at: datetime | None = None
    camera: str | None = None
    model_input: NDArray[np.uint8] | None = None
    thumbnail: Jpeg | None = None


def prepare(path: Path, anonymiser: Anonymiser, preprocess: Preprocess, limits: Limits) -> Prepared:
    """Read the file once and take it as far as the encoder. A bad photo does not raise: it is `failed` or `review`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return failed(None, 0, f"The file cannot be read ({error.strerror}): check its permissions.")
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        decoded = decode(data, limits.max_pixels)
    except DecodeError as error:
        return failed(sha256, len(data), str(error))
    shown = anonymiser.anonymise(decoded.pixels)
    findable = shown.state in FINDABLE
    height, width = decoded.pixels.shape[:2]
    return Prepared(
        sha256=sha256,
        bytes=len(data),
        state=shown.state,
        reason=shown.reason,
        width=width,
        height=height,
        boxes=shown.boxes,
        taken_at=decoded.taken_at,
        camera=decoded.camera,
        model_input=preprocess(shown.pixels) if findable else None,
        thumbnail=thumbnail(shown.pixels) if findable else None,
    )


def failed(sha256: str | None, size: int, reason: str) -> Prepared:
    """A photo that goes no further."""
    return Prepared(sha256, size, State.FAILED, reason)


def thumbnail(pixels: Pixels) -> bytes:
    """Anonymised pixels as a small JPEG without metadata."""
    image = Image.fromarray(pixels)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    return buffer.getvalue()
