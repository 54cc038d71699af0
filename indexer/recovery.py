"""What opening for writing does first: remove the leftovers of a crash, and save what a damaged segment still holds."""

import logging
import shutil
import time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update

from indexer import durable
from indexer.catalog.census import Census, chunks, thumbnails
from indexer.catalog.entries import DAMAGED
from indexer.catalog.tables import locations, photos
from indexer.commit import count_segment
from indexer.parts import Parts
from indexer.stages import State

log = logging.getLogger(__name__)


def recover(parts: Parts) -> None:
    """Leaves the library as its last commit says, and nothing else."""
    for folder in parts.folders:
        folder.mkdir(exist_ok=True)
    remove_leftovers(parts)
    save_damaged_segments(parts)
    mark_lost_vectors(parts)
    put_unreadable_generations_aside(parts)
    remove_uncommitted(parts)


def put_unreadable_generations_aside(parts: Parts) -> None:
    """Indexes whose manifest is damaged are kept as evidence; what their manifest does say is checked on use."""
    for number in parts.generations.numbers():
        if parts.generations.manifest(number) is None:
            log.warning("The manifest of index generation %d is damaged: the index was put aside.", number)
            parts.generations.put_aside(number)


def remove_leftovers(parts: Parts) -> None:
    """Deletes files and folders that were never completed."""
    for folder in parts.folders:
        for path in folder.iterdir():
            if path.name.endswith(durable.TEMP):
                durable.remove_tree(path)


def remove_uncommitted(parts: Parts) -> None:
    """Deletes segments, records and thumbnails that no commit speaks of."""
    census = parts.census()
    for number in set(parts.segments.numbers()) - census.segments.keys():
        parts.segments.remove(number)
    durable.fsync_dir(parts.segments.folder)
    for number, rows in census.segments.items():
        path, length = parts.segments.path(number), parts.segments.length(number, rows)
        if path.stat().st_size > length:
            durable.truncate(path, length)
    with parts.catalog.reading() as connection:
        referred = thumbnails(connection, parts.manifest.library_id)
    parts.thumbs.keep_only(referred)


def save_damaged_segments(parts: Parts) -> None:
    """Puts a copy of each damaged segment aside and goes on with a new one that holds its sound records."""
    for number, rows in parts.census().segments.items():
        if parts.segments.is_intact(number, rows) and parts.segments.read(number, rows).intact.all():
            continue
        log.warning("Segment %d is damaged: a copy was put aside and its sound records were saved.", number)
        _copy_aside(parts, number)
        _replace(parts, number, rows)


def _copy_aside(parts: Parts, number: int) -> None:
    path = parts.segments.path(number)
    if path.exists():
        aside = path.with_name(f"{path.name}{durable.QUARANTINE}{time.time_ns()}")
        shutil.copyfile(path, aside)
        durable.fsync(aside)
        durable.fsync_dir(path.parent)


def _replace(parts: Parts, number: int, rows: int) -> None:
    census = parts.census()
    sound = parts.segments.salvage(number, rows)
    keep = np.isin(sound.ids, census.findable)
    rewrite_segment(parts, census, number, sound.ids[keep], sound.vectors[keep])


def rewrite_segment(
    parts: Parts, census: Census, number: int, ids: NDArray[np.int64], vectors: NDArray[np.float32]
) -> None:
    """Puts a new segment with these records in the place of an old one, whose file is deleted."""
    new = max([*census.segments, *parts.segments.numbers()]) + 1
    if len(ids):
        parts.segments.create(new, ids, vectors)
    with parts.catalog.writing() as connection:
        parts.catalog.next_seq(connection, parts.manifest.library_id, census.seq)
        count_segment(connection, parts.manifest.library_id, number, 0)
        count_segment(connection, parts.manifest.library_id, new, len(ids))
    parts.segments.remove(number)
    durable.fsync_dir(parts.segments.folder)


def mark_lost_vectors(parts: Parts) -> None:
    """Photos whose vector is gone become `failed`, and their files count as unknown, so that they are read again."""
    census, library_id = parts.census(), parts.manifest.library_id
    stored = [parts.segments.ids(number, rows) for number, rows in census.segments.items()]
    lost = np.setdiff1d(census.findable, np.concatenate([np.empty(0, np.int64), *stored]))
    if not len(lost):
        return
    log.warning("%d photos have lost their vectors: index their folders again.", len(lost))
    with parts.catalog.writing() as connection:
        seq = parts.catalog.next_seq(connection, library_id, census.seq)
        for chunk in chunks(lost.tolist()):
            mine = (photos.c.library_id == library_id) & photos.c.id.in_(chunk)
            values = {"state": State.FAILED.value, "reason": DAMAGED, "seq": seq}
            connection.execute(update(photos).where(mine).values(**values))
            there = (locations.c.library_id == library_id) & locations.c.photo_id.in_(chunk)
            connection.execute(update(locations).where(there).values(mtime_ns=-1))
