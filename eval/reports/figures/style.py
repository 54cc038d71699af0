"""What all figures of a report share: colours, sizes, and how a picture gets into its file."""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, GRID, PANEL = "#1d2b3a", "#6b7683", "#d9dee5", "#f7f8fa"
IMAGES, TEXTS = "#3b6fb6", "#d9822b"
SERIES = ("#3b6fb6", "#d9822b", "#4a9d7c", "#8a63b0", "#b0485c", "#7a7f87")
"""Told apart by eyes that confuse red and green, and in grey."""

HEADING = 0.72
"""Inches that a heading takes."""

NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "it": "Italian",
    "es": "Spanish",
    "ru": "Russian",
    "ja": "Japanese",
    "zh": "Chinese",
    "pl": "Polish",
    "tr": "Turkish",
    "ko": "Korean",
}


def blank(width: float, height: float) -> "Figure":
    """An empty figure, width and height in inches, that needs no display. Raises `MissingExtraError`."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("report", "Drawing figures") from error
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def heading(figure: "Figure", title: str, remark: str) -> None:
    """What the figure shows, and below it, smaller, what it was drawn from; the panels make room for both."""
    height = float(figure.get_size_inches()[1])
    left = 0.14 / float(figure.get_size_inches()[0])
    figure.text(left, 1 - 0.12 / height, title, ha="left", va="top", color=INK, fontsize=14)
    figure.text(left, 1 - 0.42 / height, remark, ha="left", va="top", color=FAINT, fontsize=10)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0.005, 0.01, 0.99, 0.99 - HEADING / height))  # type: ignore[call-arg]


def map_panel(axes: "Axes", title: str, remark: str = "") -> None:
    """A panel whose places mean something only relative to each other: no ticks, equal scales."""
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_title(remark, loc="right", color=FAINT, fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_facecolor(PANEL)
    axes.spines[:].set_color(GRID)


def save(figure: "Figure", path: Path) -> Path:
    """As PNG, 150 dots per inch, with neither date nor machine in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Software": "photoveil"})
    return path
