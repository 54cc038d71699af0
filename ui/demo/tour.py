"""The demo's tour: a library made anew, one question in each language, and the contact sheet of what came out."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from indexer.errors import UsageError
from indexer.library import Filter
from indexer.pipeline import IngestReport, Progress
from indexer.stages import State
from retrieval.engine import Engine, Hit, Query
from ui.demo.contact_sheet import PAIRS_PER_ROW, Answer, Pair, contact_sheet
from ui.demo.questions import LANGUAGES

HITS = 4


@dataclass(frozen=True, slots=True)
class Tour:
    """What the demo has to show: `answers` maps each language to its hits, best first."""

    library: Path
    sheet: Path
    report: IngestReport
    states: Mapping[str, int]
    answers: Mapping[str, list[Hit]]


def take_tour(photos: Path, question: Mapping[str, str], out: Path, on_progress: Callable[[Progress], None]) -> Tour:
    """Makes `out`/photos.library from the folder `photos`, asks it, and writes `out`/contact-sheet.png.

    A library of an earlier tour is replaced. Raises `UsageError` when the folder has no photo.
    """
    library, sheet = out / "photos.library", out / "contact-sheet.png"
    if (library / "library.json").exists():
        shutil.rmtree(library)
    with Engine.create(library, "starter") as engine:
        report = engine.ingest([photos], on_progress)
        if not report.found:
            raise UsageError(
                "There is no photo in that folder: name one that holds JPEG, PNG, WebP, TIFF or GIF files."
            )
        answers = {code: engine.search(Query(text, k=HITS, language=code)).hits for code, text in question.items()}
        states = engine.stats().states
        pairs = [_pair(photos, hit) for hit in _examples(engine)]
    rows = [Answer(code, LANGUAGES[code], [_shown(hit) for hit in hits]) for code, hits in answers.items()]
    contact_sheet(_heading(states), question["en"], pairs, rows).save(sheet, optimize=True)
    return Tour(library, sheet, report, states, answers)


def _examples(engine: Engine) -> list[Hit]:
    """Photos of people for 'before and after': anonymised ones, then clear ones, both where there are both."""
    found = {
        state: engine.search(Query("a person", k=PAIRS_PER_ROW, filters=Filter(states=(state,)))).hits
        for state in (State.ANONYMISED, State.CLEAR)
    }
    anonymised = found[State.ANONYMISED][: PAIRS_PER_ROW - bool(found[State.CLEAR])]
    return [*anonymised, *found[State.CLEAR]][:PAIRS_PER_ROW]


def _pair(photos: Path, hit: Hit) -> Pair:
    """The owner's file as it lies on disk, beside what the library keeps of it."""
    assert hit.path is not None  # the demo's library keeps paths
    with Image.open(photos / hit.path) as opened:
        before = ImageOps.exif_transpose(opened).convert("RGB")
    return Pair(before, _kept(hit), "anonymised" if hit.state is State.ANONYMISED else "nothing to cover")


def _shown(hit: Hit) -> tuple[Image.Image, float]:
    return _kept(hit), hit.score


def _kept(hit: Hit) -> Image.Image:
    assert hit.thumbnail is not None  # every photo that can be found has one
    with Image.open(hit.thumbnail) as opened:
        return opened.convert("RGB")


def _heading(states: Mapping[str, int]) -> str:
    counted = ", ".join(f"{count} {state}" for state, count in states.items() if count)
    return f"Photo search that never stores a face. {sum(states.values())} photos: {counted}."
