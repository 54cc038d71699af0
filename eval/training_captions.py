"""English captions of a published data set as the table that a head is trained on: image, split, lang, text.

Where the data set has splits of its own, they are kept (Karpathy's `restval` is trained on; Multi30K's `val` is `dev`).
MSCOCO's captions and Flickr's token files have none: of their photos 1,000 are held out to choose by, as many as
Aggarwal and Kale (2020) test on, or a tenth of a smaller set.
"""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from eval.datasets import Dataset, coco, flickr_tokens, karpathy, multi30k
from indexer.durable import write_atomic
from indexer.errors import DataError
from retrieval.training.captions import Caption
from retrieval.training.exclusions import Exclusions, photo_id

HELD_OUT = 1000
SHARE = 10
FILE = "captions.tsv.gz"


def training_captions(path: Path, out: Path, exclude: Sequence[Path] = ()) -> Path:
    """`path` itself when it is such a table, otherwise `out`/captions.tsv.gz made from it, with the same bytes always.

    `path` is MSCOCO's captions (file or folder), Karpathy's JSON, Multi30K's folder, or a token file. Photos on the
    lists `exclude` are never among those to choose by. Raises `DataError`.
    """
    if _is_table(path):
        return path
    captions = _read(path, Exclusions.read(exclude))
    rows = [f"{one.image}\t{one.split}\t{one.language}\t{' '.join(one.text.split())}\n" for one in captions]
    out.mkdir(parents=True, exist_ok=True)
    # Without the time in gzip's header equal captions have an equal sha256.
    content = gzip.compress("".join(["image\tsplit\tlang\ttext\n", *rows]).encode(), mtime=0)
    write_atomic(out / FILE, content)
    return out / FILE


def _is_table(path: Path) -> bool:
    return not (path.is_dir() or path.suffix == ".json" or ".token" in path.name)


def _read(path: Path, exclusions: Exclusions) -> list[Caption]:
    """English captions with the splits train, dev and, where there is one, test."""
    if multi30k.is_multi30k(path):
        splits = {"train": "train", "dev": "val", "test": multi30k.TEST}
        return _with_splits({split: [multi30k.read(path, name)] for split, name in splits.items()}, exclusions)
    if path.suffix == ".json" and path.name.startswith("dataset"):
        return _with_splits(_karpathy(path), exclusions)
    return _held_out(flickr_tokens.read(path) if ".token" in path.name else coco.read(path), exclusions)


def _karpathy(path: Path) -> dict[str, list[Dataset]]:
    """Only the file of MSCOCO has photos of split `restval`; without any of `train` it is none of these files."""
    found: dict[str, list[Dataset]] = {"train": [], "dev": [], "test": []}
    for name, split in (("train", "train"), ("restval", "train"), ("val", "dev"), ("test", "test")):
        try:
            found[split].append(karpathy.read(path, name))
        except DataError:
            if name == "train":
                raise
    return found


def _with_splits(found: Mapping[str, Iterable[Dataset]], exclusions: Exclusions) -> list[Caption]:
    captions = [caption for split, sets in found.items() for one in sets for caption in _english(one, split)]
    dev = {photo_id(caption.image) for caption in captions if caption.split == "dev"}
    # A list that holds them all is there to keep them from being trained on; they may still be chosen by.
    foreign = frozenset().union(*(ids for ids in exclusions.lists.values() if not dev <= ids))
    return [one for one in captions if one.split != "dev" or photo_id(one.image) not in foreign]


def _held_out(whole: Dataset, exclusions: Exclusions) -> list[Caption]:
    """Photos to choose by are spread evenly over the names, and never excluded ones."""
    images = sorted(name for name in whole.gallery if photo_id(name) not in exclusions.ids)
    count = min(HELD_OUT, len(images) // SHARE)
    if not count:
        raise DataError(f"There are too few photos to hold some out: give captions of at least {SHARE} photos.")
    dev = {images[number * len(images) // count] for number in range(count)}
    return [
        Caption(question.image, "dev" if question.image in dev else "train", "en", question.text)
        for question in whole.questions["en"]
    ]


def _english(one: Dataset, split: str) -> list[Caption]:
    return [Caption(question.image, split, "en", question.text) for question in one.questions["en"]]
