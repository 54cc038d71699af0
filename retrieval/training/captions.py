"""Captions to train and to choose by, and the photos they belong to."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.errors import DataError

COLUMNS = {"image", "split", "lang", "text"}


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence about one photo; `image` is the photo's file name."""

    image: str
    split: str
    language: str
    text: str


def read_captions(path: Path) -> list[Caption]:
    """A tab-separated file with the columns image, split, lang and text, gzip or plain. Raises `DataError`."""
    try:
        with _open(path) as stream:
            return list(_rows(stream))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(
            f"The caption file {path.name} cannot be read: give a TSV file, plain or gzip, in UTF-8."
        ) from error


def longest_per_photo(captions: list[Caption]) -> list[Caption]:
    """Of each photo the caption with the most code points; the first one wins a tie."""
    longest: dict[str, Caption] = {}
    for caption in captions:
        if caption.image not in longest or len(caption.text) > len(longest[caption.image].text):
            longest[caption.image] = caption
    return list(longest.values())


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _rows(stream: IO[str]) -> Iterator[Caption]:
    reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
    if not set(reader.fieldnames or ()) >= COLUMNS:
        raise DataError("The caption file lacks a column: its first line must name image, split, lang and text.")
    for number, row in enumerate(reader, start=2):
        if any(row[column] is None for column in COLUMNS):
            raise DataError(
                f"Line {number} of the caption file is too short: every line has as many columns as the first."
            )
        yield Caption(row["image"], row["split"], row["lang"], row["text"].strip("\r\n "))
