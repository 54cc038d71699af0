"""Where captions and images lie in their common space, as figure 3 of Aggarwal and Kale (2020) shows it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval.reports.figures.pairs import Rows, first_questions, spread
from eval.reports.figures.style import IMAGES, NAMES, TEXTS, blank, heading, map_panel, save
from eval.reports.figures.tsne import tsne
from eval.reports.run import Run
from indexer.errors import DataError
from indexer.stages import Vectors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANGUAGES = ("en", "de", "ja", "zh")
MOST = 1000


def draw_images_and_texts(
    run: Run, path: Path, *, languages: Sequence[str] = LANGUAGES, most: int = MOST, seed: int = 0
) -> Path:
    """One map of up to `most` images and of one question each in every language, drawn as a panel per language.

    The map is made once of all points, so that an image has the same place in each panel. Raises `DataError` when
    the run has none of the languages, `MissingExtraError`.
    """
    codes = [code for code in languages if code in run.points] or list(run.languages[:1])
    firsts = {code: first_questions(run, code) for code in codes}
    codes = [code for code in codes if firsts[code]]  # a language whose images are all missing has no panel
    images = np.array(sorted(set().union(*firsts.values())), np.int64)
    if not len(images):
        raise DataError("No question of this run asks for an image that is there: check the data set's folder.")
    images = images[spread(len(images), most)]
    asked = {code: _rows(found, images) for code, found in firsts.items()}
    places = tsne(np.concatenate([run.image_points[images], *(run.points[code][asked[code]] for code in codes)]), seed)
    parts = np.split(places, np.cumsum([len(images), *(len(asked[code]) for code in codes)])[:-1])
    lines, columns = -(-len(codes) // 2), min(len(codes), 2)
    figure = blank(4.3 * columns + 0.4, 4.2 * lines + 1.0)
    for number, (code, mine) in enumerate(zip(codes, parts[1:], strict=True), start=1):
        axes = figure.add_subplot(lines, columns, number)
        _points(axes, parts[0], IMAGES, "images")
        _points(axes, mine, TEXTS, "captions after the head")
        map_panel(
            axes, NAMES.get(code, code), f"own image nearest: {_first(run, code, asked[code]):.0%} of {len(mine):,}"
        )
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False, markerscale=3, fontsize=10)
    heading(figure, "Images and captions in one space", f"{run.dataset}, {len(images):,} images, t-SNE")
    return save(figure, path)


def _rows(found: dict[int, int], images: Rows) -> Rows:
    return np.array([found[image] for image in images.tolist() if image in found], np.int64)


def _points(axes: "Axes", places: Vectors, colour: str, label: str) -> None:
    axes.scatter(places[:, 0], places[:, 1], s=7, c=colour, alpha=0.6, lw=0, label=label, zorder=2)


def _first(run: Run, code: str, rows: Rows) -> float:
    return float((run.nearest(code, rows) == run.answers[code][rows]).mean())
