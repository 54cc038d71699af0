"""Questions to the catalog: photos by what is known about them, and what is known about photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select

from indexer.catalog.census import chunks
from indexer.catalog.entries import storable
from indexer.catalog.tables import locations, photos, tags
from indexer.errors import PhotoNotFoundError
from indexer.photos import Photo
from indexer.stages import FINDABLE, State
from indexer.thumbs import Thumbs


@dataclass(frozen=True, slots=True)
class Filter:
    """What a photo must fulfil.

    It carries all of `tags` and none of `not_tags`, each with at least `min_score`; it lies in `folder` or below
    (a path relative to its root, or the root's name with or without such a path) and at a place that matches the
    shell pattern `path_glob` (case matters, `*` crosses folders); it was taken at `since` or later and before
    `until`; it is in one of `states`. What is None or empty does not restrict.
    """

    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    min_score: float = 0.0
    folder: str | None = None
    path_glob: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[State, ...] | None = FINDABLE


def select_ids(connection: Connection, library_id: int, wanted: Filter) -> NDArray[np.int64]:
    """Ids of the photos that fulfil the filter, int64, ascending."""
    query = select(photos.c.id).where(photos.c.library_id == library_id, *_conditions(wanted))
    ids = np.sort(np.fromiter(connection.execute(query).scalars(), np.int64))
    if wanted.path_glob is None:
        return ids
    return np.intersect1d(ids, _matching(connection, library_id, wanted.path_glob))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [_tagged(name, wanted.min_score) for name in wanted.tags]
    conditions += [~_tagged(name, wanted.min_score) for name in wanted.not_tags]
    if wanted.states is not None:
        conditions.append(photos.c.state.in_([state.value for state in wanted.states]))
    if wanted.folder is not None:
        conditions.append(_lies_in(storable(wanted.folder.strip("/"))))
    if wanted.since is not None:
        conditions.append(photos.c.taken_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(photos.c.taken_at < wanted.until)
    return conditions


def _tagged(name: str, min_score: float) -> ColumnElement[bool]:
    mine = (tags.c.library_id == photos.c.library_id) & (tags.c.photo_id == photos.c.id)
    carriers = select(tags.c.photo_id).where(mine, tags.c.name == storable(name), tags.c.score >= min_score)
    return exists(carriers)


def _lies_in(folder: str) -> ColumnElement[bool]:
    mine = (locations.c.library_id == photos.c.library_id) & (locations.c.photo_id == photos.c.id)
    whole = locations.c.root + "/" + locations.c.path
    below = [func.substr(column, 1, len(folder) + 1) == folder + "/" for column in (locations.c.path, whole)]
    return exists(select(locations.c.photo_id).where(mine, or_(*below)))


def _matching(connection: Connection, library_id: int, pattern: str) -> NDArray[np.int64]:
    query = select(locations.c.photo_id, locations.c.path).where(locations.c.library_id == library_id)
    found = {photo_id for photo_id, path in connection.execute(query) if fnmatchcase(path, storable(pattern))}
    return np.array(sorted(found), np.int64)


def file_names(connection: Connection, library_id: int) -> list[tuple[str, int]]:
    """The last part of every location's path, and the photo that lies there, by ascending photo."""
    query = select(locations.c.path, locations.c.photo_id).where(locations.c.library_id == library_id)
    rows = connection.execute(query.order_by(locations.c.photo_id, locations.c.path))
    return [(path.rpartition("/")[2], photo_id) for path, photo_id in rows]


def fetch_photos(connection: Connection, library_id: int, ids: Sequence[int], thumbs: Thumbs) -> list[Photo]:
    """Photos in the order of `ids`. Raises `PhotoNotFoundError` when one of them is not in the library."""
    rows = {}
    places: dict[int, tuple[str, str]] = {}
    named: dict[int, dict[str, float]] = {}
    for chunk in chunks(dict.fromkeys(ids)):
        of_photo = select(photos).where(photos.c.library_id == library_id, photos.c.id.in_(chunk))
        rows.update({row.id: row for row in connection.execute(of_photo)})
        where = select(locations.c.photo_id, locations.c.root, locations.c.path)
        where = where.where(locations.c.library_id == library_id, locations.c.photo_id.in_(chunk))
        for photo_id, root, path in connection.execute(where):
            places[photo_id] = min(places.get(photo_id, (root, path)), (root, path))
        what = select(tags.c.photo_id, tags.c.name, tags.c.score)
        what = what.where(tags.c.library_id == library_id, tags.c.photo_id.in_(chunk))
        for photo_id, name, score in connection.execute(what.order_by(tags.c.score.desc(), tags.c.name)):
            named.setdefault(photo_id, {})[name] = score
    if missing := len(set(ids) - rows.keys()):
        raise PhotoNotFoundError(f"{missing} of the photos asked for are not in this library: check their ids.")
    return [_photo(rows[i], places.get(i, (None, None)), named.get(i, {}), thumbs) for i in ids]


def _photo(row: Row[Any], place: tuple[str | None, str | None], tags_of: Mapping[str, float], thumbs: Thumbs) -> Photo:
    return Photo(
        id=row.id,
        state=State(row.state),
        reason=row.reason,
        root=place[0],
        path=place[1],
        sha256=None if row.sha256 is None else row.sha256.hex(),
        bytes=row.bytes,
        width=row.width,
        height=row.height,
        taken_at=row.taken_at,
        camera=row.camera,
        tags=tags_of,
        thumbnail=None if row.thumbnail is None else thumbs.path(row.thumbnail),
    )
