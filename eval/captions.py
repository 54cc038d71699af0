"""Text to image retrieval, measured on captions of photos that lie in a library, one language at a time.

One caption has one right photo. The search is exact, over all photos of the split that can be found; equal scores count
against us.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eval.metrics.bootstrap import bootstrap_interval
from eval.metrics.ranks import ranks_of_relevant
from eval.metrics.recall import recall_at_k
from eval.metrics.reciprocal_rank import mean_reciprocal_rank
from indexer.errors import DataError
from indexer.stages import Vectors
from indexer.views import View
from retrieval.engine import Engine
from retrieval.text.language import ALIASES, LANGUAGES
from retrieval.training.captions import Caption, longest_per_photo, read_captions

PerPhoto = Literal["longest", "all"]
BLOCK = 512
"""Queries scored at a time."""


@dataclass(frozen=True)
class LanguageResult:
    """One language: `ci95` is the interval of Recall@10, `median_rank` is None when the median photo is missing."""

    queries: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    ci95: tuple[float, float]
    median_rank: float | None
    mrr: float

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names."""
        return {
            "queries": self.queries,
            "recall@1": self.recall_at_1,
            "recall@5": self.recall_at_5,
            "recall@10": self.recall_at_10,
            "ci95": list(self.ci95),
            "median_rank": self.median_rank,
            "mrr": self.mrr,
        }


@dataclass(frozen=True)
class CaptionReport:
    """A measurement and what it was made of.

    `gallery` counts the photos searched, `missing` the captioned photos that cannot be found: their captions count as
    misses. `unsupported` lists languages of the file that are none of the eleven.
    """

    gallery: int
    missing: int
    unsupported: list[str]
    languages: dict[str, LanguageResult]
    setting: dict[str, Any]

    @property
    def mean_recall_at_10(self) -> float:
        """Mean over the languages, each counting once."""
        return float(np.mean([result.recall_at_10 for result in self.languages.values()]))

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names."""
        return {
            "gallery": self.gallery,
            "missing": self.missing,
            "unsupported": self.unsupported,
            "languages": {code: result.to_json() for code, result in self.languages.items()},
            "mean_recall@10": self.mean_recall_at_10,
            "setting": self.setting,
        }


@dataclass(frozen=True)
class Gallery:
    """Photos by the last part of their path, and their points of the view, [photos, d]."""

    rows: dict[str, int]
    points: Vectors


def evaluate(
    engine: Engine, captions: Path, *, split: str | None = None, per_photo: PerPhoto = "all", head: str | None = None
) -> CaptionReport:
    """Ask every caption of the file (one split of it) and look where its photo comes.

    Raises `DataError` for a library without paths, and for a file without captions of the split.
    """
    asked = [caption for caption in read_captions(captions) if split in (None, caption.split)]
    if not asked:
        raise DataError("The file has no captions of that split: check --split.")
    chosen = engine.head(head)
    images = {caption.image for caption in asked}
    gallery = _gallery(engine, images, chosen.view)
    by_language = _by_language(asked)
    results = {}
    for code in [code for code in LANGUAGES if code in by_language]:
        mine = longest_per_photo(by_language[code]) if per_photo == "longest" else by_language[code]
        points = chosen.project(engine.text_encoder.encode([caption.text for caption in mine]))
        results[code] = _measure(
            chosen.view.prepare_queries(points), [caption.image for caption in mine], gallery, chosen.view
        )
    if not results:
        raise DataError("The file has no captions in any of the eleven languages: check its column lang.")
    return CaptionReport(
        gallery=len(gallery.rows),
        missing=len(images - gallery.rows.keys()),
        unsupported=sorted(by_language.keys() - set(LANGUAGES)),
        languages=results,
        setting={
            "profile": engine.profile.name,
            "space": chosen.space,
            "text": chosen.text,
            "head_sha256": chosen.card.get("sha256"),
            "loss": chosen.card.get("loss"),
            "metric": chosen.view.metric,
            "captions": captions.name,
            "split": split,
            "per_photo": per_photo,
            "ties": "pessimistic",
            "search": "exact",
        },
    )


def _by_language(captions: Iterable[Caption]) -> dict[str, list[Caption]]:
    found: dict[str, list[Caption]] = {}
    for caption in captions:
        found.setdefault(ALIASES.get(caption.language, caption.language), []).append(caption)
    return found


def _gallery(engine: Engine, images: set[str], view: View) -> Gallery:
    if engine.library.manifest.paths == "none":
        raise DataError(
            "This library keeps no paths, so captions cannot be joined to its photos: index with paths kept."
        )
    ids, vectors = engine.library.vectors()
    names = [PurePosixPath(photo.path or "").name for photo in engine.library.photos(ids.tolist())]
    wanted = [row for row, name in enumerate(names) if name in images]
    if not wanted:
        raise DataError("None of the captioned photos is in this library: index their folder first.")
    return Gallery({names[row]: number for number, row in enumerate(wanted)}, view.prepare(vectors[wanted]))


def _measure(points: Vectors, images: Sequence[str], gallery: Gallery, view: View) -> LanguageResult:
    relevant = np.array([gallery.rows.get(image, -1) for image in images])
    blocks = range(0, len(points), BLOCK)
    ranks = np.concatenate(
        [ranks_of_relevant(score(points[i : i + BLOCK], gallery.points, view), relevant[i : i + BLOCK]) for i in blocks]
    )
    median = float(np.median(ranks))
    return LanguageResult(
        queries=len(ranks),
        recall_at_1=recall_at_k(ranks, 1),
        recall_at_5=recall_at_k(ranks, 5),
        recall_at_10=recall_at_k(ranks, 10),
        ci95=bootstrap_interval((ranks <= 10).astype(np.float64)),
        median_rank=median if np.isfinite(median) else None,
        mrr=mean_reciprocal_rank(ranks),
    )


def score(queries: Vectors, photos: Vectors, view: View) -> NDArray[np.float64]:
    """All scores [queries, photos] in double precision: a cosine, or minus the squared distance."""
    left, right = queries.astype(np.float64), photos.astype(np.float64)
    products: NDArray[np.float64] = left @ right.T
    if view.metric == "cosine":
        return products
    products *= 2
    products -= (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None]
    return products
