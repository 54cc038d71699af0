"""Small data sets in their official layouts, with captions made up here."""

import gzip
from collections.abc import Sequence
from pathlib import Path

CRLF = ("es", "it", "ko", "pl", "ru", "tr", "zh")
HOMES = {"de": "MIC", "fr": "MIC", "ja": "STAIR"}
LANGUAGES = ("en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko")


def coco_names(count: int = 1000) -> list[str]:
    """File names as MSCOCO 2014 has them."""
    return [f"COCO_train2014_{61844 + 7 * number:012d}.jpg" for number in range(count)]


def write_xtd10(folder: Path, images: Sequence[str], caption: dict[str, Sequence[str]] | None = None) -> Path:
    """The layout of XTD10; seven languages have CRLF and no end after the last line, as the official files."""
    for code in LANGUAGES:
        lines = (caption or {}).get(code) or [f"{code} {number}" for number in range(len(images))]
        file = folder / HOMES.get(code, "XTD10") / f"test_1kcaptions_{'jp' if code == 'ja' else code}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "\r\n".join(lines) if code in CRLF else "\n".join(lines) + "\n"
        file.write_bytes(text.encode())
    (folder / "XTD10" / "test_image_names.txt").write_text("\n".join(images) + "\n")
    return folder


def write_multi30k(folder: Path, images: Sequence[str], codes: Sequence[str] = ("en", "de", "fr", "cs")) -> Path:
    """Task 1 of Multi30K's layout, `test_2016_flickr`; German is packed, the others are plain."""
    task = folder / "data" / "task1"
    (task / "image_splits").mkdir(parents=True)
    (task / "raw").mkdir()
    (task / "image_splits" / "test_2016_flickr.txt").write_text("\n".join(images) + "\n")
    for code in codes:
        text = "".join(f"{code} {number}\n" for number in range(len(images))).encode()
        name = task / "raw" / f"test_2016_flickr.{code}"
        if code == "de":
            name.with_name(name.name + ".gz").write_bytes(gzip.compress(text))
        else:
            name.write_bytes(text)
    return folder
