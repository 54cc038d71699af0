"""Data sets of images and captions. One reader a file, each `read(path, …) -> Dataset`."""

from pathlib import Path

from eval.datasets import coco, flickr_tokens, karpathy, multi30k, tsv, xm3600, xtd10
from eval.datasets.dataset import Dataset, Question, dataset
from indexer.errors import UsageError

__all__ = ["Dataset", "Question", "dataset", "open_dataset"]


def open_dataset(path: Path, split: str | None = None) -> Dataset:
    """The data set at a place, told by its layout or its file's name; what is none of them is read as TSV.

    Raises `DataError`, and `UsageError` for a split of a data set without splits.
    """
    if multi30k.is_multi30k(path):
        return multi30k.read(path, split or multi30k.TEST)
    if path.suffix == ".json" and path.name.startswith("dataset"):
        return karpathy.read(path, split or "test")
    whole = _whole(path)
    if whole is None:
        return tsv.read(path, split)
    if split is not None:
        raise UsageError("This data set comes without splits: leave --split out.")
    return whole


def _whole(path: Path) -> Dataset | None:
    """Data sets that know of no split."""
    if xtd10.is_xtd10(path):
        return xtd10.read(path)
    if path.suffix == ".jsonl" or (path / "captions.jsonl").is_file():
        return xm3600.read(path)
    if ".token" in path.name:
        return flickr_tokens.read(path)
    return coco.read(path) if path.suffix == ".json" or path.is_dir() else None
