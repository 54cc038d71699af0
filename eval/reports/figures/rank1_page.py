"""One caption in every language and the image that each one finds first: figure 2 of Aggarwal and Kale (2020)."""

import textwrap
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from eval.reports.figures.fonts import font_for
from eval.reports.figures.pairs import first_questions
from eval.reports.figures.style import FAINT, GRID, INK, NAMES, PANEL, blank, heading, save
from eval.reports.run import Run
from indexer.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWN = "#0f766e"
PER_ROW = 4
THUMBNAIL = (480, 360)
LINE, LINES = 40, 3
"""Columns of a line of text (a Chinese letter takes two), and how many lines a caption may have."""


def typical_image(run: Run) -> int:
    """Row of the image that is found first in a middling number of languages, among those found first in any.

    Only images that the most languages ask for count; the first one of equals. Raises `DataError` for a run whose
    questions ask for none of its images.
    """
    firsts = {code: first_questions(run, code) for code in run.languages}
    languages = Counter(image for found in firsts.values() for image in found)
    if not languages:
        raise DataError("No question of this run asks for an image that is there: check the data set's folder.")
    most = max(languages.values())
    hits = dict.fromkeys(sorted(image for image, asked in languages.items() if asked == most), 0)
    for code, found in firsts.items():
        mine = [image for image in hits if image in found]
        best = run.nearest(code, np.array([found[image] for image in mine], np.int64))
        for image, first in zip(mine, best.tolist(), strict=True):
            hits[image] += image == first
    ordered = sorted((image for image in hits if hits[image]), key=hits.__getitem__) or list(hits)
    return ordered[len(ordered) // 2]


def draw_rank1_page(run: Run, path: Path, *, image: int | None = None) -> Path:
    """The image itself, then the first answer of every language with its caption; own ones are framed and marked.

    `image` is a row of the run's images (default: the typical one). A caption that no installed font can write is
    replaced by the English one, and says so. Raises `DataError`, `MissingExtraError`.
    """
    row = typical_image(run) if image is None else image
    asked = {code: mine[row] for code in run.languages if row in (mine := first_questions(run, code))}
    answers = {code: int(run.nearest(code, np.array([question]))[0]) for code, question in asked.items()}
    lines = -(-(len(asked) + 1) // PER_ROW)
    figure = blank(4.1 * PER_ROW, 4.0 * lines + 0.9)
    english = run.texts["en"][asked["en"]] if "en" in asked else ""
    first = figure.add_subplot(lines, PER_ROW, 1)
    _cell(first, run, row, "The photo that is described", OWN)
    for number, (code, answer) in enumerate(answers.items(), start=2):
        axes = figure.add_subplot(lines, PER_ROW, number)
        own = answer == row
        _cell(axes, run, answer, NAMES.get(code, code) + ("  ✓ found" if own else ""), OWN if own else GRID)
        _caption(axes, run.texts[code][asked[code]], NAMES.get(code, code), english)
    found = sum(answer == row for answer in answers.values())
    remark = (
        f"{run.dataset}: the first of {len(run.images):,} images; the right one in {found} of {len(answers)} languages"
    )
    heading(figure, "One caption in every language, and what it finds first", remark)
    return save(figure, path)


def _cell(axes: "Axes", run: Run, image: int, title: str, frame: str) -> None:
    axes.set_anchor("N")
    axes.set_title(title, loc="left", fontsize=12, color=OWN if frame == OWN else INK)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(color=frame, linewidth=4 if frame == OWN else 1)
    picture = _thumbnail(run, image)
    if picture is not None:
        axes.imshow(np.asarray(picture))
        return
    axes.set_facecolor(PANEL)
    axes.set_xlim(0, THUMBNAIL[0])
    axes.set_ylim(THUMBNAIL[1], 0)
    axes.set_aspect("equal")
    axes.text(
        THUMBNAIL[0] / 2, THUMBNAIL[1] / 2, f"image {image:,}", ha="center", va="center", color=FAINT, fontsize=12
    )


def _thumbnail(run: Run, image: int) -> Image.Image | None:
    path = run.thumbnail(run.images[image]) if run.thumbnail else None
    if path is None:
        return None
    with Image.open(path) as picture:
        return ImageOps.fit(picture.convert("RGB"), THUMBNAIL, centering=(0.5, 0.4))


def _caption(axes: "Axes", text: str, language: str, english: str) -> None:
    """Below the picture. `parse_math` is off: a caption may hold dollar signs."""
    font = font_for(text)
    shown = wrapped(text) if font else f"No font here writes {language}. In English:\n{wrapped(english, LINES - 1)}"
    axes.set_xlabel(
        shown, font=font or font_for(shown), loc="left", labelpad=8,
        fontsize=10.5, color=INK if font else FAINT, parse_math=False, linespacing=1.35,
    )  # fmt: skip


def wrapped(text: str, lines: int = LINES) -> str:
    """At most `lines` lines; a letter of double width counts as two, and text without blanks is cut anywhere."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text) > len(text) / 2
    found = textwrap.wrap(text, LINE // 2 if wide else LINE)
    return "\n".join([*found[: lines - 1], found[lines - 1] + " …"] if len(found) > lines else found)
