"""Finding photos: folders with all that lies below them, single files, and glob patterns."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import UsageError

EXTENSIONS = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".gif", ".heic", ".heif"})
LIBRARY_FILE = "library.json"
GLOB_SIGNS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be a photo, and the folder that it was found through."""

    folder: Path
    path: Path

    @property
    def relative(self) -> str:
        """The POSIX path below the folder."""
        return self.path.relative_to(self.folder).as_posix()


def find(sources: Sequence[Path]) -> list[Found]:
    """All candidates, each once, in the order of the sources and sorted within.

    Below a folder only known extensions count; hidden files and folders and photoveil's own libraries are left out. A
    file named by itself is always a candidate. Raises `UsageError` for a source that is not there.
    """
    found = {candidate.path: candidate for source in sources for candidate in _candidates(source)}
    return list(found.values())


def _candidates(source: Path) -> Iterator[Found]:
    source = source.absolute()
    if source.is_dir():
        yield from (Found(source, path) for path in _walk(source))
    elif source.exists():
        yield Found(source.parent, source)
    elif GLOB_SIGNS & set(str(source)):
        yield from _matches(source)
    else:
        raise UsageError("One of the sources is not there: check the path of the folder or photo.")


def _matches(pattern: Path) -> Iterator[Found]:
    fixed = next(parent for parent in pattern.parents if not GLOB_SIGNS & set(str(parent)))
    matches = sorted(fixed.glob(str(pattern.relative_to(fixed))))
    if not matches:
        raise UsageError("The pattern matches no file: check it, and put it in quotes.")
    for path in matches:
        if path.is_dir():
            yield from (Found(fixed, below) for below in _walk(path))
        else:
            yield Found(fixed, path)


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    if any(entry.name == LIBRARY_FILE for entry in ordered):
        return
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif Path(entry.name).suffix.lower() in EXTENSIONS:
            yield Path(entry.path)
