"""`photoveil index`: a folder of photos becomes an anonymised, searchable library."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from indexer.errors import UsageError
from ui.cli.options import Device, Json, LibraryPath
from ui.cli.progress import ingest_progress
from ui.cli.reports import print_report

if TYPE_CHECKING:
    from retrieval.engine import Engine

Sources = Annotated[list[Path], typer.Argument(help="Folders, photos or quoted globs.", metavar="DIR…")]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", "-p", help="The models that a new library is made with.", show_default="starter", metavar="NAME"
    ),
]
PathsKept = Literal["relative", "none"]
Paths = Annotated[
    PathsKept | None, typer.Option(help="What a new library keeps of where photos lie.", show_default="relative")
]


def index(
    sources: Sources,
    library: LibraryPath,
    profile: Profile = None,
    paths: Paths = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Anonymise photos and take them into a library; run again, it does only what is new."""
    with _engine(library, profile, paths, device) as engine, ingest_progress() as show:
        report = engine.ingest(sources, on_progress=show)
    print_report("Indexed", report, as_json)


def _engine(library: Path, profile: str | None, paths: PathsKept | None, device: str | None) -> "Engine":
    """The library at that place, or a new one. Raises `UsageError` when it was made otherwise than asked for now."""
    from retrieval.engine import Engine

    if not (library / "library.json").exists():
        return Engine.create(library, profile or "starter", paths=paths or "relative", device=device)
    engine = Engine.open(library, writable=True, device=device)
    manifest = engine.library.manifest
    for asked, made in ((profile, manifest.profile), (paths, manifest.paths)):
        if asked not in (None, made):
            engine.close()
            raise UsageError(f"This library was made with '{made}', not '{asked}': name a new library.")
    return engine
