"""`photoveil models list|pull|import|verify`: the weights of the model store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.options import Json
from ui.cli.output import err, print_json, print_rows
from ui.cli.progress import download_progress

if TYPE_CHECKING:
    from indexer.modelstore import ModelEntry, ModelStore

Name = Annotated[str, typer.Argument(help="A name that `photoveil models list` shows.")]
File = Annotated[Path, typer.Argument(help="A file of weights that you have.", exists=True, dir_okay=False)]


def list_models(as_json: Json = False) -> None:
    """List all weights: which are here, from where the others come, under which licence."""
    store = _store()
    entries = [_fields(entry) | {"here": store.has(entry.name)} for entry in store.entries()]
    if as_json:
        print_json({"models": entries})
    else:
        columns = ("name", "here", "size", "licence", "what")
        rows = [
            (one["name"], "yes" if one["here"] else "no", _size(one["bytes"]), one["licence"], one["what"])
            for one in entries
        ]
        print_rows("Weights", columns, rows)


def pull(name: Name, as_json: Json = False) -> None:
    """Download weights into the cache; an interrupted download goes on where it stopped."""
    store = _store()
    with download_progress(name) as show:
        store.pull(name, show)
    _tell(store.get(name), as_json, "is here and verified")


def import_file(file: File, as_json: Json = False) -> None:
    """Copy a file of weights into the cache after checking what it is."""
    _tell(_store().import_file(file), as_json, "was imported")


def verify(as_json: Json = False) -> None:
    """Hash all weights on this machine anew; exit 1 when one is not what it must be."""
    found = _store().verify()
    ok = all(found.values())
    if as_json:
        print_json({"ok": ok, "models": found})
    else:
        print_rows(
            "Weights on this machine",
            ("name", "state"),
            [(name, "ok" if good else "damaged") for name, good in found.items()],
        )
    raise typer.Exit(0 if ok else 1)


def _store() -> "ModelStore":
    from indexer.modelstore import ModelStore
    from indexer.settings import get_settings

    return ModelStore(get_settings())


def _tell(entry: "ModelEntry", as_json: bool, what: str) -> None:
    if as_json:
        print_json(_fields(entry))
    else:
        err.print(f"'{entry.name}' {what} (sha256 {entry.sha256}).", highlight=False)


def _fields(entry: "ModelEntry") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(entry)


def _size(count: object) -> str:
    return f"{count / 1e6:.1f} MB" if isinstance(count, int) else "–"
