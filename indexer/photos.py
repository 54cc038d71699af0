"""What goes into a library and what comes out of it."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.stages import Box, State


@dataclass(frozen=True, slots=True)
class Location:
    """Where a photo lies, and how its file looked there.

    `root` names the indexed folder (its name and a short keyed digest of where it is: `Library.root_of`), `path` is
    the POSIX path below it, `size` is in bytes, `mtime_ns` in nanoseconds since 1970.
    """

    root: str
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo at the end of the way in.

    `sha256` is the hexadecimal hash of the file, None only for one that could not be read. `bytes` is the file's
    size. `vector` is float32 [d] for `clear` and `anonymised` photos and None for `review` and `failed` ones.
    `thumbnail` is an anonymised JPEG.
    """

    sha256: str | None
    location: Location
    bytes: int
    width: int
    height: int
    state: State
    reason: str = ""
    boxes: tuple[Box, ...] = ()
    taken_at: datetime | None = None
    camera: str | None = None
    vector: NDArray[np.float32] | None = None
    tags: Mapping[str, float] = field(default_factory=dict)
    thumbnail: builtins.bytes | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of one photo of a batch: `duplicate` when its content was in the library before."""

    photo_id: int
    outcome: Literal["added", "duplicate"]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the library knows it. `root` and `path` are None where the policy keeps no paths."""

    id: int
    state: State
    reason: str
    root: str | None
    path: str | None
    sha256: str | None
    bytes: int
    width: int
    height: int
    taken_at: datetime | None
    camera: str | None
    tags: Mapping[str, float]
    thumbnail: Path | None


@dataclass(frozen=True, slots=True)
class Scored:
    """One hit; a higher score is better."""

    photo_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Stats:
    """How much lies in a library. `states` counts photos by state, `generation` is the newest index or None."""

    photos: int
    vectors: int
    locations: int
    states: Mapping[str, int]
    generation: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that `verify` found: which part (`kind`), and what about it, without a name or a path."""

    kind: Literal["manifest", "catalog", "segment", "vector", "thumbnail", "generation", "erasure"]
    what: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says that photos were erased, and how much of each kind, without naming any. `at` is UTC."""

    id: str
    at: datetime
    photos: int
    locations: int
    regions: int
    tags: int
