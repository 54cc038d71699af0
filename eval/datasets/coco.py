"""Captions of MSCOCO 2014 as its own JSON has them (Chen et al. 2015): captions_train2014.json, captions_val2014.json.

Five English captions an image or more, in the order of the file.
"""

from pathlib import Path

from eval.datasets.dataset import Dataset, Question, dataset
from eval.datasets.files import read_json
from indexer.errors import DataError


def read(path: Path) -> Dataset:
    """One file, or all `captions_*.json` of a folder (or of `annotations` in it). Raises `DataError`."""
    gallery: list[str] = []
    captions: list[tuple[str, Question]] = []
    for file in _files(path):
        names, found = _read(file)
        gallery += names
        captions += [("en", question) for question in found]
    return dataset("coco", captions, {"data": "MSCOCO", "captions": path.name}, gallery)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted([*path.glob("captions_*.json"), *path.glob("annotations/captions_*.json")])
    if not files:
        raise DataError("The folder has no captions_*.json: give MSCOCO's annotations.")
    return files


def _read(file: Path) -> tuple[list[str], list[Question]]:
    content = read_json(file)
    try:
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        questions = [Question(row["caption"].strip(), names[row["image_id"]]) for row in content["annotations"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file.name} is not a caption file of MSCOCO: it needs images and annotations.") from error
    return list(names.values()), questions
