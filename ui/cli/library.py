"""Commands about a whole library: `stats`, `verify`, `compact`, `erase`, `export`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Json, LibraryPath
from ui.cli.output import err, print_json, print_pairs, print_rows

Photos = Annotated[
    list[int] | None, typer.Argument(help="Ids of photos, as search shows them.", metavar="PHOTO…", show_default=False)
]
PathGlob = Annotated[
    str | None, typer.Option("--path", help="Every photo whose path fits, such as 'holiday/*'.", metavar="GLOB")
]
Tag = Annotated[str | None, typer.Option(help="Every photo with this tag.")]
Target = Annotated[Path, typer.Argument(help="A new folder for what is exported.", metavar="OUT")]


def stats(library: LibraryPath, as_json: Json = False) -> None:
    """Count what a library holds."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        counts = engine.stats()
    if as_json:
        print_json(asdict(counts))
    else:
        rows = asdict(counts)
        print_pairs("Library", {**{f"photos {state}": n for state, n in rows.pop("states").items()}, **rows})


def verify(library: LibraryPath, as_json: Json = False) -> None:
    """Read every byte of a library and check it; exit 1 when something is wrong."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        counts, problems = engine.stats(), engine.verify()
    if as_json:
        found = {"photos": counts.photos, "vectors": counts.vectors, "generation": counts.generation}
        print_json({"ok": not problems, **found, "problems": [asdict(problem) for problem in problems]})
    elif problems:
        print_rows("Problems", ("where", "what"), [(problem.kind, problem.what) for problem in problems])
    else:
        err.print(f"All is well: {counts.photos} photos, {counts.vectors} vectors.", highlight=False)
    raise typer.Exit(1 if problems else 0)


def compact(library: LibraryPath, as_json: Json = False) -> None:
    """Rewrite what holds anything that is gone, and give free space back."""
    from retrieval.engine import Engine

    with Engine.open(library, writable=True) as engine:
        before = _bytes_below(library)
        engine.compact()
    after = _bytes_below(library)
    if as_json:
        print_json({"bytes_before": before, "bytes_after": after})
    else:
        err.print(f"{before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after.", highlight=False)


def erase(
    library: LibraryPath, photos: Photos = None, path: PathGlob = None, tag: Tag = None, as_json: Json = False
) -> None:
    """Erase photos from a library so that no byte of them is left there; the original files stay."""
    from retrieval.engine import Engine

    with Engine.open(library, writable=True) as engine:
        receipt = engine.erase(photos or (), path=path, tag=tag)
    if as_json:
        print_json({"erased": receipt.photos, "receipt": {**asdict(receipt), "at": receipt.at.isoformat()}})
    else:
        err.print(f"Erased {receipt.photos} photos; receipt {receipt.id}.", highlight=False)


def export(target: Target, library: LibraryPath, as_json: Json = False) -> None:
    """Write what can be found in a library as Parquet, NPY and a manifest; neither pixels nor boxes leave."""
    from retrieval.engine import Engine

    with Engine.open(library) as engine:
        manifest = engine.export(target)
    if as_json:
        print_json(manifest)
    else:
        err.print(f"Exported {manifest['photos']} photos.", highlight=False)


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
