"""Anonymised thumbnails, each named by the SHA-256 of its own bytes."""

import hashlib
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from indexer import durable


class Thumbs:
    """The folder `thumbs/` of a library."""

    def __init__(self, library: Path) -> None:
        self.folder = library / "thumbs"

    def path(self, digest: bytes) -> Path:
        """Where the thumbnail of this SHA-256 (32 bytes) lies."""
        return self.folder / f"{digest.hex()}.jpg"

    def add(self, thumbnails: Iterable[bytes]) -> None:
        """Stores JPEGs, durable when this returns, also those that a failed try had left here."""
        files = {self.path(digest_of(data)).name: data for data in thumbnails}
        if files:
            new = {name: data for name, data in files.items() if not (self.folder / name).exists()}
            durable.write_many(self.folder, new)

    def remove(self, digests: Iterable[bytes]) -> None:
        """Deletes thumbnails for good."""
        gone = [self.path(digest) for digest in digests]
        for path in gone:
            durable.unlink(path)
        if gone:
            durable.fsync_dir(self.folder)

    def keep_only(self, digests: Collection[bytes]) -> None:
        """Deletes all that no photo refers to."""
        self.remove(self.stored() - set(digests))

    def stored(self) -> set[bytes]:
        """Digests of all thumbnails on disk."""
        names = (path.name for path in self.folder.iterdir())
        return {bytes.fromhex(name[:64]) for name in names if re.fullmatch(r"[0-9a-f]{64}\.jpg", name)}

    def is_intact(self, digest: bytes) -> bool:
        """Whether the file is there and still has the hash it is named by."""
        path = self.path(digest)
        return path.exists() and durable.sha256_of(path) == digest.hex()


def digest_of(thumbnail: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(thumbnail).digest()
