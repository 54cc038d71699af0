"""A batch of photos enters a library: thumbnails, then vectors, then one catalog transaction, which is what counts."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, delete, insert, update

from indexer.catalog.census import Census
from indexer.catalog.entries import Place, Plan, forget, lost_tries, plan, write
from indexer.catalog.tables import libraries, segments
from indexer.errors import SpaceMismatchError, UsageError
from indexer.parts import Parts
from indexer.photos import Committed, NewPhoto
from indexer.stages import FINDABLE, State

Places = dict[Place, tuple[int, int, int]]
"""Root and path of every known file, to its size, mtime_ns and photo id."""


def commit_batch(parts: Parts, census: Census, places: Places, batch: Sequence[NewPhoto]) -> list[Committed]:
    """Stores a batch, durable when this returns, and brings `places` up to date.

    Whatever raises leaves nothing that counts: what was written so far is overwritten by the next batch or removed
    when the library is next opened for writing.
    """
    for photo in batch:
        _check(photo, parts.manifest.space.dim)
    with parts.catalog.reading() as connection:
        made = plan(connection, parts.manifest, census.next_id, batch)
    parts.thumbs.add(made.thumbnails)
    grown = _store_vectors(parts, census, made)
    with parts.catalog.writing() as connection:
        seq = parts.catalog.next_seq(connection, parts.manifest.library_id, census.seq, next_id=made.next_id)
        write(connection, parts.manifest.library_id, made, seq)
        for number, rows in grown.items():
            count_segment(connection, parts.manifest.library_id, number, rows)
        _drop_lost_tries(connection, parts.manifest.library_id, made, places, seq)
    for place, row in made.locations.items():
        places[place] = (row["size"], row["mtime_ns"], row["photo_id"])
    return made.outcomes


def _check(photo: NewPhoto, dim: int) -> None:
    if photo.sha256 is None and photo.state != State.FAILED:
        raise UsageError("A photo without the hash of its content can only be stored as failed.")
    if (photo.vector is not None) != (photo.state in FINDABLE):
        raise UsageError("A photo has a vector when it may be found, and none when it may not.")
    if photo.vector is not None and photo.vector.shape != (dim,):
        raise SpaceMismatchError(
            f"The library holds vectors of {dim} dimensions, this one is {photo.vector.shape}: use its own encoder."
        )
    if photo.vector is not None and not np.isfinite(photo.vector).all():
        raise UsageError("A vector holds values that are no numbers: check the encoder.")


def _store_vectors(parts: Parts, census: Census, made: Plan) -> dict[int, int]:
    """Writes the vectors behind those that count. Returns the segment's new record count by its number."""
    if not made.vectors:
        return {}
    ids = np.array(sorted(made.vectors), np.int64)
    vectors = np.stack([made.vectors[photo_id] for photo_id in ids.tolist()]).astype(np.float32)
    number, rows = max(census.segments.items(), default=(0, 0))
    if number and not parts.segments.is_full(rows):
        parts.segments.append(number, rows, ids, vectors)
        return {number: rows + len(ids)}
    parts.segments.create(number + 1, ids, vectors)
    return {number + 1: len(ids)}


def count_segment(connection: Connection, library_id: int, number: int, rows: int) -> None:
    """Says how many records of a segment count; 0 says that there is no such segment."""
    mine = (segments.c.library_id == library_id) & (segments.c.number == number)
    if rows == 0:
        connection.execute(delete(segments).where(mine))
    elif connection.execute(update(segments).where(mine).values(rows=rows)).rowcount == 0:
        connection.execute(insert(segments).values(library_id=library_id, number=number, rows=rows))


def _drop_lost_tries(connection: Connection, library_id: int, made: Plan, places: Places, seq: int) -> None:
    here = {place: row["photo_id"] for place, row in made.locations.items() if place in places}
    moved_from = [places[place][2] for place, photo_id in here.items() if places[place][2] != photo_id]
    if lost := lost_tries(connection, library_id, moved_from):
        forget(connection, library_id, lost)
        mine = libraries.c.library_id == library_id
        connection.execute(update(libraries).where(mine).values(removed_seq=seq))
