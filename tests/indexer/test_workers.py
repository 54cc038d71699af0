import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from PIL import Image

from indexer.prepare import Limits, Prepared, failed, prepare
from indexer.stages import Anonymiser, State
from indexer.workers import Workers, running
from tests.indexer.stand_ins import Dies, MeanColours, PassesAll, Sleeps


def states(folder: Path, anonymiser: Anonymiser, seconds: float) -> list[State]:
    for number, colour in enumerate(["grey", "white", "grey"]):
        Image.new("RGB", (32, 32), colour).save(folder / f"{number}.png")
    work = partial(prepare, anonymiser=anonymiser, preprocess=MeanColours.preprocess, limits=Limits(10_000, seconds))
    pool: Workers[Prepared] = Workers(work, 1, seconds, lambda path, reason: failed(None, 0, reason))
    with running(pool):
        return [result.state for _, result in pool.map(sorted(folder.iterdir()), lambda path: path)]


def test_results_come_in_order(tmp_path: Path) -> None:
    assert states(tmp_path, PassesAll(), 60) == [State.CLEAR] * 3


def test_a_photo_that_takes_too_long_is_given_up_alone(tmp_path: Path) -> None:
    assert states(tmp_path, Sleeps(), 3) == [State.CLEAR, State.FAILED, State.CLEAR]


def test_a_worker_that_dies_takes_only_its_photo_along(tmp_path: Path) -> None:
    assert states(tmp_path, Dies(), 60) == [State.CLEAR, State.FAILED, State.CLEAR]


PARENT = """
import multiprocessing, sys, time
from pathlib import Path
from indexer.workers import Workers
from tests.indexer.test_workers import pid_of
if __name__ == "__main__":
    pool = Workers(pid_of, 1, 60, lambda path, reason: 0)
    print(next(pool.map([Path(".")], lambda path: path))[1], flush=True)
    time.sleep(60)
"""


def pid_of(path: Path) -> int:
    return os.getpid()


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
