"""Making the folder of a library, and opening the parts of one that is there."""

import secrets
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import insert, select

from indexer import durable
from indexer.catalog import Catalog
from indexer.catalog.tables import libraries
from indexer.errors import LibraryCorruptError, LibraryLockedError, UsageError
from indexer.manifest import NAME, Manifest
from indexer.parts import CATALOG, LOCK, Parts


def check_vacant(path: Path) -> None:
    """Raises `UsageError` where a library or something else lies; what an interrupted creation left may lie there."""
    if (path / NAME).exists():
        raise UsageError("There is a library at that place already: open it, or name another folder.")
    ours = {LOCK, "segments", "thumbs", "index", *(CATALOG + end for end in ("", "-wal", "-shm")), NAME + durable.TEMP}
    if path.exists() and any(child.name not in ours for child in path.iterdir()):
        raise UsageError("That folder holds something else: name a new or an empty one for the library.")


def locked(path: Path) -> FileLock:
    """The writer's lock, which the system releases however the process ends. Raises `LibraryLockedError`."""
    lock = FileLock(path / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise LibraryLockedError("Another process writes to the library: wait until it is done.") from error
    return lock


def build_parts(path: Path, manifest: Manifest, database_url: str | None) -> Parts:
    """Everything a library needs; library.json comes last, and makes it one."""
    for end in ("", "-wal", "-shm"):
        (path / (CATALOG + end)).unlink(missing_ok=True)  # of a creation that was interrupted
    catalog = Catalog(path / CATALOG, database_url, create=True)
    parts = Parts.at(path, manifest, catalog)
    for folder in parts.folders:
        folder.mkdir(exist_ok=True)
    catalog.migrate()
    row = {"library_id": manifest.library_id, "manifest": manifest.to_json(), "seq": 0, "removed_seq": 0}
    with catalog.writing() as connection:
        connection.execute(insert(libraries).values(**row, next_id=secrets.randbits(48) + 1))
    for folder in (*parts.folders, path.parent):
        durable.fsync_dir(folder)
    durable.write_atomic(path / NAME, manifest.to_json().encode())
    return parts


def open_parts(path: Path, database_url: str | None, *, writable: bool) -> Parts:
    """The parts of a library that is there; one made in a file stays in its file, whatever `database_url` says."""
    file = path / CATALOG
    catalog = Catalog(file, None if file.exists() else database_url)
    try:
        catalog.require_head(writable=writable)
        return Parts.at(path, _manifest(path, catalog, writable=writable), catalog)
    except BaseException:
        catalog.close()
        raise


def _manifest(path: Path, catalog: Catalog, *, writable: bool) -> Manifest:
    """library.json, or the catalog's copy of it when it is damaged."""
    try:
        return Manifest.from_json((path / NAME).read_bytes().decode("utf-8", "replace"))
    except LibraryCorruptError:
        with catalog.reading() as connection:
            copies = connection.execute(select(libraries.c.manifest)).scalars().all()
        if len(copies) != 1:
            raise
    if writable:
        durable.quarantine(path / NAME)
        durable.write_atomic(path / NAME, copies[0].encode())
    return Manifest.from_json(copies[0])
