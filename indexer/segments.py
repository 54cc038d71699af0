"""Append-only files of raw vectors: with the catalog, the only truth.

A file is a header (magic, JSON with format, dtype, dim, space, library and number, CRC-32) and then records of
photo id (int64), vector (float32 [d]) and the CRC-32 of both. How many records count is written in the catalog.
"""

import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import durable
from indexer.errors import LibraryCorruptError
from indexer.stages import ImageSpace, Vectors

MAGIC = b"photoveil segment 1\n"
LIMIT = 1 << 28
"""Bytes after which a new file is begun, so that an erasure rewrites no more than that."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Records:
    """What was read of a segment: ids [n], vectors [n, d], and which of them passed their checksum, bool [n]."""

    ids: Ids
    vectors: Vectors
    intact: NDArray[np.bool_]


class Segments:
    """All segment files of one library and space. Record counts come from the catalog with every call."""

    def __init__(self, library: Path, space: ImageSpace, library_id: int) -> None:
        self.folder = library / "segments" / _folder_name(space.identity)
        self.space = space
        self.library_id = library_id
        self.record = np.dtype([("id", "<i8"), ("vector", "<f4", (space.dim,)), ("crc", "<u4")])
        self._ids: dict[int, Ids] = {}

    def path(self, number: int) -> Path:
        """Where a segment lies."""
        return self.folder / f"{number:06d}.seg"

    def length(self, number: int, rows: int) -> int:
        """Bytes of a segment with `rows` records."""
        return len(self._header(number)) + rows * self.record.itemsize

    def is_full(self, rows: int) -> bool:
        """Whether the next batch belongs into a new file."""
        return rows * self.record.itemsize >= LIMIT

    def create(self, number: int, ids: Ids, vectors: Vectors) -> None:
        """Writes a new segment with these records, durable when this returns."""
        durable.write_atomic(self.path(number), self._header(number) + self._pack(ids, vectors))

    def append(self, number: int, rows: int, ids: Ids, vectors: Vectors) -> None:
        """Puts records behind the first `rows` ones, in place of whatever a crash left there; durable on return."""
        durable.write_at(self.path(number), self.length(number, rows), self._pack(ids, vectors))

    def is_intact(self, number: int, rows: int) -> bool:
        """Whether header and length are as they must be."""
        header = self._header(number)
        try:
            with self.path(number).open("rb") as file:
                return file.read(len(header)) == header and file.seek(0, 2) >= self.length(number, rows)
        except FileNotFoundError:
            return False

    def ids(self, number: int, rows: int) -> Ids:
        """The ids of the first `rows` records, int64 [rows], remembered from call to call."""
        known = self._ids.get(number, np.empty(0, np.int64))
        if len(known) < rows:
            new = np.asarray(self._map(number, rows)["id"][len(known) :], dtype=np.int64)
            known = self._ids[number] = np.concatenate([known, new])
        return known[:rows]

    def read(self, number: int, rows: int, wanted: NDArray[np.bool_] | None = None) -> Records:
        """The first `rows` records, or those of them that `wanted` (bool [rows]) selects.

        Raises `LibraryCorruptError` when the file is too short or its header is damaged, FileNotFoundError when it
        is gone.
        """
        records = self._map(number, rows)
        chosen = np.array(records if wanted is None else records[wanted])
        return Records(chosen["id"].astype(np.int64), np.ascontiguousarray(chosen["vector"]), _intact(chosen))

    def salvage(self, number: int, rows: int) -> Records:
        """Whatever of the first `rows` records still passes its checksum, even when header or end are gone."""
        path, start = self.path(number), len(self._header(number))
        raw = path.read_bytes()[start : self.length(number, rows)] if path.exists() else b""
        records = np.frombuffer(raw[: len(raw) // self.record.itemsize * self.record.itemsize], self.record)
        sound = records[_intact(records)]
        return Records(sound["id"].astype(np.int64), np.ascontiguousarray(sound["vector"]), np.ones(len(sound), bool))

    def numbers(self) -> list[int]:
        """Numbers of all segment files on disk, whether the catalog knows them or not."""
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.seg") if path.stem.isdigit())

    def remove(self, number: int) -> None:
        """Deletes a file that the catalog no longer names; the caller fsyncs the folder."""
        self._ids.pop(number, None)
        durable.unlink(self.path(number))

    def _map(self, number: int, rows: int) -> NDArray[np.void]:
        if not self.path(number).exists():
            raise FileNotFoundError
        if not self.is_intact(number, rows):
            raise LibraryCorruptError(
                f"Segment {number} is damaged: open the library for writing (photoveil compact) to save the rest."
            )
        if rows == 0:
            return np.empty(0, self.record)
        return np.memmap(self.path(number), self.record, "r", offset=len(self._header(number)), shape=(rows,))

    def _header(self, number: int) -> bytes:
        fields = {
            "format": 1,
            "dtype": "<f4",
            "dim": self.space.dim,
            "space": self.space.identity,
            "library": str(self.library_id),
            "number": number,
        }
        text = MAGIC + json.dumps(fields).encode() + b"\n"
        return text + zlib.crc32(text).to_bytes(4, "little")

    def _pack(self, ids: Ids, vectors: Vectors) -> bytes:
        records = np.zeros(len(ids), self.record)
        records["id"], records["vector"] = ids, vectors
        records["crc"] = _checksums(records)
        return records.tobytes()


def _checksums(records: NDArray[np.void]) -> NDArray[np.uint32]:
    size = records.dtype.itemsize
    raw = memoryview(records.tobytes())
    crcs = (zlib.crc32(raw[at : at + size - 4]) for at in range(0, len(raw), size))
    return np.fromiter(crcs, np.uint32, count=len(records))


def _intact(records: NDArray[np.void]) -> NDArray[np.bool_]:
    return np.asarray(records["crc"] == _checksums(records))


def _folder_name(identity: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", identity)[:40].strip("-")
    return f"{readable}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
