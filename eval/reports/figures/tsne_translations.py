"""Where translations lie beside their English sentence, as figure 4 of Aggarwal and Kale (2020) shows it."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from eval.reports.figures.pairs import Rows, english_pairs, spread
from eval.reports.figures.style import FAINT, IMAGES, NAMES, TEXTS, blank, heading, map_panel, save
from eval.reports.figures.tsne import LEAST, tsne
from eval.reports.run import Run
from indexer.errors import DataError
from indexer.stages import Vectors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Space = Literal["encoder", "head"]
TITLES = {"encoder": "the text encoder's space", "head": "the image space, after the head"}
MOST = 100
"""Pairs drawn in a panel: more hide the lines between them."""

PER_ROW = 5


def draw_translations(run: Run, path: Path, *, space: Space = "encoder", most: int = MOST, seed: int = 0) -> Path:
    """One small map per language: English sentences, their partners in the language, and a line for each pair.

    Raises `DataError` for a run without English questions or, in the encoder's space, without the encoder's vectors.
    """
    points = run.vectors if space == "encoder" else run.points
    pairs = {code: rows for code, rows in translated(run).items() if code in points}
    if not pairs or "en" not in points:
        raise DataError("There is nothing to compare with English: measure English and another language.")
    columns = min(PER_ROW, len(pairs))
    lines = -(-len(pairs) // columns)
    figure = blank(max(7.5, 3.1 * columns + 0.2), 3.2 * lines + 1.1)
    for number, (code, rows) in enumerate(pairs.items()):
        english, other = unit(points["en"][rows[0]]), unit(points[code][rows[1]])
        axes = figure.add_subplot(lines, columns, number + 1)
        kept = spread(len(english), most)
        _panel(axes, tsne(np.concatenate([english[kept], other[kept]]), seed))
        map_panel(axes, NAMES.get(code, code), f"R@1 {own_first(other, english):.3f} of {len(english):,}")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False, markerscale=2.5, fontsize=10)
    partner = "Translations" if run.aligned else "Captions of the same photo"
    heading(figure, f"{partner} beside their English sentence", _remark(run, space, most))
    return save(figure, path)


def translated(run: Run) -> dict[str, tuple[Rows, Rows]]:
    """Languages with enough English partners for a map, and the rows of both."""
    pairs = {code: english_pairs(run, code) for code in run.languages if code != "en"}
    return {code: rows for code, rows in pairs.items() if 2 * len(rows[0]) >= LEAST}


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1, float32 [n, d]: sentences are compared by angle."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)


def own_first(questions: Vectors, english: Vectors) -> float:
    """Share of rows whose own English sentence is the nearest of all; equal ones count against it."""
    scores = questions.astype(np.float64) @ english.astype(np.float64).T
    own = np.diagonal(scores).copy()
    return float(((scores >= own[:, None]).sum(axis=1) == 1).mean())


def _panel(axes: "Axes", places: Vectors) -> None:
    from matplotlib.collections import LineCollection

    half = len(places) // 2
    english, other = places[:half], places[half:]
    lines = np.stack([english, other], axis=1)
    axes.add_collection(LineCollection(list(lines), colors=FAINT, lw=0.5, alpha=0.5, zorder=1, label="pair"))
    axes.scatter(english[:, 0], english[:, 1], s=9, c=IMAGES, alpha=0.7, lw=0, label="English", zorder=2)
    axes.scatter(other[:, 0], other[:, 1], s=9, c=TEXTS, alpha=0.7, lw=0, label="the other language", zorder=3)


def _remark(run: Run, space: Space, most: int) -> str:
    encoder = run.setting.get("text", "text encoder")
    return f"{run.dataset}, {TITLES[space]} ({encoder}), t-SNE of up to {most} pairs each"
