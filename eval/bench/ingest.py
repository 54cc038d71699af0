"""How near the ingest comes to its limit: `python -m eval.bench.ingest FOLDER --profile starter`.

Every stage is run alone in one process and its CPU-seconds per photo are added up. On a CPU no ingest can be faster
than cores / that sum; on a GPU none can be faster than its slowest stage alone. The real ingest, with all stages
overlapped, is then run on the same photos, and its rate is printed beside the limit.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from indexer.decode import decode
from indexer.devices import cpu_count, pick_device
from indexer.find import find
from indexer.library import Location, NewPhoto
from indexer.pipeline import BATCH
from indexer.prepare import thumbnail
from indexer.stages import FINDABLE, State, Vectors
from retrieval.engine import Engine

Result = TypeVar("Result")


@dataclass(frozen=True)
class IngestBench:
    """CPU- and wall-seconds per photo of each stage alone, the limit they set, and the real rate (photos/s)."""

    cpu: dict[str, float]
    wall: dict[str, float]
    device: str
    cores: int
    rate: float

    @property
    def limit(self) -> float:
        """Photos per second that no ingest can exceed."""
        return 1 / max(self.wall.values()) if self.device == "cuda" else self.cores / sum(self.cpu.values())

    @property
    def ratio(self) -> float:
        """Share of the limit that the real ingest keeps."""
        return self.rate / self.limit


def bench_ingest(folder: Path, profile: str, photos: int, device: str | None = None) -> IngestBench:
    """Measure stages and ingest on the first `photos` photos below `folder`, each in a throw-away library."""
    work = Path(tempfile.mkdtemp(prefix="photoveil-bench-"))
    try:
        chosen = [found.path for found in find([folder])[:photos]]
        with Engine.create(work / "alone.library", profile, device=device) as engine:
            clock = _stages(engine, chosen)
        with Engine.create(work / "real.library", profile, device=device) as engine:
            _ = engine.encoder, engine.anonymiser
            report = engine.ingest(chosen)
    finally:
        shutil.rmtree(work)
    done = report.indexed + report.review + report.failed + report.duplicate
    return IngestBench(clock.cpu, clock.wall, pick_device(device), cpu_count(), done / report.seconds)


class _Clock:
    """CPU- and wall-seconds per photo, by stage."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}

    def time(self, stage: str, action: Callable[[], Result]) -> Result:
        """Run one stage over all photos."""
        began, used = time.perf_counter(), time.process_time()
        result = action()
        self.cpu[stage] = (time.process_time() - used) / self._photos
        self.wall[stage] = (time.perf_counter() - began) / self._photos
        return result


def _stages(engine: Engine, paths: Sequence[Path]) -> _Clock:
    """Each stage over all photos, one after the other; the models are warmed up before."""
    cv2.setNumThreads(1)
    preprocess = engine.encoder.preprocess
    warm = engine.anonymiser.anonymise(decode(paths[0].read_bytes(), engine.settings.max_pixels).pixels)
    engine.encoder.encode(np.stack([preprocess(warm.pixels)] * BATCH))
    clock = _Clock(len(paths))
    data = clock.time("read", lambda: [path.read_bytes() for path in paths])
    decoded = clock.time("decode", lambda: [decode(one, engine.settings.max_pixels).pixels for one in data])
    shown = clock.time("anonymise", lambda: [engine.anonymiser.anonymise(pixels) for pixels in decoded])
    findable = [one.pixels for one in shown if one.state in FINDABLE]
    small = clock.time("shrink", lambda: [(preprocess(pixels), thumbnail(pixels)) for pixels in findable])
    inputs = [one[0] for one in small]
    batches = [np.stack(inputs[start : start + BATCH]) for start in range(0, len(inputs), BATCH)]
    vectors = clock.time("embed", lambda: np.concatenate([engine.encoder.encode(batch) for batch in batches]))
    rows = [_row(number, vector, small[number][1]) for number, vector in enumerate(vectors)]
    clock.time("commit", lambda: [engine.library.commit(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH)])
    return clock


def _row(number: int, vector: Vectors, picture: bytes) -> NewPhoto:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    place = Location("bench", f"{number}.jpg", 1, 1)
    return NewPhoto(digest, place, 1, 224, 224, State.CLEAR, vector=vector, thumbnail=picture)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the stages, the limit, the rate and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.ingest", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", default="starter")
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--device")
    given = parser.parse_args(arguments)
    result = bench_ingest(given.folder, given.profile, given.photos, given.device)
    lines = [f"{stage:<10}{1000 * seconds:9.2f} ms CPU per photo" for stage, seconds in result.cpu.items()]
    lines.append(f"limit     {result.limit:9.2f} photos/s ({result.cores} cores, {result.device})")
    lines.append(f"ingest    {result.rate:9.2f} photos/s")
    lines.append(f"ratio     {result.ratio:9.2f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
