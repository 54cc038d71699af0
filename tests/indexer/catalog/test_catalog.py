import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from indexer.catalog import HEAD, MIGRATIONS, Catalog
from indexer.catalog.tables import metadata
from indexer.errors import LibraryError, LibraryVersionError, MissingExtraError
from indexer.library import Library
from tests.indexer.shelf import L2, ids_of, nearest, new_library, photos


def test_the_migrations_end_where_the_program_stands() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db", create=True)
    catalog.migrate()
    with catalog.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    catalog.close()


def test_every_table_carries_the_library_id() -> None:
    assert all("library_id" in table.primary_key.columns for table in metadata.tables.values())


def stamp(path: Path, revision: str) -> None:
    catalog = Catalog(path / "catalog.db")
    with catalog.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    catalog.close()


def test_a_newer_catalog_is_refused(tmp_path: Path) -> None:
    new_library(tmp_path / "a").close()
    stamp(tmp_path / "a", "9999")
    with pytest.raises(LibraryVersionError, match="update"):
        Library.open(tmp_path / "a")


def test_an_older_catalog_is_migrated_by_a_writer_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_library(tmp_path / "a").close()
    stamp(tmp_path / "a", "0000")
    with pytest.raises(LibraryError, match="photoveil compact"):
        Library.open(tmp_path / "a")
    monkeypatch.setattr(Catalog, "migrate", lambda self: stamp(tmp_path / "a", HEAD))
    Library.open(tmp_path / "a", writable=True).close()
    Library.open(tmp_path / "a").close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic.op.create_index", lambda *_, **__: 1 / 0)
    catalog = Catalog(tmp_path / "catalog.db", create=True)
    with pytest.raises(ZeroDivisionError):
        catalog.migrate()
    assert catalog.revision() is None
    with catalog.reading() as connection:
        assert connection.exec_driver_sql("SELECT name FROM sqlite_master").all() == []
    catalog.close()


def test_opening_and_searching_import_neither_alembic_nor_torch(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(3)))
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from indexer.library import Library, View\n"
        "with Library.open(Path(sys.argv[1]), writable=True) as library:\n"
        "    assert len(library.search(np.zeros((1, 8), np.float32), 9, View('l2'))[0]) == 3\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'alembic', 'torch', 'tensorflow', 'transformers', 'sklearn', 'matplotlib', 'pyarrow'}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_commit_is_forced_to_the_medium_and_deleted_rows_are_overwritten(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db", create=True)
    pragmas = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    with catalog.reading() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 1, 1]
    catalog.close()


def test_postgres_without_its_driver_names_the_group_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match="postgres"):
        Catalog(tmp_path / "catalog.db", "postgres://localhost/none")


def test_a_library_made_in_a_file_stays_there(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(2)))
    with Library.open(tmp_path / "a", database_url="postgresql://nowhere.invalid/none") as library:
        assert nearest(library, 1, L2) == ids_of(library)[1]
