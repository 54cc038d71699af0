"""What a reproduction is given, and what follows from it: which photos, which captions, which systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.datasets import Dataset, multi30k, xtd10
from indexer.errors import DataError, UsageError
from indexer.profiles import IDENTITY, Profile, profile
from retrieval.training.captions import Caption

PROFILES: Mapping[str, tuple[str, ...]] = {"table2": ("paper", "laser"), "table3": ("paper",)}
"""The systems of each table: mUSE and LASER1, both on ResNet-152. Table 3 was published for mUSE alone."""

LOSSES: Mapping[str, tuple[str, ...]] = {"table2": ("patr", "m3l"), "table3": ("patr", "m3l")}
DEV_SHARE = 5
"""With `smoke` N there are N photos to train on, N to test on, and a fifth of it to choose by."""


@dataclass(frozen=True)
class Plan:
    """`images` is a folder of photos with all that lies below it, `captions` what heads are trained on, `data` the
    test's official folder, `exclude` more lists of photos; `smoke` is how many photos a trial run takes.
    """

    table: str
    images: Path
    captions: Path
    data: Path
    out: Path
    profiles: tuple[str, ...]
    exclude: tuple[Path, ...] = ()
    seed: int = 0
    device: str | None = None
    smoke: int | None = None

    @cached_property
    def systems(self) -> tuple[Profile, ...]:
        """Profiles with one and the same image encoder. Raises `UsageError`, `UnknownModelError`."""
        found = tuple(profile(name) for name in self.profiles)
        if len({one.image for one in found}) != 1:
            raise UsageError("The profiles of one run must share their image encoder: give each its own run.")
        if any(one.head == IDENTITY for one in found):
            raise UsageError("A joint profile has no head to train: measure it with `photoveil eval`.")
        return found

    @cached_property
    def test(self) -> Dataset:
        """XTD10 for table 2, test_2016_flickr of Multi30K for table 3. Raises `DataError`."""
        return xtd10.read(self.data) if self.table == "table2" else multi30k.read(self.data)

    @property
    def lists(self) -> tuple[Path, ...]:
        """The names of the test's own photos come first: they are never trained on, nor chosen by."""
        below = Path("XTD10/test_image_names.txt")
        if self.table == "table3":
            below = Path("data", "task1", "image_splits", f"{multi30k.TEST}.txt")
        return (self.data / below, *self.exclude)

    def photos(self, captions: Sequence[Caption]) -> tuple[Path, ...]:
        """Files below `images` that are trained on, chosen by or tested on. Raises `DataError` when one part is empty.

        Of two files with one name the first in order of paths counts.
        """
        test = list(self.test.gallery)
        tested = set(test)
        train = [name for name in _images(captions, "train") if name not in tested]
        parts = {"train": train, "dev": _images(captions, "dev"), "test": test}
        files = self._files_by_name({name for names in parts.values() for name in names})
        chosen: dict[str, Path] = {}
        for part, names in parts.items():
            here = [name for name in names if name in files]
            if not here:
                raise DataError(f"No photo of the {part} part lies below that folder: check --images.")
            most = len(here) if self.smoke is None else max(1, self.smoke // (DEV_SHARE if part == "dev" else 1))
            chosen |= {name: files[name] for name in here[:most]}
        return tuple(chosen.values())

    def _files_by_name(self, wanted: set[str]) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for file in sorted(file for file in self.images.rglob("*") if file.name in wanted):
            files.setdefault(file.name, file)
        return files


def _images(captions: Sequence[Caption], split: str) -> list[str]:
    return list(dict.fromkeys(caption.image for caption in captions if caption.split == split))
