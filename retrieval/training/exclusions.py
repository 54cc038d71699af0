"""Photos that must never be trained on: lists of ids, enforced and counted."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from indexer.errors import DataError, LeakError

Row = TypeVar("Row")
FLICKR = re.compile(r"(\d+)(?:_|$)")
LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")
COCO = re.compile(r"(COCO_(train|val|test)20\d\d_)?\d{12}(\.|$)")
XTD10 = "4a324d326bcf81f0252cf709607fecc9e194c54c3f2d01c05fb1da739ce75370"
"""sha256 of the 1,000 COCO ids that XTD10 tests on, ascending, one per line."""


def photo_id(name: str) -> int | None:
    """The number that identifies a photo: what stands before the underscore (Flickr), else the last number (COCO)."""
    stem = Path(name).stem if "." in name else name
    found = FLICKR.match(stem) or LAST_NUMBER.search(stem)
    return int(found[1]) if found else None


def folded(sentence: str) -> str:
    """A sentence without case, outer blanks and end marks: equal for sentences that say the same word for word."""
    return sentence.casefold().strip(" .!?。")


@dataclass(frozen=True)
class Exclusions:
    """Lists of photo ids by name; `dropped` counts the rows that `keep` held back."""

    lists: dict[str, frozenset[int]]
    dropped: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, files: Iterable[Path]) -> "Exclusions":
        """One id or file name per line. Raises `DataError` for a line that holds no number, or a list without one."""
        return cls({file.name: _read_ids(file) for file in files})

    @property
    def ids(self) -> frozenset[int]:
        """All excluded ids."""
        return frozenset().union(*self.lists.values())

    @property
    def excluded_rows(self) -> int:
        """How many rows were held back so far."""
        return sum(self.dropped.values())

    def keep(self, rows: Iterable[Row], name_of: Callable[[Row], str], source: str) -> list[Row]:
        """The rows whose photo is on no list; a row without a photo (an empty name) stays."""
        excluded, rows = self.ids, list(rows)
        kept = [row for row in rows if not name_of(row) or photo_id(name_of(row)) not in excluded]
        self.dropped[source] = self.dropped.get(source, 0) + len(rows) - len(kept)
        return kept

    def keep_unseen(
        self, rows: Iterable[Row], sentences_of: Callable[[Row], tuple[str, ...]], seen: Iterable[str], source: str
    ) -> list[Row]:
        """The rows none of whose sentences is one of `seen`, but for case and end marks."""
        known, rows = {folded(sentence) for sentence in seen}, list(rows)
        kept = [row for row in rows if not any(folded(sentence) in known for sentence in sentences_of(row))]
        self.dropped[source] = self.dropped.get(source, 0) + len(rows) - len(kept)
        return kept

    def refuse(self, names: Sequence[str]) -> None:
        """The last gate before a training. Raises `LeakError` for a photo that is excluded or cannot be told."""
        if not self.lists:
            return
        numbers = [photo_id(name) for name in names]
        if None in numbers:
            raise LeakError(
                "A photo's name holds no id to check against the exclusion lists: rename it or leave it out."
            )
        leaked = self.ids.intersection(number for number in numbers if number is not None)
        if leaked:
            raise LeakError(f"{len(leaked)} excluded photos would enter the training: take their rows out first.")

    def refuse_coco_without_xtd10(self, names: Iterable[str]) -> None:
        """XTD10's test photos come from COCO's training photos: who trains on COCO must exclude all of them.

        Raises `LeakError` for names as COCO gives them when none of the lists is XTD10's.
        """
        if any(COCO.match(name) for name in names) and XTD10 not in map(_digest, self.lists.values()):
            raise LeakError(
                "These are photos of COCO, and XTD10 tests on 1,000 of them: give test_image_names.txt to --exclude."
            )

    def refuse_validation(self, names: Iterable[str]) -> None:
        """A list may hold all photos that a training chooses by (it keeps them from being trained on) or none of them.

        Raises `LeakError` when only some are on a list: those belong to another, blind set.
        """
        numbers = {photo_id(name) for name in names}
        for name, ids in self.lists.items():
            if numbers & ids and not numbers <= ids:
                raise LeakError(
                    f"Some photos to choose by are on the exclusion list {name}: take their rows out first."
                )


def _digest(ids: frozenset[int]) -> str:
    return hashlib.sha256("\n".join(map(str, sorted(ids))).encode()).hexdigest()


def _read_ids(file: Path) -> frozenset[int]:
    try:
        numbers = [photo_id(line) for line in file.read_text(encoding="utf-8").split()]
    except (OSError, ValueError) as error:
        raise DataError(
            f"The exclusion list {file.name} cannot be read: give a file with one photo id per line."
        ) from error
    if None in numbers:
        raise DataError(
            f"A line of the exclusion list {file.name} holds no number: give a file with one photo id per line."
        )
    if not numbers:
        raise DataError(f"The exclusion list {file.name} is empty: give a file with one photo id per line.")
    return frozenset(number for number in numbers if number is not None)
