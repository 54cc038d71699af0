"""`photoveil eval captions`: how well photos are found by descriptions, in every language of a caption file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.cli.options import Device, Head, Json, LibraryPath
from ui.cli.output import err, print_json, print_rows

CaptionFile = Annotated[
    Path,
    typer.Option(
        "--captions", help="TSV with image, split, lang, text (gz too).", metavar="TSV", exists=True, dir_okay=False
    ),
]
Split = Annotated[str | None, typer.Option(help="Only captions and photos of this split.")]
PerPhoto = Annotated[
    Literal["longest", "all"], typer.Option(help="Ask a photo's longest caption of each language, or all of them.")
]
Report = Annotated[
    Path | None, typer.Option("--out", help="Folder for report.json, report.md and chart.png.", metavar="FOLDER")
]


def captions(
    library: LibraryPath,
    captions_file: CaptionFile,
    split: Split = None,
    per_photo: PerPhoto = "all",
    head: Head = None,
    out: Report = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Ask a library for the photo of every caption: Recall@1/5/10, median rank and MRR per language."""
    from eval.captions import evaluate
    from eval.reports.captions import COLUMNS, rows, write_report
    from retrieval.engine import Engine

    with Engine.open(library, device=device) as engine:
        report = evaluate(engine, captions_file, split=split, per_photo=per_photo, head=head)
    if out is not None:
        write_report(report, out)
    if as_json:
        print_json(report.to_json())
        return
    print_rows("Found by description", COLUMNS, rows(report))
    err.print(
        f"Mean Recall@10 {report.mean_recall_at_10:.3f}; {report.gallery:,} photos, {report.missing:,} missing.",
        highlight=False,
    )
