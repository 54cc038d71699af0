"""Text to image retrieval, measured on captions whose image is known, one language at a time.

One caption has one right image. The search is exact, over all images of the data set that can be found; equal scores
count against us, and so do the captions of an image that is missing.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import numpy as np

from eval.caption_report import Beside, CaptionReport
from eval.clear import clear_vectors
from eval.datasets import Dataset
from eval.gallery import Gallery, gallery_of
from eval.metrics.summary import LanguageResult, mean_recall_at_10, summarise
from eval.reports.run import Run
from eval.scores import caption_ranks, photo_ranks
from eval.served import served_recall
from eval.system import System
from indexer.errors import DataError, UsageError
from indexer.stages import Vectors
from retrieval.engine import Engine
from retrieval.text.language import LANGUAGES


def evaluate(
    system: System, dataset: Dataset, *, image_to_text: bool = False, clear: Path | None = None
) -> tuple[CaptionReport, Run]:
    """Ask every question of the data set and look where its image comes; also returns all that was computed for it.

    `clear` is the folder with the photos that were indexed: they are embedded as they are, in memory, and the questions
    asked once more. Raises `DataError` for data without one of our languages, or of which no image is there.
    """
    engine = system.engine
    if clear is not None and engine is None:
        raise UsageError("--clear needs the library that the photos were indexed into: give --library.")
    gallery = gallery_of(system, dataset)
    run = _ask(system, dataset, gallery)
    languages = _text_to_image(run, gallery.points, system)
    exact = mean_recall_at_10(languages.values())
    report = CaptionReport(
        dataset=dataset.name,
        gallery=len(gallery.names),
        missing=gallery.missing,
        unsupported=sorted(set(dataset.questions) - set(LANGUAGES)),
        languages=languages,
        setting=run.setting,
        image_to_text=_image_to_text(run, dataset, system) if image_to_text else None,
        served=_served(run, gallery, system, exact),
        clear=None if clear is None or engine is None else _clear(run, gallery, engine, system, exact, clear),
        m3l=_m3l(run, gallery, system, exact),
    )
    return report, run


def _ask(system: System, dataset: Dataset, gallery: Gallery) -> Run:
    asked = {code: dataset.questions[code] for code in LANGUAGES if dataset.questions.get(code)}
    if not asked:
        raise DataError("There are no captions in any of the eleven languages: check the codes of the data set.")
    texts = {code: tuple(question.text for question in questions) for code, questions in asked.items()}
    vectors = {code: system.encoder.encode(sentences, code) for code, sentences in texts.items()}
    view = system.head.view
    return Run(
        dataset=dataset.name,
        images=gallery.names,
        image_points=gallery.points,
        points={code: view.prepare_queries(system.head.project(found)) for code, found in vectors.items()},
        answers={code: gallery.answers(question.image for question in rows) for code, rows in asked.items()},
        texts=texts,
        metric=view.metric,
        vectors=vectors,
        aligned=dataset.aligned,
        thumbnail=None if system.engine is None else _thumbnails(system.engine, gallery),
        setting={**system.setting, **dataset.setting, "ties": "pessimistic", "search": "exact"},
    )


def _text_to_image(run: Run, photos: Vectors, system: System) -> dict[str, LanguageResult]:
    view = system.head.view
    return {
        code: summarise(photo_ranks(points, run.answers[code], photos, view)) for code, points in run.points.items()
    }


def _image_to_text(run: Run, dataset: Dataset, system: System) -> dict[str, LanguageResult]:
    """A missing image that has captions counts as a miss."""
    results = {}
    for code, points in run.points.items():
        answers = run.answers[code]
        found = caption_ranks(run.image_points, points, answers, system.head.view)
        absent = {q.image for q, row in zip(dataset.questions[code], answers, strict=True) if row < 0}
        results[code] = summarise(np.concatenate([found, np.full(len(absent), np.inf)]))
    return results


def _served(run: Run, gallery: Gallery, system: System, exact: float) -> Beside | None:
    if system.engine is None or gallery.ids is None:
        return None
    library, view, ids = system.engine.library, system.head.view, gallery.ids
    recall = {code: served_recall(library, points, run.answers[code], ids, view) for code, points in run.points.items()}
    return Beside(recall, exact - fmean(recall.values()))


def _clear(run: Run, gallery: Gallery, engine: Engine, system: System, exact: float, folder: Path) -> Beside:
    photos = system.head.view.prepare(clear_vectors(engine, gallery.names, folder))
    recall = {code: result.recall_at_10 for code, result in _text_to_image(run, photos, system).items()}
    return Beside(recall, fmean(recall.values()) - exact)


def _m3l(run: Run, gallery: Gallery, system: System, exact: float) -> Beside | None:
    head = system.m3l
    if head is None:
        return None
    photos = head.view.prepare(system.vectors[[system.rows[name] for name in gallery.names]])
    recall = {
        code: summarise(
            photo_ranks(head.view.prepare_queries(head.project(found)), run.answers[code], photos, head.view)
        ).recall_at_10
        for code, found in run.vectors.items()
    }
    return Beside(recall, exact - fmean(recall.values()))


def _thumbnails(engine: Engine, gallery: Gallery) -> Callable[[str], Path | None]:
    def thumbnail(name: str) -> Path | None:
        if name not in gallery.rows or gallery.ids is None:
            return None
        return engine.library.photos([int(gallery.ids[gallery.rows[name]])])[0].thumbnail

    return thumbnail
