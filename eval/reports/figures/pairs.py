"""Which question of another language belongs to which English one: its translation, or one about the same image."""

import numpy as np
from numpy.typing import NDArray

from eval.reports.run import Run

Rows = NDArray[np.int64]


def english_pairs(run: Run, code: str) -> tuple[Rows, Rows]:
    """Rows of English questions and of their partners in `code`, each int64 [pairs]; empty where there are none."""
    if "en" not in run.points:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if run.aligned:
        both = np.arange(min(len(run.texts["en"]), len(run.texts[code])))
        return both, both
    english, other = first_questions(run, "en"), first_questions(run, code)
    images = sorted(english.keys() & other.keys())
    return (
        np.array([english[image] for image in images], np.int64),
        np.array([other[image] for image in images], np.int64),
    )


def first_questions(run: Run, code: str) -> dict[int, int]:
    """For each row of `run.images` that a question of the language asks for, the row of the first such question."""
    found: dict[int, int] = {}
    for row, image in enumerate(run.answers[code].tolist()):
        if image >= 0:
            found.setdefault(image, row)
    return found


def spread(rows: int, most: int) -> Rows:
    """Up to `most` of `rows` numbers, evenly spread, int64."""
    return np.unique(np.linspace(0, max(rows - 1, 0), min(rows, most)).astype(np.int64))
