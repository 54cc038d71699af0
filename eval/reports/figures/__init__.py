"""The figures of a report, one a module, and all of them for one run."""

from collections.abc import Sequence
from pathlib import Path

from eval.reports.figures.bars import Series, draw_bars
from eval.reports.figures.comparison import draw_comparison
from eval.reports.figures.rank1_page import draw_rank1_page
from eval.reports.figures.tsne_images import draw_images_and_texts
from eval.reports.figures.tsne_translations import draw_translations, translated
from eval.reports.run import Run

__all__ = [
    "Series",
    "draw_bars",
    "draw_comparison",
    "draw_images_and_texts",
    "draw_rank1_page",
    "draw_translations",
    "write_figures",
]


def write_figures(run: Run, out: Path, series: Sequence[Series] = ()) -> list[Path]:
    """Every figure that the run's data allow, as PNG in `out`; with `series` their bars too. Returns what was written.

    Translations are drawn only where there are some beside English ones. Raises `MissingExtraError`.
    """
    written = [
        draw_images_and_texts(run, out / "tsne-images.png"),
        draw_rank1_page(run, out / "rank1.png"),
    ]
    if translated(run):
        if len(run.vectors) > 1:
            written.append(draw_translations(run, out / "tsne-translations-encoder.png", space="encoder"))
        written.append(draw_translations(run, out / "tsne-translations-head.png", space="head"))
    if series:
        written.append(draw_bars(series, out / "bars.png"))
    return written
