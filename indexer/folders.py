"""Models that are folders: archives are unpacked once, and a folder's sha256 speaks for all of its files."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from indexer.errors import ModelIntegrityError


def unpack(archive: Path, folder: Path) -> None:
    """The content of a tar archive as `folder`, which is there whole or not at all.

    Raises `ModelIntegrityError` for a damaged archive and for one that reaches out of its folder.
    """
    part = Path(tempfile.mkdtemp(prefix=folder.name, suffix=".part", dir=folder.parent))
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(part, filter="data")
        if not folder.is_dir():
            part.rename(folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        # Another process may have been quicker: then its folder is the same.
        if not folder.is_dir():
            raise ModelIntegrityError(f"The archive {archive.name} cannot be unpacked: get it anew.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def folder_sha256(folder: Path, hash_of: Callable[[Path], str]) -> str:
    """sha256 over the names (relative, sorted) and sha256s of all files but hidden ones; `hash_of` hashes one file."""
    digest = hashlib.sha256()
    for file in sorted(_files(folder), key=lambda file: file.relative_to(folder).as_posix()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0{hash_of(file)}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return found
