"""`photoveil eval captions`: how well a library answers captions whose photo is known."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

from indexer.errors import MissingExtraError
from ui.cli.options import Device, Head, Json, LibraryPath
from ui.cli.output import err, print_json, print_rows

Captions = Annotated[Path, typer.Option(help="Captions: TSV with image, split, lang, text (gz too).", metavar="TSV")]
Split = Annotated[str | None, typer.Option(help="Only this split, of queries and photos.", show_default="all")]
PerPhoto = Annotated[
    Literal["longest", "all"], typer.Option(help="One query per photo and language, its longest caption; or all.")
]
Report = Annotated[
    Path | None, typer.Option("--out", help="Folder for report.json, report.md and chart.png.", metavar="FOLDER")
]


def captions(
    library: LibraryPath,
    captions: Captions,
    split: Split = None,
    per_photo: PerPhoto = "all",
    head: Head = None,
    out: Report = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Measure text to image retrieval on captions, per language, with 95 % intervals."""
    if out is not None and find_spec("matplotlib") is None:
        raise MissingExtraError("report", "Drawing the chart")
    from eval.captions import evaluate
    from eval.reports.captions import COLUMNS, rows, write_report
    from retrieval.engine import Engine

    with Engine.open(library, device=device) as engine:
        report = evaluate(engine, captions, split=split, per_photo=per_photo, head=head)
    if out is not None:
        write_report(report, out)
    if as_json:
        print_json(report.to_json())
        return
    print_rows("Text to image retrieval", COLUMNS, rows(report))
    err.print(
        f"{report.gallery} photos searched, {report.missing} missing, "
        f"mean Recall@10 over {len(report.languages)} languages {report.mean_recall_at_10:.3f}.",
        highlight=False,
    )
    if report.unsupported:
        err.print(f"Not measured, none of the eleven languages: {', '.join(report.unsupported)}.", highlight=False)
