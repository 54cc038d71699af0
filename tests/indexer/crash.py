"""What a crash leaves of a library: killed before any file operation, or without power after it.

`KillPoints` copies the folder before every operation: that is what `kill -9` leaves. `PowerLoss` records what was
forced to the medium, and lays out what may be left of it: nothing more (lazy), or all renames with torn contents
(eager). Every state is handed to `check` at once, with what the test has noted by then.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.parts import CATALOG

Note = dict[str, Any]
Tree = dict[Path, bytes | None]


@dataclass
class Watcher:
    """Stands before every operation on the library at `library`; uses the folder `out`."""

    library: Path
    out: Path
    check: Callable[[str, Path, Note], None]
    note: Note = field(default_factory=dict)
    states: int = 0

    def __call__(self, kind: str, path: Path) -> None:
        if path.is_relative_to(self.library) and self.library.exists():
            self.before(kind, path)

    def before(self, kind: str, path: Path) -> None:
        raise NotImplementedError

    def hand_over(self, label: str, path: Path) -> None:
        self.states += 1
        self.check(label, path, dict(self.note))
        shutil.rmtree(path)


class KillPoints(Watcher):
    """kill -9 before each operation."""

    def before(self, kind: str, path: Path) -> None:
        self.hand_over(f"before {kind} {path.name}", Path(shutil.copytree(self.library, self.out / "state")))


@dataclass
class PowerLoss(Watcher):
    """Power loss before each operation."""

    synced: dict[int, bytes] = field(default_factory=dict)
    entries: dict[int, dict[str, int]] = field(default_factory=dict)
    catalog: dict[str, bytes] = field(default_factory=dict)
    pins: dict[int, int] = field(default_factory=dict)
    seen: list[tuple[Tree, dict[str, bytes], Note]] = field(default_factory=list)

    def before(self, kind: str, path: Path) -> None:
        self._lay_out(f"lazy before {kind} {path.name}", dict(self._lazy(self.library)))
        self._lay_out(f"eager before {kind} {path.name}", dict(self._eager()))
        if kind == "fsync":
            self.synced[self._pin(path)] = path.read_bytes()
        if kind == "fsync_dir":
            self.entries[self._pin(path)] = {child.name: self._pin(child) for child in path.iterdir()}
        if kind == "committed":
            self.catalog = {file.name: file.read_bytes() for file in self.library.glob(CATALOG + "*")}
            self.catalog.pop(CATALOG + "-shm", None)

    def release(self) -> None:
        for descriptor in self.pins.values():
            os.close(descriptor)

    def _pin(self, path: Path) -> int:
        """The inode, held open, so that its number is not given to another file."""
        inode = path.stat().st_ino
        if inode not in self.pins:
            self.pins[inode] = os.open(path, os.O_RDONLY)
        return inode

    def _lazy(self, folder: Path, inode: int | None = None) -> Iterator[tuple[Path, bytes | None]]:
        """What was forced to the medium: entries by fsync of the folder, contents by fsync of the file."""
        for name, child in self.entries.get(inode or folder.stat().st_ino, {}).items():
            if child in self.entries or stat.S_ISDIR(os.fstat(self.pins[child]).st_mode):
                yield folder / name, None
                yield from self._lazy(folder / name, child)
            elif not name.startswith(CATALOG):
                yield folder / name, self.synced.get(child, b"")

    def _eager(self) -> Iterator[tuple[Path, bytes | None]]:
        """All names as they are now, but of what was not forced to the medium half is lost and the rest is zeros."""
        for path in sorted(self.library.rglob("*")):
            if path.is_dir():
                yield path, None
            elif not path.name.startswith(CATALOG):
                now, safe = path.read_bytes(), self.synced.get(path.stat().st_ino, b"")
                kept = safe if now.startswith(safe) else b""
                yield path, kept + bytes((len(now) - len(kept)) // 2)

    def _lay_out(self, label: str, tree: Tree) -> None:
        state = (tree, self.catalog, dict(self.note))
        if state in self.seen:
            return
        self.seen = [*self.seen[-3:], state]
        target = self.out / "state"
        target.mkdir()
        for path, data in tree.items():
            copy = target / path.relative_to(self.library)
            if data is None:
                copy.mkdir()
            else:
                copy.write_bytes(data)
        for name, data in self.catalog.items():
            (target / name).write_bytes(data)
        self.hand_over(label, target)
