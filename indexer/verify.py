"""Looking at every byte of a library: what is damaged, missing, or does not fit together."""

from collections.abc import Iterator

import numpy as np
from sqlalchemy import select

from indexer.catalog.census import Census, thumbnails
from indexer.catalog.tables import libraries
from indexer.erase import unfinished
from indexer.errors import LibraryCorruptError
from indexer.manifest import NAME, unseal
from indexer.parts import Parts
from indexer.photos import Problem


def find_problems(parts: Parts, census: Census) -> Iterator[Problem]:
    """Everything that is wrong, in words that name no photo and no path."""
    yield from _manifest(parts)
    yield from (Problem("catalog", line) for line in parts.catalog.integrity())
    yield from _segments(parts, census)
    yield from _vectors(parts, census)
    yield from _thumbnails(parts)
    yield from _generations(parts)
    if count := unfinished(parts):
        yield Problem("erasure", f"{count} erasures are not finished: run `photoveil compact`.")


def _manifest(parts: Parts) -> Iterator[Problem]:
    mine = libraries.c.library_id == parts.manifest.library_id
    with parts.catalog.reading() as connection:
        copy = connection.execute(select(libraries.c.manifest).where(mine)).scalar_one()
    text = (parts.path / NAME).read_bytes().decode("utf-8", "replace")
    if unseal(text) is None:
        yield Problem("manifest", "library.json is damaged; the catalog holds a copy: run `photoveil compact`.")
    elif text != copy:
        yield Problem("manifest", "library.json is not the one that the catalog knows.")


def _segments(parts: Parts, census: Census) -> Iterator[Problem]:
    for number, rows in census.segments.items():
        try:
            damaged = int(np.count_nonzero(~parts.segments.read(number, rows).intact))
        except FileNotFoundError:
            yield Problem("segment", f"Segment {number} is missing.")
        except LibraryCorruptError:
            yield Problem("segment", f"Segment {number} is too short or has a damaged header.")
        else:
            if damaged:
                yield Problem("segment", f"Segment {number} has {damaged} damaged records of {rows}.")


def _vectors(parts: Parts, census: Census) -> Iterator[Problem]:
    stored = [np.empty(0, np.int64)]
    for number, rows in census.segments.items():
        if parts.segments.is_intact(number, rows):
            stored.append(parts.segments.ids(number, rows))
    ids, times = np.unique(np.concatenate(stored), return_counts=True)
    if lost := len(np.setdiff1d(census.findable, ids)):
        yield Problem("vector", f"{lost} photos that may be found have no vector.")
    if twice := int(np.count_nonzero(times > 1)):
        yield Problem("vector", f"{twice} photos have more than one vector.")


def _thumbnails(parts: Parts) -> Iterator[Problem]:
    with parts.catalog.reading() as connection:
        referred = thumbnails(connection, parts.manifest.library_id)
    missing = referred - parts.thumbs.stored()
    damaged = sum(not parts.thumbs.is_intact(digest) for digest in referred - missing)
    if missing:
        yield Problem("thumbnail", f"{len(missing)} thumbnails are missing.")
    if damaged:
        yield Problem("thumbnail", f"{damaged} thumbnails are damaged.")


def _generations(parts: Parts) -> Iterator[Problem]:
    for number in parts.generations.numbers():
        manifest = parts.generations.manifest(number)
        sound = manifest is not None and parts.generations.open(manifest) is not None
        if not sound and parts.generations.path(number).exists():  # the writer may have replaced it meanwhile
            yield Problem("generation", f"Index generation {number} is damaged.")
