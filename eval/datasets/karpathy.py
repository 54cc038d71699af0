"""Karpathy's JSON, dataset_{coco,flickr8k,flickr30k}.json: images, their split and their English sentences.

The usual splits of these data sets (Karpathy and Fei-Fei 2015); MSCOCO also has `restval`.
"""

from pathlib import Path
from typing import Any

from eval.datasets.dataset import Dataset, Question, dataset
from eval.datasets.files import read_json
from indexer.errors import DataError


def read(path: Path, split: str | None = "test") -> Dataset:
    """Images of one split, or of all (None), with all sentences. Raises `DataError`."""
    content = read_json(path)
    try:
        images = [image for image in content["images"] if split in (None, image["split"])]
        captions = [("en", question) for image in images for question in _questions(image)]
        gallery = [str(image["filename"]) for image in images]
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name} is none of Karpathy's files: images need filename, split, sentences.") from error
    return dataset("karpathy", captions, {"data": content.get("dataset", path.stem), "split": split}, gallery)


def _questions(image: dict[str, Any]) -> list[Question]:
    return [Question(sentence["raw"].strip(), str(image["filename"])) for sentence in image["sentences"]]
