"""A tab-separated file with the columns image, split, lang and text: the form that `photoveil train head` reads too."""

from pathlib import Path

from eval.datasets.dataset import Dataset, Question, dataset
from indexer.errors import DataError
from retrieval.training.captions import read_captions


def read(path: Path, split: str | None = None) -> Dataset:
    """Captions of one split, or all; the gallery is their photos. Raises `DataError`."""
    asked = [caption for caption in read_captions(path) if split in (None, caption.split)]
    if not asked:
        raise DataError("The file has no captions of that split: check --split.")
    captions = [(caption.language, Question(caption.text, caption.image)) for caption in asked]
    return dataset("captions", captions, {"captions": path.name, "split": split})
