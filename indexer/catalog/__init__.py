"""The catalog: photos and all that is known about them, in SQLite beside the vectors or in PostgreSQL.

Its commits are the library's commits: what a file holds beyond what a committed row says does not exist.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, make_url, text, update
from sqlalchemy.engine import URL

from indexer import durable
from indexer.catalog.tables import libraries
from indexer.errors import (
    LibraryCorruptError,
    LibraryError,
    LibraryLockedError,
    LibraryNotFoundError,
    LibraryVersionError,
    MissingExtraError,
)

HEAD = "0001"
"""The newest migration: what this program reads and writes."""

MIGRATIONS = Path(__file__).with_name("migrations")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "secure_delete=ON", "foreign_keys=ON")
BUSY_MS = 10_000


class Catalog:
    """One database of one or many libraries. `file` is SQLite's, and stands for the database in announcements."""

    def __init__(self, file: Path, database_url: str | None = None, *, create: bool = False) -> None:
        self.file = file
        self.url = _url(file, database_url)
        self.is_file = self.url.get_backend_name() == "sqlite"
        if self.is_file and not create and not file.exists():
            raise LibraryCorruptError("The library's catalog.db is missing: restore it from a backup.")
        self.engine = _engine(self.url)

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot; never waits for the writer and never holds it up."""
        with _speaking_plainly(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when this returns and without a trace when it raises."""
        with _speaking_plainly(), self.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            durable.announce("commit", self.file)
            transaction.commit()
        durable.announce("committed", self.file)

    def revision(self) -> str | None:
        """The migration the database stands at, None for an empty one."""
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found

    def require_head(self, *, writable: bool) -> None:
        """Brings an older catalog up to date, or says why it cannot be used."""
        revision = self.revision()
        if revision == HEAD:
            return
        if revision is None:
            raise LibraryNotFoundError("The catalog is empty: name the database that the library was made with.")
        if revision > HEAD:
            raise LibraryVersionError("The library was written by a newer photoveil: update this one.")
        if not writable:
            raise LibraryError("The library was made by an older photoveil: run `photoveil compact` on it once.")
        self.migrate()

    def migrate(self) -> None:
        """Runs all migrations that are still to come."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def next_seq(self, connection: Connection, library_id: int, seq: int, **values: Any) -> int:
        """Counts one change of a library beyond `seq`, and sets `values` beside it.

        Raises `LibraryLockedError` when somebody else has counted one since: then nothing of this change is kept.
        """
        mine = (libraries.c.library_id == library_id) & (libraries.c.seq == seq)
        if connection.execute(update(libraries).where(mine).values(seq=seq + 1, **values)).rowcount != 1:
            raise LibraryLockedError("Another program writes to the library: run the command again when it is done.")
        return seq + 1

    def integrity(self) -> list[str]:
        """What the database itself finds wrong with its file; nothing for a database server."""
        if not self.is_file:
            return []
        try:
            return [str(row[0]) for row in self._run("PRAGMA integrity_check") if row[0] != "ok"]
        except LibraryCorruptError as error:
            return [str(error)]

    def vacuum(self) -> None:
        """Rewrites the database without what was deleted and empties its write-ahead log.

        Raises `LibraryError` while a reader holds an old snapshot of the log.
        """
        if not self.is_file:
            with _speaking_plainly(), self.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
            return
        self.checkpoint()
        self._run("PRAGMA temp_store=MEMORY")  # VACUUM's copy must not rest in a temporary file
        self._run("VACUUM")
        self.checkpoint()

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the database and empties it; nothing to do for a database server."""
        if self.is_file and self._run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] != 0:
            raise LibraryError("Another program reads the catalog: close it and run the command again.")

    def _run(self, statement: str) -> list[Any]:
        """One SQLite statement outside of any transaction."""
        durable.announce("commit", self.file)
        with _speaking_plainly(), closing(self.engine.raw_connection()) as connection:
            rows: list[Any] = connection.cursor().execute(statement).fetchall()
        durable.announce("committed", self.file)
        return rows


def _url(file: Path, database_url: str | None) -> URL:
    if database_url is None:
        return URL.create("sqlite", database=str(file))
    url = make_url(database_url)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgres", "A catalog in PostgreSQL") from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own would not put reads into a transaction
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Turns a database's refusals into errors of our own tree."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _translated(str(error.orig).lower()) from error
    except sqlite3.Error as error:
        raise _translated(str(error).lower()) from error


def _translated(reason: str) -> LibraryError:
    if "malformed" in reason or "not a database" in reason:
        return LibraryCorruptError("The library's catalog.db is damaged: restore it from a backup.")
    if "full" in reason or "no space" in reason:
        return LibraryError("The disk is full: free some space and run the command again; nothing reported is lost.")
    if "locked" in reason or "busy" in reason:
        return LibraryError("Another program holds the catalog: wait until it is done and run the command again.")
    return LibraryError(f"The catalog refused ({reason.splitlines()[0]}): check the database and run again.")
