"""Which photos there are to be found, and which segments hold their vectors, at one moment of the catalog."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from indexer.catalog.tables import libraries, locations, photos, segments
from indexer.errors import LibraryCorruptError
from indexer.stages import FINDABLE

T = TypeVar("T")

CHUNK = 900
"""Values in one IN list; old SQLite builds take 999 parameters."""

FINDABLE_NAMES = frozenset(state.value for state in FINDABLE)


@dataclass(frozen=True)
class Census:
    """`findable` holds the ids that a search may answer, int64, ascending; `segments` maps number to record count."""

    seq: int
    next_id: int
    findable: NDArray[np.int64]
    segments: dict[int, int]


def take_census(connection: Connection, library_id: int, known: Census | None = None) -> Census:
    """The catalog as of now. With a census taken earlier only what has changed since is read."""
    mine = libraries.c.library_id == library_id
    query = select(libraries.c.seq, libraries.c.removed_seq, libraries.c.next_id).where(mine)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise LibraryCorruptError("The catalog does not know this library: name the database that it was made with.")
    if known is not None and known.seq == row.seq:
        return known
    if known is not None and row.removed_seq > known.seq:
        known = None
    counted = connection.execute(select(segments.c.number, segments.c.rows).where(segments.c.library_id == library_id))
    findable = _findable(connection, library_id, known)
    return Census(row.seq, row.next_id, findable, dict(sorted((row.number, row.rows) for row in counted)))


def _findable(connection: Connection, library_id: int, known: Census | None) -> NDArray[np.int64]:
    query = select(photos.c.id, photos.c.state).where(photos.c.library_id == library_id)
    if known is None:
        found = connection.execute(query.where(photos.c.state.in_(FINDABLE_NAMES)))
        return np.sort(np.fromiter((row[0] for row in found), np.int64))
    changed = connection.execute(query.where(photos.c.seq > known.seq)).all()
    if not changed:
        return known.findable
    kept = np.setdiff1d(known.findable, np.array([row[0] for row in changed], np.int64), assume_unique=True)
    added = np.array([row[0] for row in changed if row[1] in FINDABLE_NAMES], np.int64)
    return np.sort(np.concatenate([kept, added]))


def findable_among(connection: Connection, library_id: int, ids: Sequence[int]) -> set[int]:
    """Those of `ids` that a search may answer."""
    mine = (photos.c.library_id == library_id) & photos.c.state.in_(FINDABLE_NAMES)
    found: set[int] = set()
    for chunk in chunks(ids):
        found.update(connection.execute(select(photos.c.id).where(mine, photos.c.id.in_(chunk))).scalars())
    return found


def counts(connection: Connection, library_id: int) -> tuple[dict[str, int], int]:
    """Photos by state, and the number of locations."""
    by_state = select(photos.c.state, func.count()).where(photos.c.library_id == library_id).group_by(photos.c.state)
    places = select(func.count()).select_from(locations).where(locations.c.library_id == library_id)
    states = {row[0]: row[1] for row in connection.execute(by_state)}
    return states, connection.execute(places).scalar_one()


def thumbnails(connection: Connection, library_id: int) -> set[bytes]:
    """SHA-256 of every thumbnail that a photo refers to."""
    query = select(photos.c.thumbnail).where(photos.c.library_id == library_id, photos.c.thumbnail.is_not(None))
    return {digest for digest in connection.execute(query).scalars() if digest is not None}


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """Lists of at most `CHUNK` values."""
    ordered = list(values)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
