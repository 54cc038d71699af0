"""The same photos as they were before they were anonymised, to measure what anonymisation costs.

Pixels and vectors are held in memory and dropped: nothing of an un-anonymised photo is written anywhere.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.decode import decode
from indexer.errors import DataError
from indexer.stages import Vectors
from retrieval.engine import Engine

BATCH = 32


def clear_vectors(engine: Engine, names: Sequence[str], folder: Path) -> Vectors:
    """Raw vectors, float32 [n, d], of the photos with these file names in `folder` or below, by the library's encoder.

    Raises `DataError` when one of them is not there, `DecodeError` for one that cannot be read.
    """
    files = {file.name: file for file in sorted(folder.rglob("*")) if file.is_file()}
    if absent := [name for name in names if name not in files]:
        raise DataError(
            f"{len(absent):,} photos of the gallery are not below the folder of --clear: give the one that was indexed."
        )
    batches = [names[start : start + BATCH] for start in range(0, len(names), BATCH)]
    return np.concatenate([_encode(engine, [files[name] for name in batch]) for batch in batches])


def _encode(engine: Engine, files: Sequence[Path]) -> Vectors:
    pixels = (decode(file.read_bytes(), engine.settings.max_pixels).pixels for file in files)
    return engine.encoder.encode(np.stack([engine.encoder.preprocess(picture) for picture in pixels]))
