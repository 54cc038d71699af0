"""The way in: find → (decode → anonymise, in worker processes) → embed and tag in batches → commit, all at once.

A photo counts as indexed only when its commit has returned. What is known is skipped, so that a run that was broken
off is resumed by running it again.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.devices import cpu_count
from indexer.find import Found, find
from indexer.library import Library, Location, NewPhoto
from indexer.photos import Committed
from indexer.prepare import Limits, Prepared, failed, prepare
from indexer.stages import FINDABLE, Anonymiser, ImageEncoder, State, Tagger
from indexer.workers import Workers, running

BATCH = 32
COUNTED = ("indexed", "skipped", "duplicate", "review", "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `found` photos in all, how many of each outcome so far, and the seconds since it began."""

    found: int
    indexed: int
    skipped: int
    duplicate: int
    review: int
    failed: int
    seconds: float

    @property
    def done(self) -> int:
        """Photos with an outcome."""
        return self.indexed + self.skipped + self.duplicate + self.review + self.failed

    @property
    def rate(self) -> float:
        """Photos per second, those not counted that were only skipped."""
        return (self.done - self.skipped) / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds still to go, None while nothing is done."""
        return (self.found - self.done) / self.rate if self.rate > 0 else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that cannot be found by a search, and why."""

    photo: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of a run; `found` is the sum of the five outcomes."""

    found: int
    indexed: int
    skipped: int
    duplicate: int
    review: int
    failed: int
    seconds: float
    failures: list[Failure]


@dataclass
class _Run:
    """The running totals of one ingest."""

    library: Library
    on_progress: Callable[[Progress], None] | None
    found: int = 0
    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def count(self, outcome: str, number: int = 1) -> None:
        self.counts[outcome] += number

    def progress(self) -> Progress:
        return Progress(self.found, seconds=time.monotonic() - self.began, **self._counted())

    def report(self) -> IngestReport:
        seconds = time.monotonic() - self.began
        return IngestReport(self.found, seconds=seconds, failures=self.failures, **self._counted())

    def _counted(self) -> dict[str, int]:
        return {name: self.counts[name] for name in COUNTED}

    def show(self) -> None:
        if self.on_progress:
            self.on_progress(self.progress())


def ingest(
    sources: Sequence[Path],
    library: Library,
    anonymiser: Callable[[], Anonymiser],
    encoder: Callable[[], ImageEncoder],
    limits: Limits,
    *,
    tagger: Tagger | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Take all new photos of the sources into the library.

    Anonymiser and encoder are asked for only when there is a new photo. `on_progress` is called after every commit. On
    Ctrl-C what is ready is committed before `KeyboardInterrupt` goes on.
    """
    run = _Run(library, on_progress)
    candidates = find(sources)
    run.found = len(candidates)
    new = [(found, location) for found in candidates if (location := _unknown(found, library)) is not None]
    run.count("skipped", len(candidates) - len(new))
    run.show()
    if not new:
        return run.report()
    encode = encoder()
    work = partial(prepare, anonymiser=anonymiser(), preprocess=encode.preprocess, limits=limits)
    pool = Workers(work, workers or cpu_count(), limits.seconds, lambda path, reason: failed(None, 0, reason))
    run.began = time.monotonic()
    with running(pool), ThreadPoolExecutor(max_workers=1) as committer:
        _move(pool.map(new, lambda pair: pair[0].path), encode, tagger, committer, run)
    return run.report()


Ready = tuple[tuple[Found, Location], Prepared]


def _move(
    ready: Iterator[Ready], encoder: ImageEncoder, tagger: Tagger | None, committer: ThreadPoolExecutor, run: _Run
) -> None:
    """Batches through encoder and tagger, and on to the commit thread, one commit ahead."""
    pending: Future[None] | None = None
    try:
        for batch in _batches(ready):
            photos = _embedded(batch, encoder, tagger)
            if pending is not None:
                pending.result()
            pending = committer.submit(_commit, batch, photos, run)
    finally:
        if pending is not None:
            pending.result()


def _batches(ready: Iterator[Ready]) -> Iterator[list[Ready]]:
    batch: list[Ready] = []
    for one in ready:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _embedded(batch: Sequence[Ready], encoder: ImageEncoder, tagger: Tagger | None) -> list[NewPhoto]:
    inputs = [prepared.model_input for _, prepared in batch if prepared.model_input is not None]
    vectors: Iterator[NDArray[np.float32]] = iter(encoder.encode(np.stack(inputs)) if inputs else ())
    photos = []
    for (_, location), prepared in batch:
        vector = next(vectors) if prepared.state in FINDABLE else None
        tags = tagger.tag(vector[None])[0] if tagger is not None and vector is not None else {}
        photos.append(
            NewPhoto(
                sha256=prepared.sha256,
                location=location,
                bytes=prepared.bytes,
                width=prepared.width,
                height=prepared.height,
                state=prepared.state,
                reason=prepared.reason,
                boxes=prepared.boxes,
                taken_at=prepared.taken_at,
                camera=prepared.camera,
                vector=vector,
                tags=tags,
                thumbnail=prepared.thumbnail,
            )
        )
    return photos


def _commit(batch: Sequence[Ready], photos: Sequence[NewPhoto], run: _Run) -> None:
    for ((found, _), _), photo, committed in zip(batch, photos, run.library.commit(photos), strict=True):
        outcome = _outcome(photo, committed)
        run.count(outcome)
        if outcome in ("review", "failed"):
            shown = found.relative if run.library.manifest.paths == "relative" else f"photo {committed.photo_id}"
            run.failures.append(Failure(shown, photo.reason))
    run.show()


def _outcome(photo: NewPhoto, committed: Committed) -> str:
    if committed.outcome == "duplicate":
        return "duplicate"
    return photo.state.value if photo.state in (State.REVIEW, State.FAILED) else "indexed"


def _unknown(found: Found, library: Library) -> Location | None:
    """Where the file lies, or None when the library knows it: by place, size and time; without paths, by content."""
    try:
        stat = found.path.stat()
    except OSError:
        return Location(library.root_of(found.folder), found.relative, 0, 0)
    location = Location(library.root_of(found.folder), found.relative, stat.st_size, stat.st_mtime_ns)
    if library.manifest.paths == "relative":
        return None if library.is_known(location) else location
    with found.path.open("rb") as file:
        known = library.find(hashlib.file_digest(file, "sha256").hexdigest())
    return None if known is not None else location
