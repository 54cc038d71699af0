"""A folder of photos to the same folder without faces and plates, as pictures and without any library."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from indexer.decode import decode
from indexer.devices import cpu_count
from indexer.errors import DecodeError, UsageError
from indexer.find import Found, find
from indexer.pipeline import Failure
from indexer.prepare import Limits
from indexer.stages import FINDABLE, Anonymiser, Pixels, State
from indexer.workers import Workers, running

JPEG_QUALITY = 95
LOSSLESS = (".png", ".gif", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class TreeReport:
    """Photos in all, and how many ended in each state."""

    found: int
    clear: int
    anonymised: int
    review: int
    failed: int
    failures: list[Failure]


@dataclass(frozen=True, slots=True)
class _Written:
    """How one photo ended; `picture` is the encoded file of a photo that may be shown."""

    state: State
    reason: str
    picture: bytes | None = None


def anonymise_tree(
    source: Path,
    target: Path,
    anonymiser: Anonymiser,
    limits: Limits,
    *,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> TreeReport:
    """Write what ended `clear` or `anonymised` under `target`, in the same tree with the same stems.

    JPEG (quality 95) for photos, PNG for what came without loss; no metadata. A photo in `review` or `failed` is not
    written. Of photos that differ only in their extension each keeps it before the new one. Raises
    `UsageError` when `target` lies in `source`.
    """
    _check_apart(source, target)
    photos = find([source])
    names = _target_names(photos)
    counts: Counter[State] = Counter()
    failures = []
    work = partial(_anonymised, anonymiser=anonymiser, max_pixels=limits.max_pixels)
    pool = Workers(work, workers or cpu_count(), limits.seconds, lambda path, reason: _Written(State.FAILED, reason))
    with running(pool):
        for done, (photo, result) in enumerate(pool.map(photos, lambda photo: photo.path), start=1):
            counts[result.state] += 1
            if result.picture is None:
                failures.append(Failure(photo.relative, result.reason))
            else:
                _write(target / names[photo], result.picture)
            if on_progress:
                on_progress(done, len(photos))
    return TreeReport(len(photos), failures=failures, **{state.value: counts[state] for state in State})


def _anonymised(path: Path, anonymiser: Anonymiser, max_pixels: int) -> _Written:
    """In a worker process: clear pixels never leave it."""
    try:
        decoded = decode(path.read_bytes(), max_pixels)
    except (DecodeError, OSError) as error:
        reason = str(error) if isinstance(error, DecodeError) else "The file cannot be read: check its permissions."
        return _Written(State.FAILED, reason)
    shown = anonymiser.anonymise(decoded.pixels)
    findable = shown.state in FINDABLE
    return _Written(shown.state, shown.reason, _encoded(shown.pixels, _suffix(path)) if findable else None)


def _encoded(pixels: Pixels, suffix: str) -> bytes:
    buffer = io.BytesIO()
    if suffix == ".png":
        Image.fromarray(pixels).save(buffer, "PNG")
    else:
        Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    return buffer.getvalue()


def _suffix(path: Path) -> str:
    return ".png" if path.suffix.lower() in LOSSLESS else ".jpg"


def _target_names(photos: list[Found]) -> dict[Found, Path]:
    names = {photo: Path(photo.relative).with_suffix(_suffix(photo.path)) for photo in photos}
    times = Counter(names.values())
    # A phone keeps IMG_1.HEIC beside IMG_1.JPG: both are wanted.
    return {photo: name if times[name] == 1 else _whole_name(photo) for photo, name in names.items()}


def _whole_name(photo: Found) -> Path:
    return Path(photo.relative + _suffix(photo.path))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def _check_apart(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise UsageError("The source is no folder: name a folder of photos.")
    here, there = source.resolve(), target.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise UsageError("Source and target lie in one another: choose a target folder elsewhere.")
