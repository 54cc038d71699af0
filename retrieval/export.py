"""Export: a library's vectors and rows as Parquet + NPY + manifest, for notebooks, other engines and training.

    EXPORT/
      vectors.npy      float32 [n, dim], raw encoder vectors; row i belongs to row i of photos.parquet
      photos.parquet   photo, path, sha256, state, width, height, taken_at, camera, tags
      manifest.json    format, library, image space, profile, counts, sha256 of both files

Only findable photos leave, and of them neither pixels nor boxes.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from indexer.durable import write_atomic
from indexer.errors import LibraryError, MissingExtraError
from indexer.library import Library, Photo

FORMAT = "photoveil-export/1"


def export(library: Library, folder: Path) -> dict[str, Any]:
    """Write the three files and return the manifest. Raises `LibraryError` when `folder` holds something already."""
    if folder.exists() and any(folder.iterdir()):
        raise LibraryError("The export folder is not empty: name a new or an empty one, nothing is overwritten.")
    folder.mkdir(parents=True, exist_ok=True)
    ids, vectors = library.vectors()
    np.save(folder / "vectors.npy", vectors, allow_pickle=False)
    _write_photos(folder / "photos.parquet", library.photos([int(photo) for photo in ids]))
    manifest = {
        "format": FORMAT,
        "library": library.manifest.id,
        "profile": library.manifest.profile,
        "space": library.manifest.space.identity,
        "dim": library.manifest.space.dim,
        "photos": len(ids),
        "sha256": {name: _sha256(folder / name) for name in ("vectors.npy", "photos.parquet")},
    }
    write_atomic(folder / "manifest.json", json.dumps(manifest, indent=2).encode())
    return manifest


def _write_photos(path: Path, photos: list[Photo]) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("export", "Writing Parquet") from error
    columns = {
        "photo": pa.array([photo.id for photo in photos], pa.int64()),
        "path": pa.array([photo.path for photo in photos], pa.string()),
        "sha256": pa.array([photo.sha256 for photo in photos], pa.string()),
        "state": pa.array([photo.state.value for photo in photos], pa.string()),
        "width": pa.array([photo.width for photo in photos], pa.int32()),
        "height": pa.array([photo.height for photo in photos], pa.int32()),
        "taken_at": pa.array([photo.taken_at for photo in photos], pa.timestamp("us")),
        "camera": pa.array([photo.camera for photo in photos], pa.string()),
        "tags": pa.array([list(photo.tags.items()) for photo in photos], pa.map_(pa.string(), pa.float32())),
    }
    parquet.write_table(pa.table(columns), path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
