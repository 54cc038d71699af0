"""Crossmodal-3600 (Thapliyal et al. 2022): captions.jsonl, one image a line, captions in 36 languages.

    {"image/key": "0b6e…", "image/locale": "cs", "cs": {"caption": ["…", "…"], "caption/tokenized": […]}, "de": {…}, …}

The images are `KEY.jpg`. Independent captions, two an image and language or more; our eleven among the languages.
"""

from pathlib import Path
from typing import Any

from eval.datasets.dataset import Dataset, Question, dataset
from eval.datasets.files import parse_json, read_lines
from indexer.errors import DataError


def read(path: Path) -> Dataset:
    """The file, or the folder that it lies in. Raises `DataError`."""
    file = path / "captions.jsonl" if path.is_dir() else path
    rows = [parse_json(line, file) for line in read_lines(file) if line]
    try:
        captions = [pair for row in rows for pair in _captions(row)]
        gallery = [_image(row) for row in rows]
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file.name} is not the file of Crossmodal-3600: its lines need image/key.") from error
    return dataset("xm3600", captions, {"data": "Crossmodal-3600"}, gallery)


def _image(row: dict[str, Any]) -> str:
    return f"{row['image/key']}.jpg"


def _captions(row: dict[str, Any]) -> list[tuple[str, Question]]:
    spoken = {code: value["caption"] for code, value in row.items() if isinstance(value, dict) and "caption" in value}
    return [(code, Question(text.strip(), _image(row))) for code, texts in spoken.items() for text in texts]
