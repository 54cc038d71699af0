"""Model cards: weights and what they are, written beside each other."""

import hashlib
import json
from pathlib import Path
from typing import Any

from indexer.durable import write_atomic


def write_model(folder: Path, name: str, weights: bytes, card: dict[str, Any]) -> Path:
    """NAME.safetensors, then NAME.json with its sha256; returns the card's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / f"{name}.safetensors", weights)
    card = {"name": name, **card, "bytes": len(weights), "sha256": hashlib.sha256(weights).hexdigest()}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / f"{name}.json", text.encode())
    return folder / f"{name}.json"


def sha256_of(file: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
