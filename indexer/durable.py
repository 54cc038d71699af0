"""File operations whose order on disk the library's promises rest on.

Every file is written temp → length check → fsync → rename → fsync(dir); every append is followed by an fsync. Each
operation is announced before it happens, so that a test may stop the world there, fill the disk, or record what
power loss would leave.
"""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import LibraryError

TEMP = ".tmp"
"""Suffix of a file or folder that is not complete yet; start-up removes what carries it."""

QUARANTINE = ".corrupt-"
"""Infix of a damaged file or folder that was put aside as evidence; nanoseconds since 1970 follow."""

FSYNCS_AT_ONCE = 16

Watcher = Callable[[str, Path], None]
"""Gets the kind of an operation (write, truncate, fsync, rename, unlink, fsync_dir, commit, committed) and its path."""

_watchers: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Calls `watcher` before every operation; what it raises takes the operation's place."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def announce(kind: str, path: Path) -> None:
    """Tells the watchers what happens next."""
    for watcher in _watchers:
        watcher(kind, path)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turns the operating system's refusals into a `LibraryError` that says what to do and names no file."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "free some space" if full else "make the library's folder writable"
        reason = "the disk is full" if full else (error.strerror or "the system refused").lower()
        message = f"Could not {what} ({reason}): {advice} and run the command again; nothing reported so far is lost."
        raise LibraryError(message) from error


def fsync(path: Path) -> None:
    """Forces a file's content to the medium."""
    announce("fsync", path)
    _fsync(path)


def _fsync_all(paths: Sequence[Path]) -> None:
    for path in paths:
        announce("fsync", path)
    with ThreadPoolExecutor(FSYNCS_AT_ONCE) as pool:  # the medium merges what is asked for together
        list(pool.map(_fsync, paths))


def fsync_dir(path: Path) -> None:
    """Forces a folder's entries (creations, renames, removals) to the medium."""
    announce("fsync_dir", path)
    _fsync(path, os.O_RDONLY | os.O_DIRECTORY)


def _fsync(path: Path, flags: int = os.O_RDONLY) -> None:
    descriptor = os.open(path, flags)
    try:
        full = getattr(fcntl, "F_FULLFSYNC", None)  # on macOS fsync alone leaves the data in the drive's cache
        if full is None:
            os.fsync(descriptor)
        else:
            fcntl.fcntl(descriptor, full)
    finally:
        os.close(descriptor)


def rename(source: Path, target: Path) -> None:
    """Moves a file or folder; the caller fsyncs the folder."""
    announce("rename", target)
    source.rename(target)


def unlink(path: Path) -> None:
    """Removes a file; the caller fsyncs the folder."""
    announce("unlink", path)
    path.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Removes a folder of files, or a file."""
    if folder.is_dir() and not folder.is_symlink():
        for child in folder.iterdir():
            remove_tree(child)
        announce("unlink", folder)
        folder.rmdir()
    else:
        unlink(folder)


def write_at(path: Path, offset: int, data: bytes) -> None:
    """Cuts the file at `offset`, writes `data` there, checks the length and fsyncs."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        announce("truncate", path)
        file.truncate(offset)
        file.seek(offset)
        announce("write", path)
        file.write(data)
    check_length(path, offset + len(data))
    fsync(path)


def truncate(path: Path, length: int) -> None:
    """Cuts a file's tail off for good."""
    with path.open("r+b") as file:
        announce("truncate", path)
        file.truncate(length)
    fsync(path)


def check_length(path: Path, expected: int) -> None:
    """Raises OSError when the file is not as long as what was written to it."""
    if path.stat().st_size != expected:
        raise OSError(errno.EIO, "a file came out shorter than what was written")


def write_atomic(path: Path, data: bytes) -> None:
    """The file holds `data` whole and for good when this returns, and its old content or nothing before that."""
    write_many(path.parent, {path.name: data})


def write_many(folder: Path, files: Mapping[str, bytes]) -> None:
    """Several whole files in one folder, durable together when this returns, with a single fsync of the folder."""
    try:
        for name, data in files.items():
            temporary = folder / (name + TEMP)
            announce("write", temporary)
            temporary.write_bytes(data)
            check_length(temporary, len(data))
        _fsync_all([folder / (name + TEMP) for name in files])
    except BaseException:
        for name in files:
            (folder / (name + TEMP)).unlink(missing_ok=True)  # on a full disk every byte counts
        raise
    for name in files:
        rename(folder / (name + TEMP), folder / name)
    fsync_dir(folder)


def quarantine(path: Path) -> Path:
    """Puts a damaged file or folder aside under another name, where nothing reads it and nobody loses it."""
    aside = path.with_name(f"{path.name}{QUARANTINE}{time.time_ns()}")
    rename(path, aside)
    fsync_dir(path.parent)
    return aside


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
