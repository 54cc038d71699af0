"""XTD10: 1,000 images of MSCOCO 2014 and one caption of each in eleven languages (Aggarwal and Kale 2020).

    FOLDER/XTD10/test_image_names.txt, test_1kcaptions_{en,es,it,ko,pl,ru,tr,zh}.txt
    FOLDER/MIC/test_1kcaptions_{de,fr}.txt          (Rajendran et al. 2016; once the home of `en`)
    FOLDER/STAIR/test_1kcaptions_jp.txt             (Yoshikawa et al. 2017: captions of their own, no translations)

Line i of every file is about image i. Some files end their lines with CRLF and have no end after the last one. Junk
rows of the German file and captions that occur twice are part of the test and stay.
"""

from pathlib import Path

from eval.datasets.dataset import Dataset, Question
from eval.datasets.files import read_lines
from indexer.errors import DataError

ROWS = 1000
FOLDERS = ("XTD10", "MIC", "STAIR")
FILES = {"ja": "jp"}
LANGUAGES = ("en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko")


def is_xtd10(folder: Path) -> bool:
    """Whether a folder has the layout."""
    return (folder / "XTD10" / "test_image_names.txt").is_file()


def read(folder: Path) -> Dataset:
    """All eleven languages. Raises `DataError` when a file is missing or has not exactly 1,000 lines."""
    images = [name.strip() for name in read_lines(folder / "XTD10" / "test_image_names.txt", ROWS)]
    if len(set(images)) < ROWS:
        raise DataError("test_image_names.txt names an image twice: get the official file.")
    questions = {code: _questions(folder, code, images) for code in LANGUAGES}
    return Dataset("xtd10", tuple(images), questions, aligned=True, setting={"data": "XTD10"})


def _questions(folder: Path, code: str, images: list[str]) -> list[Question]:
    name = f"test_1kcaptions_{FILES.get(code, code)}.txt"
    places = [folder / below / name for below in FOLDERS]
    file = next((place for place in places if place.is_file()), places[0])
    return [Question(text.strip(), image) for text, image in zip(read_lines(file, ROWS), images, strict=True)]
