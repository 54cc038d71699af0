"""Progress bars on stderr: how many of how many, how fast, how long still, and the counts by state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ui.cli.output import err

if TYPE_CHECKING:
    from indexer.pipeline import Progress as IngestProgress


@contextmanager
def ingest_progress() -> "Iterator[Callable[[IngestProgress], None]]":
    """Yields what `Engine.ingest` calls with its progress."""
    columns = (
        TextColumn("[bold]photos"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[counts]}"),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("photos", total=None, rate="", counts="")

        def show(progress: "IngestProgress") -> None:
            pass

        yield show
