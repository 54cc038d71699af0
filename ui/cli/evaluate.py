"""`photoveil eval …`: how well questions whose answer is known are answered."""

from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from indexer.errors import MissingExtraError, UsageError
from ui.cli.options import Device, Head, Json
from ui.cli.output import err, print_json, print_rows

if TYPE_CHECKING:
    from eval.datasets import Dataset
    from eval.system import System

LibraryPath = Annotated[Path | None, typer.Option("--library", "-L", help="The library's folder.", metavar="FOLDER")]
Features = Annotated[
    Path | None, typer.Option(help="Instead of a library: an export of one (its vectors).", metavar="FOLDER")
]
Text = Annotated[
    str | None,
    typer.Option(
        help="Another text encoder; --head must be trained on it.", metavar="NAME", show_default="the profile's"
    ),
]
Captions = Annotated[
    Path,
    typer.Option(
        help="TSV with image, split, lang, text (gz too); or MSCOCO's or Karpathy's JSON, a token file of Flickr, "
        "captions.jsonl of Crossmodal-3600, the folder of XTD10 or Multi30K.",
        metavar="FILE",
    ),
]
Data = Annotated[Path, typer.Option(help="The data set's folder, in its official layout.", metavar="FOLDER")]
Split = Annotated[str | None, typer.Option(help="Only this split, of queries and photos.", show_default="all")]
PerPhoto = Annotated[
    Literal["longest", "all"], typer.Option(help="One query per photo and language, its longest caption; or all.")
]
Report = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the report: JSON, Markdown, CSV and a chart.", metavar="FOLDER"),
]
Figures = Annotated[bool, typer.Option("--figures", help="With --out: maps of the points and a page of answers too.")]
ImageToText = Annotated[
    bool, typer.Option("--image-to-text", help="The other direction too: photos look for captions.")
]
Clear = Annotated[
    Path | None,
    typer.Option(help="Also measure the photos as they lie here, not anonymised; nothing is kept.", metavar="FOLDER"),
]


class Named(NamedTuple):
    """What is measured, as the options name it."""

    library: Path | None
    features: Path | None
    head: str | None
    text: str | None
    device: str | None


def captions(
    captions: Captions,
    library: LibraryPath = None,
    features: Features = None,
    split: Split = None,
    per_photo: PerPhoto = "all",
    head: Head = None,
    text: Text = None,
    image_to_text: ImageToText = False,
    clear: Clear = None,
    out: Report = None,
    figures: Figures = False,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Measure text to image retrieval on captions, per language, with 95 % intervals."""
    from eval.datasets import open_dataset

    dataset = open_dataset(captions, split)
    asked = dataset.longest() if per_photo == "longest" else dataset
    system = Named(library, features, head, text, device)
    _measure(system, asked, image_to_text, clear, out, figures, as_json)


def xtd10(
    data: Data,
    library: LibraryPath = None,
    features: Features = None,
    head: Head = None,
    text: Text = None,
    image_to_text: ImageToText = False,
    clear: Clear = None,
    out: Report = None,
    figures: Figures = False,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Measure on XTD10: 1,000 images of MSCOCO, one caption of each in eleven languages."""
    from eval.datasets import xtd10

    system = Named(library, features, head, text, device)
    _measure(system, xtd10.read(data), image_to_text, clear, out, figures, as_json)


def multi30k(
    data: Data,
    library: LibraryPath = None,
    features: Features = None,
    split: Annotated[str, typer.Option(help="The split; the published figures are those of the default.")] = (
        "test_2016_flickr"
    ),
    task: Annotated[int, typer.Option(min=1, max=2, help="1: translated captions; 2: five independent ones.")] = 1,
    head: Head = None,
    text: Text = None,
    image_to_text: ImageToText = False,
    clear: Clear = None,
    out: Report = None,
    figures: Figures = False,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Measure on Multi30K: images of Flickr30k, captions in English, German and French."""
    from eval.datasets import multi30k

    dataset = multi30k.read(data, split, 2 if task == 2 else 1)
    system = Named(library, features, head, text, device)
    _measure(system, dataset, image_to_text, clear, out, figures, as_json)


def translations(
    pairs: Annotated[
        Path,
        typer.Option(help="TSV of id, language, text, english (gz too), or the folder of XTD10.", metavar="TSV|FOLDER"),
    ],
    encoder: Annotated[str, typer.Option(help="The text encoder.", metavar="NAME")] = "starter",
    out: Annotated[Path | None, typer.Option(help="Folder for the report.", metavar="FOLDER")] = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Measure a text encoder alone: a sentence looks for its English translation among all."""
    from eval.reports.translations import COLUMNS, rows, write_report
    from eval.translations import evaluate_translations, read_pairs
    from indexer.devices import pick_device
    from indexer.modelstore import ModelStore
    from indexer.settings import get_settings
    from retrieval.text import load_text_encoder

    chosen = load_text_encoder(encoder, ModelStore(get_settings()), pick_device(device))
    report = evaluate_translations(chosen, read_pairs(pairs), pairs.name)
    if out is not None:
        write_report(report, out)
    if as_json:
        print_json(report.to_json())
        return
    print_rows("Translations found among English sentences", COLUMNS, rows(report))
    if report.unsupported:
        err.print(f"Not measured, none of the eleven languages: {', '.join(report.unsupported)}.", highlight=False)


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Reports: report.json, or their folders.", metavar="RUN.json…")],
    out: Annotated[Path | None, typer.Option(help="Folder for the table and its chart.", metavar="FOLDER")] = None,
    as_json: Json = False,
) -> None:
    """Put several runs into one table, with the published figures for the same data."""
    _need_matplotlib(out)
    from eval.reports.compare import cells, columns, read_runs, write_comparison

    rows = read_runs(runs)
    if out is not None:
        from eval.reports.figures import draw_comparison

        write_comparison(rows, out)
        draw_comparison(rows, out / "comparison.png")
    if as_json:
        print_json({"runs": [row.to_json() for row in rows]})
    else:
        print_rows("Recall@10", columns(rows), cells(rows))


def _measure(
    system: Named,
    dataset: "Dataset",
    image_to_text: bool,
    clear: Path | None,
    out: Path | None,
    figures: bool,
    as_json: bool,
) -> None:
    if out is None and figures:
        raise UsageError("Figures need a folder to be written to: give --out.")
    _need_matplotlib(out)
    from eval.captions import evaluate
    from eval.reports.captions import columns, rows, summary, to_json, write_report

    with ExitStack() as stack:
        report, run = evaluate(_system(stack, system), dataset, image_to_text=image_to_text, clear=clear)
        if out is not None:
            write_report(report, out, run if figures else None)
    if as_json:
        print_json(to_json(report))
        return
    print_rows("Text to image retrieval", columns(report), rows(report))
    for line in summary(report):
        err.print(line, highlight=False)


def _need_matplotlib(out: Path | None) -> None:
    """Before anything is measured that could not be drawn."""
    if out is not None and find_spec("matplotlib") is None:
        raise MissingExtraError("report", "Drawing the chart")


def _system(stack: ExitStack, named: Named) -> "System":
    from eval.system import of_features, of_library
    from retrieval.engine import Engine

    if named.library is not None and named.features is None:
        engine = stack.enter_context(Engine.open(named.library, device=named.device))
        return of_library(engine, named.head, named.text)
    if named.features is not None and named.library is None:
        return of_features(named.features, named.head, named.text, named.device)
    raise UsageError("Name the photos by either --library or --features.")
