"""Which installed font can write a sentence: no figure may show boxes where letters should stand."""

from functools import cache
from pathlib import Path

from indexer.errors import MissingExtraError

BUNDLED = "DejaVu Sans"
"""Comes with matplotlib: Latin, Cyrillic and Greek, no Chinese, Japanese or Korean."""

PLACEHOLDERS = "Last Resort"
"""Fonts so named hold a box for every letter there is."""


def font_for(text: str) -> Path | None:
    """File of a font that has every letter of the text, the bundled one first; None when no installed one has."""
    letters = frozenset(ord(letter) for letter in text if not letter.isspace() and letter.isprintable())
    return next((path for path in _files() if letters <= _letters(path)), None)


@cache
def _files() -> tuple[Path, ...]:
    """Upright fonts of normal weight; sans-serif ones come before others."""
    try:
        from matplotlib.font_manager import fontManager
    except ImportError as error:
        raise MissingExtraError("report", "Drawing figures") from error
    upright = [
        font
        for font in fontManager.ttflist
        if font.style == "normal" and str(font.weight) in ("400", "normal", "regular") and PLACEHOLDERS not in font.name
    ]
    ordered = sorted(upright, key=lambda font: (font.name != BUNDLED, "Sans" not in font.name, font.name, font.fname))
    return tuple(dict.fromkeys(Path(font.fname) for font in ordered))


@cache
def _letters(path: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(path).get_charmap())
