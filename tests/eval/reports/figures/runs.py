"""A measurement with known answers: n images, questions that lie beside them in some languages."""

from pathlib import Path

import numpy as np
from PIL import Image

from eval.reports.run import Run


def small_run(folder: Path | None = None, images: int = 24, languages: tuple[str, ...] = ("en", "de", "ko")) -> Run:
    """English lies on the images, every further language a step further away, and German asks in another order."""
    random = np.random.default_rng(3)
    points = random.normal(size=(images, 60)).astype(np.float32)
    order = {code: np.arange(images)[:: -1 if code == "de" else 1].copy() for code in languages}
    shift = {code: 0.9 * number for number, code in enumerate(languages)}
    moved = {
        code: (points[order[code]] + shift[code] * random.normal(size=points.shape)).astype(np.float32)
        for code in languages
    }
    letter = {"ko": "개"}
    return Run(
        "made up",
        tuple(f"{number:03}.jpg" for number in range(images)),
        points,
        moved,
        {code: order[code].astype(np.int64) for code in languages},
        {code: tuple(f"{letter.get(code, 'ü')} {number}" for number in order[code]) for code in languages},
        "l2",
        {code: rows[:, :8].copy() for code, rows in moved.items()},
        thumbnail=None if folder is None else lambda name: thumbnail(folder, name),
        setting={"text": "made-up/1"},
    )


def thumbnail(folder: Path, name: str) -> Path:
    path = folder / f"{name}.webp"
    Image.new("RGB", (80, 60), (int(name[:3]) * 9 % 256, 90, 140)).save(path)
    return path


def pixels(path: Path) -> np.ndarray:  # type: ignore[type-arg]
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))
