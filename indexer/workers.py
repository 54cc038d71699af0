"""Worker processes: each photo is worked on in a process that may be killed without harm to the rest."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, TimeoutError
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import cv2
from pebble import ProcessExpired, ProcessPool

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 12
"""Photos under way per worker: enough that no worker waits while one photo takes long."""

_work: Callable[[Path], Any]


class Workers(Generic[Result]):
    """`count` processes that apply `work` (picklable) to paths, each call within `seconds`.

    `on_lost(path, reason)` makes the result of a photo whose worker took too long or died.
    """

    def __init__(
        self, work: Callable[[Path], Result], count: int, seconds: float, on_lost: Callable[[Path, str], Result]
    ) -> None:
        self._count, self._seconds, self._on_lost = count, seconds, on_lost
        # Spawned, not forked: a fork would carry over the threads' locks of ONNX Runtime and torch.
        context = multiprocessing.get_context("spawn")
        self._pool: Any = ProcessPool(max_workers=count, initializer=_start, initargs=[work], context=context)

    def map(self, items: Iterable[Item], path_of: Callable[[Item], Path]) -> Iterator[tuple[Item, Result]]:
        """Results in the order of `items`, a bounded number ahead."""
        waiting = iter(items)
        under_way = [(item, self._submit(path_of(item))) for item in islice(waiting, AHEAD * self._count)]
        while under_way:
            item, future = under_way.pop(0)
            result = self._result(path_of(item), future)
            under_way.extend((one, self._submit(path_of(one))) for one in islice(waiting, 1))
            yield item, result

    def _submit(self, path: Path) -> Any:
        return self._pool.schedule(_run, args=[path], timeout=self._seconds)

    def _result(self, path: Path, future: Any) -> Result:
        try:
            result: Result = future.result()
        except TimeoutError:
            reason = f"It took longer than {self._seconds:g} seconds: scale it down or raise PHOTOVEIL_DECODE_SECONDS."
            return self._on_lost(path, reason)
        except (ProcessExpired, CancelledError):
            return self._on_lost(
                path, "The process that read it died: the file may be made to do harm, or memory ran out."
            )
        return result

    def stop(self) -> None:
        """End all processes at once."""
        self._pool.stop()
        self._pool.join()


@contextmanager
def running(workers: Workers[Result]) -> Iterator[Workers[Result]]:
    """The workers, ended on leaving, however that happens."""
    try:
        yield workers
    finally:
        workers.stop()


def _start(work: Callable[[Path], Any]) -> None:
    global _work
    _work = work
    cv2.setNumThreads(1)  # every core has a process of its own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot stop its workers: they notice and go."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(path: Path) -> Any:
    return _work(path)
