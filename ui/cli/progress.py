"""Progress bars on stderr: how many of how many, how fast, how long still, and the counts by state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich import progress as bars
from rich.table import Column

from ui.cli.output import err

if TYPE_CHECKING:
    from indexer.pipeline import Progress


BAR = 20
"""Columns of the bar itself, so that what stands beside it fits a narrow terminal."""


def _bar(*more: bars.ProgressColumn) -> bars.Progress:
    return bars.Progress(bars.TextColumn("[bold]{task.description}"), bars.BarColumn(BAR), *more, console=err)


@contextmanager
def ingest_progress() -> "Iterator[Callable[[Progress], None]]":
    """Yields what the engine calls as it takes photos in: the bar, the rate, the time left, the counts by state."""
    text = bars.TextColumn("{task.fields[speed]} [dim]{task.fields[counts]}", table_column=Column(no_wrap=True))
    with _bar(bars.MofNCompleteColumn(), text) as bar:
        task = bar.add_task("photos", total=None, speed="", counts="")
        yield lambda now: bar.update(task, completed=now.done, total=now.found, speed=_speed(now), counts=_counts(now))


@contextmanager
def count_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields what is called with how many are done, and how many there are."""
    with _bar(bars.MofNCompleteColumn(), bars.TimeRemainingColumn()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def download_progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yields what the model store calls with the bytes so far and the bytes in all, if known."""
    with _bar(bars.DownloadColumn(), bars.TransferSpeedColumn(), bars.TimeRemainingColumn()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def phase_progress() -> Iterator[Callable[[str, int, int, float], None]]:
    """Yields what a training calls with its phase, steps done, steps in all and the loss (0: none yet)."""
    columns = (bars.MofNCompleteColumn(), bars.TimeRemainingColumn(), bars.TextColumn("[dim]{task.fields[loss]}"))
    with _bar(*columns) as bar:
        tasks: dict[str, bars.TaskID] = {}

        def show(phase: str, done: int, total: int, loss: float) -> None:
            if phase not in tasks:
                tasks[phase] = bar.add_task(phase, loss="")
            bar.update(tasks[phase], completed=done, total=total, loss=f"loss {loss:.3f}" if loss else "")

        yield show


def _speed(now: "Progress") -> str:
    if now.remaining is None:
        return ""
    return f"{now.rate:.1f}/s {timedelta(seconds=round(now.remaining))} left"


def _counts(now: "Progress") -> str:
    states = ("indexed", "skipped", "duplicate", "review", "failed")
    return " ".join(f"{getattr(now, state)} {state}" for state in states if getattr(now, state))
