"""The photos of a data set that a system can find, as points of its head's view."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Dataset
from eval.system import System
from indexer.errors import DataError
from indexer.stages import Vectors


@dataclass(frozen=True, eq=False)
class Gallery:
    """n photos. `names` [n] is one file name of each, `points` float32 [n, D], `rows` maps every name to its row.

    `ids` int64 [n] are their ids in the library, None without one. `missing` names the images of the data set that are
    not there, in its order.
    """

    names: tuple[str, ...]
    points: Vectors
    rows: dict[str, int]
    ids: NDArray[np.int64] | None
    missing: tuple[str, ...]

    def answers(self, images: Iterable[str]) -> NDArray[np.int64]:
        """Row of each image, int64, -1 for one that is missing."""
        return np.fromiter((self.rows.get(image, -1) for image in images), np.int64)


def gallery_of(system: System, dataset: Dataset) -> Gallery:
    """The images of the data set in its order. Raises `DataError` when none of them is there.

    Two images with the same content are one photo: it is in the gallery once, and is right for the captions of both.
    """
    found = [name for name in dataset.gallery if name in system.rows]
    if not found:
        raise DataError("None of the captioned photos is in this library: index their folder first.")
    first: dict[int, str] = {}
    for name in found:
        first.setdefault(system.rows[name], name)
    chosen = np.array(list(first), np.int64)
    place = {row: number for number, row in enumerate(first)}
    return Gallery(
        names=tuple(first.values()),
        points=system.head.view.prepare(system.vectors[chosen]),
        rows={name: place[system.rows[name]] for name in found},
        ids=None if system.ids is None else system.ids[chosen],
        missing=tuple(name for name in dataset.gallery if name not in system.rows),
    )
