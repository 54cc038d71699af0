"""Published FAISS indexes: index/000042/ with the index, the photo ids of its rows, and a manifest with their hashes.

A generation belongs to one view and never changes. One that is damaged is passed over for the one before; without
any, the index is built anew from the segments.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np

from indexer import durable
from indexer.errors import LibraryError
from indexer.manifest import seal, unseal
from indexer.vectorstore import Snapshot

KEEP = 2
"""Generations kept per view."""

FILES = ("index.faiss", "ids.npy")
TYPES = {"l2": faiss.IndexFlatL2, "cosine": faiss.IndexFlatIP}


@dataclass(frozen=True)
class Generation:
    """What a manifest says. `applied_seq` is the catalog's `seq` that the index is up to date with."""

    number: int
    view: str
    metric: Literal["l2", "cosine"]
    space: str
    dim: int
    rows: int
    applied_seq: int
    sha256: dict[str, str]


class Generations:
    """The folder `index/` of a library."""

    def __init__(self, library: Path, space: str) -> None:
        self.folder = library / "index"
        self.space = space

    def path(self, number: int) -> Path:
        """Where a generation lies."""
        return self.folder / f"{number:06d}"

    def numbers(self) -> list[int]:
        """Numbers of all generations on disk, newest first."""
        return sorted((int(p.name) for p in self.folder.iterdir() if p.name.isdigit()), reverse=True)

    def manifest(self, number: int) -> Generation | None:
        """What the generation says of itself, None when that is damaged or missing."""
        try:
            content = unseal((self.path(number) / "manifest.json").read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        return None if content is None else Generation(**content)

    def of_view(self, view: str) -> list[Generation]:
        """Generations of a view, newest first, as far as their manifests can be read."""
        manifests = (self.manifest(number) for number in self.numbers())
        return [found for found in manifests if found and found.view == view and found.space == self.space]

    def open(self, generation: Generation) -> Snapshot | None:
        """The index, None when a file is missing or not what the manifest says."""
        if not self.is_intact(generation):
            return None
        folder = self.path(generation.number)
        index = faiss.read_index(str(folder / FILES[0]))
        ids = np.load(folder / FILES[1], allow_pickle=False)
        fits = isinstance(index, TYPES[generation.metric]) and index.d == generation.dim
        return Snapshot(index, ids) if fits and index.ntotal == len(ids) == generation.rows else None

    def is_intact(self, generation: Generation) -> bool:
        """Whether all files have the hashes that the manifest names."""
        folder = self.path(generation.number)
        try:
            return all(durable.sha256_of(folder / name) == generation.sha256[name] for name in FILES)
        except (OSError, KeyError):
            return False

    def write(self, snapshot: Snapshot, view: str, metric: Literal["l2", "cosine"], applied_seq: int) -> int:
        """Publishes a new generation, durable when this returns. Returns its number."""
        number = max(self._taken(), default=0) + 1
        temporary = self.folder / (self.path(number).name + durable.TEMP)
        temporary.mkdir()
        try:
            hashes = self._write_files(temporary, snapshot)
            rows, dim = len(snapshot.ids), snapshot.index.d
            made = Generation(number, view, metric, self.space, dim, rows, applied_seq, hashes)
            durable.write_atomic(temporary / "manifest.json", seal(vars(made)).encode())
        except BaseException:
            shutil.rmtree(temporary)  # on a full disk every byte counts
            raise
        durable.rename(temporary, self.path(number))
        durable.fsync_dir(self.folder)
        return number

    def prune(self, keep: int = KEEP) -> None:
        """Deletes all but the newest `keep` generations of each view, and nothing that cannot be read."""
        seen: dict[str, int] = {}
        for number in self.numbers():
            found = self.manifest(number)
            if found is not None:
                seen[found.view] = seen.get(found.view, 0) + 1
                if seen[found.view] > keep:
                    self.remove(number)

    def remove(self, number: int) -> None:
        """Deletes a generation for good; first it stops being one, so that a crash leaves no half of it."""
        aside = self.folder / (self.path(number).name + durable.TEMP)
        durable.rename(self.path(number), aside)
        durable.remove_tree(aside)
        durable.fsync_dir(self.folder)

    def put_aside(self, number: int) -> None:
        """Keeps a damaged generation as evidence."""
        durable.quarantine(self.path(number))

    def _taken(self) -> list[int]:
        return [int(path.name[:6]) for path in self.folder.iterdir() if path.name[:6].isdigit()]

    def _write_files(self, folder: Path, snapshot: Snapshot) -> dict[str, str]:
        index_path, ids_path = (folder / name for name in FILES)
        durable.announce("write", index_path)
        try:
            faiss.write_index(snapshot.index, str(index_path))
        except RuntimeError as error:
            raise LibraryError("The index could not be written: free some space and run again.") from error
        durable.check_length(index_path, _index_bytes(snapshot.index))
        durable.announce("write", ids_path)
        np.save(ids_path, snapshot.ids, allow_pickle=False)
        for path in (index_path, ids_path):
            durable.fsync(path)
        return {path.name: durable.sha256_of(path) for path in (index_path, ids_path)}


def _index_bytes(index: Any) -> int:
    """Length of a flat index's file: its vectors, and the header that an empty one of its kind has."""
    empty = TYPES["l2" if index.metric_type == faiss.METRIC_L2 else "cosine"](index.d)
    return int(len(faiss.serialize_index(empty)) + index.ntotal * index.d * 4)
