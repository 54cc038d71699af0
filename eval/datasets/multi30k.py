"""Multi30K (Elliott et al. 2016): images of Flickr30k, with captions and their translations.

    FOLDER/data/task1/image_splits/SPLIT.txt and raw/SPLIT.{en,de,fr,cs}[.gz]   one caption an image, translated
    FOLDER/data/task2/image_splits/SPLIT_images.txt and raw/SPLIT.{1…5}.{en,de}[.gz]   five an image, independent

Line i of a caption file is about line i of the image list; `test_2017_mscoco` has the caption's number behind the
image's name. The test of the published figures is task 1, `test_2016_flickr`.
"""

from pathlib import Path
from typing import Literal

from eval.datasets.dataset import Dataset, Question
from eval.datasets.files import plain_or_gzip, read_lines
from indexer.errors import DataError

CODES = ("en", "de", "fr", "cs")
TEST = "test_2016_flickr"
CAPTIONS = 5


def is_multi30k(folder: Path) -> bool:
    """Whether a folder has the layout."""
    return (folder / "data" / "task1" / "image_splits").is_dir() or (folder / "data" / "task2" / "raw").is_dir()


def read(folder: Path, split: str = TEST, task: Literal[1, 2] = 1) -> Dataset:
    """One split with the languages that it has. Raises `DataError`."""
    questions = _translated(folder, split) if task == 1 else _independent(folder, split.removesuffix("_flickr"))
    if not questions:
        raise DataError(f"Multi30K has no captions for the split {split} there: check --data, --split and --task.")
    gallery = dict.fromkeys(question.image for rows in questions.values() for question in rows)
    setting = {"data": f"Multi30K task {task}", "split": split}
    return Dataset("multi30k", tuple(gallery), questions, aligned=task == 1, setting=setting)


def _translated(folder: Path, split: str) -> dict[str, list[Question]]:
    task = folder / "data" / "task1"
    images = [line.partition("#")[0].strip() for line in read_lines(task / "image_splits" / f"{split}.txt")]
    files = {code: plain_or_gzip(task / "raw" / f"{split}.{code}") for code in CODES}
    return {code: _questions(file, images) for code, file in files.items() if file is not None}


def _independent(folder: Path, split: str) -> dict[str, list[Question]]:
    """The captions of image i stand together: 1 to 5, then those of the next image."""
    task = folder / "data" / "task2"
    images = [line.strip() for line in read_lines(_list_of(folder, split))]
    found = {}
    for code in CODES:
        files = [plain_or_gzip(task / "raw" / f"{split}.{number}.{code}") for number in range(1, CAPTIONS + 1)]
        columns = [_questions(file, images) for file in files if file is not None]
        if columns:
            found[code] = [question for row in zip(*columns, strict=True) for question in row]
    return found


def _list_of(folder: Path, split: str) -> Path:
    """Task 2's own list; its images are those of task 1, in the same order, so that one serves as well."""
    lists = [folder / "data" / "task2" / "image_splits" / f"{split}_images.txt"]
    lists += [folder / "data" / "task1" / "image_splits" / f"{name}.txt" for name in (split, f"{split}_flickr")]
    return next((file for file in lists if file.is_file()), lists[0])


def _questions(file: Path, images: list[str]) -> list[Question]:
    return [Question(text.strip(), image) for text, image in zip(read_lines(file, len(images)), images, strict=True)]
