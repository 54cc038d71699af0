"""`photoveil demo`: the main job, from a folder of photos to answers in eleven languages."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ui.cli.extras import STARTER
from ui.cli.options import PROGRAM, Json
from ui.cli.output import err, new_table, out, print_json
from ui.cli.progress import ingest_progress
from ui.cli.search import hit_fields

if TYPE_CHECKING:
    from ui.demo.tour import Tour

NAMED = 2
"""How many hits of each language the table names; the contact sheet shows more."""

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Your own photos; without it, photographs that ship inside packages.",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]
Into = Annotated[Path, typer.Option("--out", help="Folder for library and contact sheet.", metavar="FOLDER")]


def demo(folder: Folder = None, into: Into = Path("photoveil-demo"), as_json: Json = False) -> None:
    """Make a library, ask it one question in eleven languages, and draw a contact sheet of what came out."""
    from ui.demo.photos import copy_photos
    from ui.demo.questions import BUILDING, PEOPLE
    from ui.demo.tour import take_tour

    if folder is None:
        copy_photos(into / "photos")
    question = BUILDING if folder is None else PEOPLE
    with ingest_progress() as show:
        tour = take_tour(folder or into / "photos", question, into, show)
    if as_json:
        answers = {code: [hit_fields(hit) for hit in hits] for code, hits in tour.answers.items()}
        places = {"library": str(tour.library), "contact_sheet": str(tour.sheet)}
        print_json({**asdict(tour.report), **places, "question": question, "answers": answers})
    else:
        _print_answers(tour, question)


def _print_answers(tour: "Tour", question: dict[str, str]) -> None:
    from ui.demo.questions import LANGUAGES

    table = new_table("One question, eleven languages")
    table.add_column("language")
    table.add_column("question", ratio=2)
    table.add_column("best photos, with scores", ratio=1)
    for code, hits in tour.answers.items():
        named = [f"{Path(hit.path or '').name} {hit.score:.3f}" for hit in hits[:NAMED]]
        table.add_row(LANGUAGES[code], escape(question[code]), escape("\n".join(named)))
    out.print(table)
    counts = ", ".join(f"{count} {state}" for state, count in tour.states.items() if count)
    err.print(f"Photos: {counts}. Contact sheet: {tour.sheet}", soft_wrap=True, highlight=False, markup=False)
    command = "./run" if STARTER in os.environ else PROGRAM
    more = f'Ask for more: {command} search "a cat" --library {tour.library}'
    err.print(more, soft_wrap=True, highlight=False, markup=False)
