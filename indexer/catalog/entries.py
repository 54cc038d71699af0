"""One batch of photos as catalog rows: what is new, what was known, and the writing of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from indexer.catalog.census import chunks
from indexer.catalog.tables import locations, photos, regions, tags
from indexer.manifest import Manifest
from indexer.photos import Committed, Location, NewPhoto
from indexer.stages import State
from indexer.thumbs import digest_of

Row = dict[str, Any]
Place = tuple[str, str]


DAMAGED = "Its vector was damaged on disk: index its folder again."
"""The reason of a photo that was found until its vector was lost."""

_FIND_CONTENT = select(photos.c.id).where(
    photos.c.library_id == bindparam("library_id"),
    photos.c.sha256 == bindparam("sha256"),
    photos.c.reason != DAMAGED,
)


@dataclass
class Plan:
    """What a batch adds. `outcomes` has one entry per photo of the batch, `vectors` one per photo to be findable."""

    next_id: int
    outcomes: list[Committed] = field(default_factory=list)
    added: dict[int, Row] = field(default_factory=dict)
    retried: set[int] = field(default_factory=set)
    regions: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    locations: dict[Place, Row] = field(default_factory=dict)
    vectors: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    thumbnails: list[bytes] = field(default_factory=list)


def plan(connection: Connection, manifest: Manifest, next_id: int, batch: Sequence[NewPhoto]) -> Plan:
    """Decides for each photo whether it is new, a duplicate, or a further try at one that had failed."""
    made = Plan(next_id)
    known = _known_contents(connection, manifest.library_id, [photo.sha256 for photo in batch if photo.sha256])
    unread = _known_unread(connection, manifest, [photo for photo in batch if not photo.sha256])
    for photo in batch:
        key = photo.sha256 or _unread_key(manifest, photo)
        earlier = (known if photo.sha256 else unread).get(key)
        if earlier is None or (earlier[1] == State.FAILED and photo.state != State.FAILED):
            photo_id = _add(made, manifest, photo, earlier)
            (known if photo.sha256 else unread)[key] = (photo_id, photo.state)
            made.outcomes.append(Committed(photo_id, "added"))
        else:
            photo_id = earlier[0]
            made.outcomes.append(Committed(photo_id, "duplicate"))
        if manifest.paths == "relative":
            place = photo.location
            made.locations[storable(place.root), storable(place.path)] = _location(manifest, place, photo_id)
    return made


def find_content(connection: Connection, library_id: int, sha256: str) -> int | None:
    """The photo of this content (hexadecimal), unless it has to be read again because its vector was damaged."""
    values = {"library_id": library_id, "sha256": bytes.fromhex(sha256)}
    return connection.execute(_FIND_CONTENT, values).scalar_one_or_none()


def known_places(connection: Connection, library_id: int) -> dict[Place, tuple[int, int, int]]:
    """Root and path of every known file, to its size, mtime_ns and photo id."""
    columns = (locations.c.root, locations.c.path, locations.c.size, locations.c.mtime_ns, locations.c.photo_id)
    found = connection.execute(select(*columns).where(locations.c.library_id == library_id))
    return {(root, path): (size, mtime_ns, photo_id) for root, path, size, mtime_ns, photo_id in found}


def _known_contents(connection: Connection, library_id: int, hashes: Sequence[str]) -> dict[Any, tuple[int, str]]:
    query = select(photos.c.sha256, photos.c.id, photos.c.state).where(photos.c.library_id == library_id)
    known: dict[Any, tuple[int, str]] = {}
    for chunk in chunks([bytes.fromhex(digest) for digest in hashes]):
        for digest, photo_id, state in connection.execute(query.where(photos.c.sha256.in_(chunk))):
            known[digest.hex()] = (photo_id, state)
    return known


def _known_unread(connection: Connection, manifest: Manifest, batch: Sequence[NewPhoto]) -> dict[Any, tuple[int, str]]:
    """Rows of files that could not be read have no content: they are told apart by place, else by reason."""
    if not batch:
        return {}
    mine = (photos.c.library_id == manifest.library_id) & photos.c.sha256.is_(None)
    if manifest.paths == "none":
        found = connection.execute(select(photos.c.reason, photos.c.id, photos.c.state).where(mine))
        return {reason: (photo_id, state) for reason, photo_id, state in found}
    joined = (locations.c.library_id == photos.c.library_id) & (locations.c.photo_id == photos.c.id)
    query = select(locations.c.root, locations.c.path, photos.c.id, photos.c.state).where(mine, joined)
    return {(root, path): (photo_id, state) for root, path, photo_id, state in connection.execute(query)}


def _unread_key(manifest: Manifest, photo: NewPhoto) -> str | Place:
    if manifest.paths == "none":
        return storable(photo.reason)
    return storable(photo.location.root), storable(photo.location.path)


def _add(made: Plan, manifest: Manifest, photo: NewPhoto, earlier: tuple[int, str] | None) -> int:
    if earlier is None:
        photo_id, made.next_id = made.next_id, made.next_id + 1
    else:
        photo_id = earlier[0]
        if photo_id in made.added:
            made.regions = [row for row in made.regions if row["photo_id"] != photo_id]
            made.tags = [row for row in made.tags if row["photo_id"] != photo_id]
        else:
            made.retried.add(photo_id)
    key = {"library_id": manifest.library_id, "photo_id": photo_id}
    made.added[photo_id] = _photo(manifest, photo_id, photo)
    made.regions += [
        {**key, "ordinal": n, "kind": b.kind, "x": b.x, "y": b.y, "w": b.w, "h": b.h, "score": b.score}
        for n, b in enumerate(photo.boxes)
    ]
    made.tags += [{**key, "name": storable(name), "score": float(score)} for name, score in photo.tags.items()]
    if photo.vector is not None:
        made.vectors[photo_id] = photo.vector
    if photo.thumbnail is not None:
        made.thumbnails.append(photo.thumbnail)
    return photo_id


def _photo(manifest: Manifest, photo_id: int, photo: NewPhoto) -> Row:
    return {
        "library_id": manifest.library_id,
        "id": photo_id,
        "sha256": None if photo.sha256 is None else bytes.fromhex(photo.sha256),
        "bytes": photo.bytes,
        "width": photo.width,
        "height": photo.height,
        "state": photo.state.value,
        "reason": storable(photo.reason),
        "policy": manifest.policy_hash,
        "taken_at": photo.taken_at if manifest.keep_dates else None,
        "camera": storable(photo.camera) if photo.camera is not None and manifest.keep_camera else None,
        "thumbnail": None if photo.thumbnail is None else digest_of(photo.thumbnail),
    }


def _location(manifest: Manifest, place: Location, photo_id: int) -> Row:
    return {
        "library_id": manifest.library_id,
        "root": storable(place.root),
        "path": storable(place.path),
        "size": place.size,
        "mtime_ns": place.mtime_ns,
        "photo_id": photo_id,
    }


def write(connection: Connection, library_id: int, made: Plan, seq: int) -> None:
    """Puts a plan's rows into the catalog; nothing counts before the transaction commits."""
    for photo_id in made.retried:
        _forget(connection, library_id, [photo_id], keep_locations=True)
        values = {name: value for name, value in made.added[photo_id].items() if name not in ("library_id", "id")}
        mine = (photos.c.library_id == library_id) & (photos.c.id == photo_id)
        connection.execute(update(photos).where(mine).values(**values, seq=seq))
    new = [{**row, "seq": seq} for photo_id, row in made.added.items() if photo_id not in made.retried]
    for table, rows in ((photos, new), (regions, made.regions), (tags, made.tags)):
        if rows:
            connection.execute(insert(table), rows)
    _place(connection, library_id, made.locations)


def _place(connection: Connection, library_id: int, places: Mapping[Place, Row]) -> None:
    if not places:
        return
    mine = locations.c.library_id == library_id
    here = mine & (locations.c.root == bindparam("r")) & (locations.c.path == bindparam("p"))
    connection.execute(delete(locations).where(here), [{"r": root, "p": path} for root, path in places])
    connection.execute(insert(locations), list(places.values()))


def lost_tries(connection: Connection, library_id: int, ids: Iterable[int]) -> list[int]:
    """Those of `ids` that failed and lie nowhere any more, because their files have changed since."""
    here = (locations.c.library_id == photos.c.library_id) & (locations.c.photo_id == photos.c.id)
    mine = (photos.c.library_id == library_id) & (photos.c.state == State.FAILED.value) & ~exists().where(here)
    lost: list[int] = []
    for chunk in chunks(list(ids)):
        lost += connection.execute(select(photos.c.id).where(mine, photos.c.id.in_(chunk))).scalars()
    return lost


def forget(connection: Connection, library_id: int, ids: Iterable[int]) -> dict[str, int]:
    """Deletes photos with all that hangs on them. Returns how many rows of each kind there were."""
    return _forget(connection, library_id, list(ids), keep_locations=False)


def _forget(connection: Connection, library_id: int, ids: Sequence[int], *, keep_locations: bool) -> dict[str, int]:
    parts = (regions, tags) if keep_locations else (regions, tags, locations, photos)
    gone = {table.name: 0 for table in parts}
    for chunk in chunks(ids):
        for table in parts:
            column = table.c.id if table is photos else table.c.photo_id
            statement = delete(table).where(table.c.library_id == library_id, column.in_(chunk))
            gone[table.name] += connection.execute(statement).rowcount
    return gone


def storable(text: str) -> str:
    """Text that UTF-8 can hold: bytes of a file name that are no UTF-8 become escapes, NUL becomes a space."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", " ")
