"""Stages of a long run: each is made once, and again only when what it was made from has changed."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.durable import write_atomic


@dataclass(frozen=True)
class Stages:
    """Records in `folder`/stages; `say` is told what happens."""

    folder: Path
    say: Callable[[str], None]

    def run(self, name: str, made_from: Mapping[str, Any], product: Path, make: Callable[[], None]) -> str:
        """Make the product unless it is there and was made from the same; returns a key of what it was made from.

        A stage that breaks off leaves no record, so that the next run begins it again.
        """
        key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        record = self.folder / "stages" / f"{name}.json"
        if product.exists() and _recorded(record) == key:
            self.say(f"{name}: done before")
            return key
        self.say(f"{name}: begins")
        record.unlink(missing_ok=True)
        make()
        record.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(record, (json.dumps({"key": key, "made_from": made_from}, indent=2) + "\n").encode())
        return key


def fingerprint(files: Iterable[Path]) -> str:
    """Equal for files with equal names and sizes, in whatever order; a large folder is told without reading it."""
    digest = hashlib.sha256()
    for line in sorted(f"{file.name}\t{file.stat().st_size}\n" for file in files):
        digest.update(line.encode())
    return digest.hexdigest()


def _recorded(record: Path) -> str | None:
    try:
        return str(json.loads(record.read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError):
        return None
