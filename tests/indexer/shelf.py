"""Small libraries for the tests: photos that are told apart by every byte of theirs."""

import hashlib
import struct
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.library import Library, Location, NewPhoto
from indexer.stages import Box, ImageSpace, State
from indexer.views import View

DIM = 8
SPACE = ImageSpace("test-encoder@0123abcd", DIM)
L2 = View("l2")
COSINE = View("cosine", np.linspace(-1, 1, DIM, dtype=np.float32))


def new_library(path: Path, **fields: Any) -> Library:
    return Library.create(path, **({"space": SPACE, "profile": "test", "policy": {"detector": "none"}} | fields))


def vector(n: int) -> NDArray[np.float32]:
    return np.random.default_rng(n).standard_normal(DIM).astype(np.float32)


def thumbnail(n: int) -> bytes:
    return b"\xff\xd8" + np.random.default_rng(1_000 + n).bytes(200)


def content(n: int) -> str:
    return hashlib.sha256(f"photo {n}".encode()).hexdigest()


def place(n: int, **fields: Any) -> Location:
    return Location(
        **({"root": "root-1", "path": f"folder/name-of-{n:04d}.jpg", "size": 1000 + n, "mtime_ns": n} | fields)
    )


def box(n: int) -> Box:
    return Box(n + 0.123456789, n + 0.23456789, 30.3456789, 40.456789, 0.56789, "face")


def photo(n: int, **fields: Any) -> NewPhoto:
    whole: dict[str, Any] = {
        "sha256": content(n),
        "location": place(n),
        "bytes": 1000 + n,
        "width": 640,
        "height": 480,
        "state": State.ANONYMISED,
        "boxes": (box(n),),
        "taken_at": datetime(2020, 1, 1 + n % 28),
        "camera": f"camera-of-{n:04d}",
        "vector": vector(n),
        "tags": {f"tag-of-{n:04d}": 0.75, "common": 0.5},
        "thumbnail": thumbnail(n),
    }
    return NewPhoto(**(whole | fields))


def failed(n: int, **fields: Any) -> NewPhoto:
    nothing: dict[str, Any] = {"boxes": (), "tags": {}, "vector": None, "thumbnail": None, "width": 0, "height": 0}
    return photo(n, **(nothing | {"state": State.FAILED, "reason": "The file is truncated."} | fields))


def photos(numbers: Iterable[int]) -> list[NewPhoto]:
    return [photo(n) for n in numbers]


def traces(n: int) -> list[bytes]:
    """Every form in which a photo could have left itself in a file."""
    digest, picture = bytes.fromhex(content(n)), hashlib.sha256(thumbnail(n))
    rows = [vector(n)[None], COSINE.prepare(vector(n)[None]), vector(n)[None].astype(np.float16)]
    boxes = [struct.pack(order + "d", value) for order in "<>" for value in (box(n).x, box(n).y)]
    names = [f"name-of-{n:04d}", f"tag-of-{n:04d}", f"camera-of-{n:04d}", digest.hex(), picture.hexdigest()]
    return [
        *(name.encode() for name in names),
        *(row.tobytes() for row in rows),
        *boxes,
        digest,
        picture.digest(),
        thumbnail(n)[2:40],
        thumbnail(n)[-40:],
    ]


def found_traces(path: Path, n: int) -> list[tuple[Path, bytes]]:
    """Where under a library's folder a byte of the photo is left, in a file or in its name."""
    files = [file for file in path.rglob("*") if file.is_file()]
    held = {file: file.read_bytes() + str(file).encode() for file in files}
    return [(file, trace) for file, data in held.items() for trace in traces(n) if trace in data]


def ids_of(library: Library) -> dict[int, int]:
    """The number that a photo was made from, to its id, for all that can be found."""
    return {n: photo_id for n in range(20) if (photo_id := library.find(content(n))) is not None}


def nearest(library: Library, n: int, view: View = L2) -> int:
    """The id of the best hit for a photo's own vector."""
    return library.search(view.prepare(vector(n)[None]), 1, view)[0][0].photo_id
