"""Commands about a whole library: `stats`, `verify`, `compact`, `erase`, `export`."""

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Json, LibraryPath
from ui.cli.output import err, print_json, print_pairs, print_rows

Photos = Annotated[list[int] | None, typer.Argument(help="Ids of photos, as search shows them.", metavar="PHOTO…")]
PathGlob = Annotated[
    str | None, typer.Option("--path", help="Every photo whose path fits, such as 'holiday/*'.", metavar="GLOB")
]
Tag = Annotated[str | None, typer.Option(help="Every photo with this tag.")]
Target = Annotated[Path, typer.Argument(help="Folder for the exported files.", metavar="OUT")]


def stats(library: LibraryPath, as_json: Json = False) -> None:
    """Count what a library holds."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        counts = engine.stats()
    if as_json:
        print_json(counts)
    else:
        print_pairs(str(library), counts)


def verify(library: LibraryPath, as_json: Json = False) -> None:
    """Check every file of a library against its checksum; exit 1 when something is wrong."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        report = engine.verify()
    if as_json:
        print_json(report)
    raise typer.Exit(0)


def compact(library: LibraryPath, as_json: Json = False) -> None:
    """Drop what is no longer needed and rebuild the index."""
    from retrieval.engine import Engine

    with Engine.open(library, writable=True) as engine:
        engine.compact()
    print_json({}) if as_json else err.print("Compacted.")


def erase(
    library: LibraryPath, photos: Photos = None, path: PathGlob = None, tag: Tag = None, as_json: Json = False
) -> None:
    """Erase photos from a library so that no byte of them is left; the original files stay."""
    from retrieval.engine import Engine

    with Engine.open(library, writable=True) as engine:
        receipt = engine.erase(photos or (), path=path, tag=tag)


def export(target: Target, library: LibraryPath, as_json: Json = False) -> None:
    """Write a library's table (Parquet), vectors (NPY) and manifest to a folder."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        engine.export(target)
