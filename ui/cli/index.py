"""`photoveil index`: a folder of photos becomes an anonymised, searchable library."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.cli.options import Device, Json, LibraryPath
from ui.cli.output import err, print_json, print_pairs, print_rows
from ui.cli.progress import ingest_progress

if TYPE_CHECKING:
    from retrieval.engine import Engine, IngestReport

FAILURES_SHOWN = 20

Sources = Annotated[list[Path], typer.Argument(help="Folders, photos or quoted globs.", metavar="DIR…")]
Profile = Annotated[str, typer.Option("--profile", "-p", help="Which models a new library is made with.")]
Paths = Annotated[
    Literal["relative", "none"],
    typer.Option(help="What a new library keeps of where photos lie.", case_sensitive=False),
]


def index(
    sources: Sources,
    library: LibraryPath,
    profile: Profile = "starter",
    paths: Paths = "relative",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Anonymise photos and take them into a library; a second run does only what is new."""
    with open_or_create(library, profile, paths, device) as engine, ingest_progress() as show:
        report = engine.ingest(sources, on_progress=show)
    if as_json:
        print_json(report_fields(report))
    else:
        print_report(report)


def open_or_create(library: Path, profile: str, paths: str, device: str | None) -> "Engine":
    """The library at that place, or a new one."""
    from retrieval.engine import Engine

    if (library / "library.json").exists():
        return Engine.open(library, writable=True, device=device)
    err.print("Making a new library.", highlight=False)
    return Engine.create(library, profile, paths=paths, device=device)


def report_fields(report: "IngestReport") -> dict[str, object]:
    """The fields that CONTRACT pins."""
    fields = asdict(report)
    fields["failures"] = [{"photo": failure.photo, "reason": failure.reason} for failure in report.failures]
    return fields


def print_report(report: "IngestReport") -> None:
    """The counts, and the first failures with their reasons."""
    fields = report_fields(report)
    fields.pop("failures")
    print_pairs("Indexed", fields)
    if report.failures:
        shown = report.failures[:FAILURES_SHOWN]
        print_rows("Could not be taken in", ["photo", "reason"], [(one.photo, one.reason) for one in shown])
    if len(report.failures) > FAILURES_SHOWN:
        err.print(f"… and {len(report.failures) - FAILURES_SHOWN} more: --json lists all of them.", highlight=False)
