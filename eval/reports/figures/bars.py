"""Recall per language of several runs side by side, with the published figures as hollow bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.reports.figures.style import GRID, INK, SERIES, blank, heading, save
from indexer.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GROUP = 0.84
"""Share of a language's place that its bars fill."""

MOST_LABELLED = 3
"""With more bars in a group their figures would run into each other."""


@dataclass(frozen=True)
class Series:
    """One run: a fraction per language, and its 95 % interval where there is one.

    `published` is not ours; it has the colour of `partner`, our run of the same system, where there is one.
    """

    name: str
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    published: bool = False
    partner: str | None = None


def draw_bars(series: Sequence[Series], path: Path, *, measure: str = "Recall@10", remark: str = "") -> Path:
    """A group of bars per language, in the order in which the languages first come.

    Raises `DataError` when there is nothing to draw, `MissingExtraError`.
    """
    codes = list(dict.fromkeys(code for one in series for code in one.values))
    if not codes:
        raise DataError("No run holds a figure: measure at least one language.")
    figure = blank(max(8.0, 1.2 + len(codes) * max(0.8, 0.15 * len(series))), 5.0 + 0.1 * len(series))
    axes = figure.add_subplot()
    for number, one in enumerate(_beside_partners(series)):
        _draw(axes, one, codes, number, series)
    axes.set_xticks(range(len(codes)), codes, color=INK, fontsize=11)
    highest = max(max(_top(one, code) for code in one.values) for one in series if one.values)
    axes.set_ylim(0, min(1.08, highest + 0.1))
    axes.set_ylabel(measure, color=INK)
    axes.grid(axis="y", color=GRID, lw=0.8, zorder=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    heading(figure, f"{measure} by language", remark)
    return save(figure, path)


def _draw(axes: "Axes", one: Series, codes: Sequence[str], number: int, series: Sequence[Series]) -> None:
    width = GROUP / len(series)
    shift = (number - (len(series) - 1) / 2) * width
    places = {code: place + shift for place, code in enumerate(codes) if code in one.values}
    label = f"{one.name} (published)" if one.published else one.name
    axes.bar(list(places.values()), [one.values[code] for code in places], label=label, **_look(one, series, width))
    for code, place in places.items():
        if code in one.intervals:
            axes.vlines(place, *one.intervals[code], color=INK, lw=1.1, zorder=3)
        if len(series) <= MOST_LABELLED:
            figure = f"{one.values[code]:.3f}".removeprefix("0")
            axes.text(place, _top(one, code) + 0.012, figure, ha="center", color=INK, fontsize=8)


def _look(one: Series, series: Sequence[Series], width: float) -> dict[str, Any]:
    if not one.published:
        return {"width": width * 0.9, "color": _colour(one, series), "zorder": 2}
    hollow = {"facecolor": "none", "edgecolor": _colour(one, series), "lw": 1.3, "ls": (0, (3, 1.5))}
    return {"width": width * 0.84, "zorder": 2, **hollow}


def _colour(one: Series, series: Sequence[Series]) -> str:
    """By place, ours first; a published run takes over that of its partner."""
    names = [other.name for other in _ours_first(series) if _system(other, series) == other.name]
    return SERIES[names.index(_system(one, series)) % len(SERIES)]


def _beside_partners(series: Sequence[Series]) -> list[Series]:
    """Each of ours, and next to it the published run of the same system; then the other published ones."""
    places = {one.name: place for place, one in enumerate(_ours_first(series)) if not one.published}
    return sorted(_ours_first(series), key=lambda one: places.get(_system(one, series), len(places)))


def _system(one: Series, series: Sequence[Series]) -> str:
    """The name of our run that it belongs to, or its own."""
    ours = {other.name for other in series if not other.published}
    return one.partner if one.partner is not None and one.partner in ours else one.name


def _ours_first(series: Sequence[Series]) -> list[Series]:
    return sorted(series, key=lambda one: one.published)


def _top(one: Series, code: str) -> float:
    return one.intervals[code][1] if code in one.intervals else one.values[code]
