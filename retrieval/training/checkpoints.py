"""Training state on disk, the optimiser's too: a stopped training goes on as if it had not stopped."""

import os
from pathlib import Path
from typing import Any

import torch

from indexer.errors import UsageError


def save_checkpoint(path: Path, recipe: dict[str, Any], state: dict[str, Any]) -> None:
    """Written whole beside the old one, then renamed over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as stream:
        torch.save({"recipe": recipe, **state}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def load_checkpoint(path: Path, recipe: dict[str, Any]) -> dict[str, Any] | None:
    """What was saved last, or None. Raises `UsageError` when it belongs to a training with another recipe."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    if state["recipe"] != recipe:
        raise UsageError(
            "The checkpoint belongs to a training with other settings: name another output folder or remove it."
        )
    return state
