"""Kill an ingest again and again: `python -m tests.kill_ingest --rounds 200`.

Every round starts an ingest in a process of its own, kills it (SIGKILL) at a random moment, opens the library again
and holds it against what the killed process had reported: all of that is there, nothing is there that is not one of the
photos, every byte verifies, and a search answers. When all photos are in, the next round begins with an empty library.
"""

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.library import Filter
from indexer.pipeline import Progress
from retrieval.engine import Engine, Query

ROOT = Path(__file__).parents[1]
SIDE = 96


@dataclass
class Tally:
    """Rounds run, kills that came before the ingest had ended, photos that survived, summed over the rounds."""

    rounds: int = 0
    kills: int = 0
    survived: int = 0


def kill_rounds(rounds: int, photos: int, seed: int) -> Tally:
    """Run the rounds. Raises `AssertionError` at the first promise that is broken."""
    rng, tally = random.Random(seed), Tally()
    work = Path(tempfile.mkdtemp(prefix="photoveil-kill-"))
    try:
        folder = _make_photos(work / "photos", photos)
        longest = _time_of_one_ingest(folder, work / "timing.library")
        library = _fresh(work, 0)
        for number in range(rounds):
            known = _check(library, folder, frozenset())
            if len(known) == photos:
                shutil.rmtree(library)
                library, known = _fresh(work, number), frozenset()
            killed, reported = _ingest_and_kill(folder, library, rng.uniform(0, longest))
            to_come = sorted(set(_names(folder)) - known)
            kept = _check(library, folder, known | set(to_come[:reported]))
            tally.rounds, tally.kills, tally.survived = number + 1, tally.kills + killed, tally.survived + len(kept)
    finally:
        shutil.rmtree(work)
    return tally


def _make_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        image.save(folder / f"{number:03}.jpg", quality=90)
    return folder


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _fresh(work: Path, number: int) -> Path:
    library = work / f"{number}.library"
    Engine.create(library, "starter", device="cpu").close()
    return library


def _time_of_one_ingest(folder: Path, library: Path) -> float:
    Engine.create(library, "starter", device="cpu").close()
    began = time.monotonic()
    subprocess.run(_command(folder, library), check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return time.monotonic() - began


def _command(folder: Path, library: Path) -> list[str]:
    return [sys.executable, "-m", "tests.kill_ingest", "--ingest", str(folder), str(library)]


def _ingest_and_kill(folder: Path, library: Path, seconds: float) -> tuple[bool, int]:
    """Whether it had to be killed, and how many photos it had reported as indexed."""
    with subprocess.Popen(_command(folder, library), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    counts = [int(line) for line in said.split("\n")[:-1]]  # a line without its end was not said
    return process.returncode != 0, max(counts, default=0)


def _check(library: Path, folder: Path, reported: frozenset[str] | set[str]) -> frozenset[str]:
    """Open as after a crash and hold the library against what was reported; returns the photos that are in it."""
    with Engine.open(library, writable=True, device="cpu") as engine:
        problems = engine.verify()
        assert not problems, problems
        photos = engine.library.photos(engine.library.select(Filter(states=None)).tolist())
        inside = {photo.path for photo in photos if photo.path is not None}
        assert inside >= reported, f"{len(reported - inside)} reported photos are lost"
        assert inside <= set(_names(folder)), "something else appeared"
        for photo in photos:
            content = (folder / str(photo.path)).read_bytes()
            assert photo.sha256 == hashlib.sha256(content).hexdigest(), "an id changed its photo"
        findable = len(engine.library.vectors()[0])
        assert len(engine.search(Query("a dog on the beach", k=5)).hits) == min(5, findable)
    return frozenset(inside)


def _ingest(folder: Path, library: Path) -> None:
    def say(progress: Progress) -> None:
        sys.stdout.write(f"{progress.indexed}\n")
        sys.stdout.flush()

    with Engine.open(library, writable=True, device="cpu") as engine:
        engine.ingest([folder], say)


def main() -> None:
    """Parse the arguments and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_ingest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--photos", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ingest", type=Path, nargs=2, metavar=("FOLDER", "LIBRARY"))
    given = parser.parse_args()
    if given.ingest:
        _ingest(*given.ingest)
        return
    tally = kill_rounds(given.rounds, given.photos, given.seed)
    sys.stdout.write(f"{tally.rounds} rounds, {tally.kills} killed under way, every promise held\n")


if __name__ == "__main__":
    main()
