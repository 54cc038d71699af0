"""Photo vectors to train or measure on: from a library, or from an export of one."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from indexer.errors import DataError, MissingExtraError
from indexer.library import Library
from indexer.stages import Vectors


@dataclass(frozen=True)
class Features:
    """File names (the last part of each path), raw vectors float32 [n, dim], identity of the image space."""

    names: tuple[str, ...]
    vectors: Vectors
    space: str


def load_features(path: Path) -> Features:
    """Findable photos of a library folder, or of an export folder (manifest.json, vectors.npy, photos.parquet).

    Raises `DataError` for an export that is damaged or for photos without paths, `LibraryError` for a library that
    cannot be opened.
    """
    return _from_export(path) if (path / "vectors.npy").exists() else _from_library(path)


def _from_library(path: Path) -> Features:
    with Library.open(path) as library:
        ids, vectors = library.vectors()
        photos = library.photos([int(photo) for photo in ids])
        return Features(_names([photo.path for photo in photos]), vectors, library.manifest.space.identity)


def _from_export(path: Path) -> Features:
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        for name, sha256 in manifest["sha256"].items():
            if hashlib.sha256((path / name).read_bytes()).hexdigest() != sha256:
                raise DataError(
                    f"{name} of the export is not the one that its manifest names: export the library anew."
                )
        vectors = np.load(path / "vectors.npy", allow_pickle=False)
    except (OSError, ValueError, KeyError) as error:
        raise DataError("The export cannot be read: export the library anew.") from error
    return Features(_names(_paths(path / "photos.parquet")), vectors, str(manifest["space"]))


def _paths(parquet_file: Path) -> list[str | None]:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("export", "Reading an export") from error
    column: list[Any] = parquet.read_table(parquet_file, columns=["path"]).column("path").to_pylist()
    return column


def _names(paths: list[str | None]) -> tuple[str, ...]:
    names = tuple(PurePosixPath(path).name for path in paths if path is not None)
    if len(names) < len(paths):
        raise DataError("These photos have no paths to join captions with: index them into a library that keeps paths.")
    return names
