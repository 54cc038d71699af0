"""Erasing: first the photo is gone for everybody, in one commit; then every file that held a byte of it is rewritten.

An erasure that is interrupted is finished when the library is next opened for writing.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import insert, select, update

from indexer import durable
from indexer.catalog.census import Census
from indexer.catalog.entries import forget
from indexer.catalog.tables import erasures
from indexer.errors import LibraryCorruptError, PhotoNotFoundError
from indexer.parts import Parts
from indexer.photos import Receipt
from indexer.recovery import remove_leftovers, remove_uncommitted, rewrite_segment
from indexer.vectorstore import FlatStore


def erase_photos(parts: Parts, ids: Sequence[int]) -> Receipt:
    """Erases photos. No byte of their names, hashes, vectors, tags, boxes or thumbnails is left on return.

    Raises `PhotoNotFoundError` when one is not in the library (then nothing is erased).
    """
    receipt = _forget(parts, set(ids))
    finish_erasures(parts)
    return receipt


def _forget(parts: Parts, ids: Collection[int]) -> Receipt:
    census, library_id = parts.census(), parts.manifest.library_id
    at = datetime.now(UTC).replace(microsecond=0)
    with parts.catalog.writing() as connection:
        parts.catalog.next_seq(connection, library_id, census.seq, removed_seq=census.seq + 1)
        gone = forget(connection, library_id, ids)
        if missing := len(ids) - gone["photos"]:
            raise PhotoNotFoundError(f"{missing} of the photos are not in this library: nothing was erased.")
        receipt = Receipt(secrets.token_hex(16), at, **gone)
        row = {"id": receipt.id, "at": at.replace(tzinfo=None), **gone, "finished": 0}
        connection.execute(insert(erasures).values(library_id=library_id, **row))
    return receipt


def unfinished(parts: Parts) -> int:
    """How many erasures still have files to scrub."""
    mine = (erasures.c.library_id == parts.manifest.library_id) & (erasures.c.finished == 0)
    with parts.catalog.reading() as connection:
        return len(connection.execute(select(erasures.c.id).where(mine)).all())


def finish_erasures(parts: Parts) -> None:
    """Scrubs every file for the erasures that ask for it."""
    remove_quarantine(parts)
    tidy(parts)
    library_id = parts.manifest.library_id
    with parts.catalog.writing() as connection:
        connection.execute(update(erasures).where(erasures.c.library_id == library_id).values(finished=1))
    parts.catalog.checkpoint()


def tidy(parts: Parts) -> None:
    """Rewrites segments and indexes without photos that are gone, and the catalog without free space."""
    remove_leftovers(parts)
    census = parts.census()
    for number, rows in census.segments.items():
        _rewrite_without_dead(parts, number, rows)
    remove_uncommitted(parts)
    _renew_generations(parts, census)
    parts.catalog.vacuum()


def _rewrite_without_dead(parts: Parts, number: int, rows: int) -> None:
    census = parts.census()
    alive = np.isin(parts.segments.ids(number, rows), census.findable)
    if alive.all():
        return
    records = parts.segments.read(number, rows, alive)
    if not records.intact.all():
        raise LibraryCorruptError("A segment is damaged: run `photoveil compact`, which also finishes the erasure.")
    rewrite_segment(parts, census, number, records.ids, records.vectors)


def _renew_generations(parts: Parts, census: Census) -> None:
    """Keeps indexes without dead rows, writes the newest of each view anew without them, deletes all others."""
    generations, served = parts.generations, set[str]()
    for number in generations.numbers():
        manifest = generations.manifest(number)
        snapshot = generations.open(manifest) if manifest else None
        if manifest and snapshot and np.isin(snapshot.ids, census.findable).all():
            served.add(manifest.view)
            continue
        if manifest and snapshot and manifest.view not in served:
            store = FlatStore.restored(snapshot, manifest.metric, gpu=False)
            store.remove(np.setdiff1d(snapshot.ids, census.findable))
            generations.write(store.snapshot(), manifest.view, manifest.metric, manifest.applied_seq)
            served.add(manifest.view)
        generations.remove(number)


def remove_quarantine(parts: Parts) -> None:
    """Deletes all evidence of damage: nobody can tell whether it holds what must be forgotten."""
    for folder in parts.folders:
        aside = [path for path in folder.iterdir() if durable.QUARANTINE in path.name]
        for path in aside:
            durable.remove_tree(path)
        if aside:
            durable.fsync_dir(folder)
