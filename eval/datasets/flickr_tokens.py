"""Token files of Flickr8k and Flickr30k: Flickr8k.token.txt (Hodosh et al. 2013), results_20130124.token.

    1000268201_693b08cb0e.jpg#0<TAB>A child in a pink dress is climbing up a set of stairs in an entry way .

Five English captions an image. One name of Flickr8k has a slip behind it (`….jpg.1`), which is no part of the name.
"""

import re
from pathlib import Path

from eval.datasets.dataset import Dataset, Question, dataset
from eval.datasets.files import read_lines
from indexer.errors import DataError

LINE = re.compile(r"(?P<image>[^\t#]+?\.(?:jpg|jpeg|png))(?:\.\d+)?#\d+\t(?P<text>.*)", re.IGNORECASE)


def read(path: Path, images: Path | None = None) -> Dataset:
    """All captions, or those of the images that a list names one a line (Flickr_8k.testImages.txt).

    Raises `DataError` for a line of another form.
    """
    only = None if images is None else dict.fromkeys(name.strip() for name in read_lines(images) if name.strip())
    captions = []
    for number, line in enumerate(read_lines(path), start=1):
        if (found := LINE.fullmatch(line)) is None:
            raise DataError(f"Line {number} of {path.name} is not NAME#NUMBER, a tab, and a caption: check the file.")
        if only is None or found["image"] in only:
            captions.append(("en", Question(found["text"].strip(), found["image"])))
    setting = {"data": path.name, "split": None if images is None else images.stem}
    return dataset("flickr-tokens", captions, setting, None if only is None else list(only))
