"""Files of data sets: sentences one a line, and JSON."""

import gzip
import json
from pathlib import Path
from typing import Any

from indexer.errors import DataError


def read_lines(path: Path, count: int | None = None) -> list[str]:
    """The lines of a UTF-8 file, plain or gzip.

    Only a line feed ends a line: U+2028 and the like belong to the sentence. A carriage return before it goes, and the
    last line may lack its end. Raises `DataError` when the file cannot be read or has not `count` lines.
    """
    lines = _text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    if count is not None and len(lines) != count:
        raise DataError(f"{path.name} has {len(lines):,} lines instead of {count:,}: get the official file.")
    return [line.removesuffix("\r") for line in lines]


def plain_or_gzip(path: Path) -> Path | None:
    """The file, or the one with `.gz` behind its name, whichever is there."""
    packed = path.with_name(path.name + ".gz")
    return next((file for file in (path, packed) if file.is_file()), None)


def read_json(path: Path) -> Any:
    """What a JSON file holds, plain or gzip. Raises `DataError`."""
    return parse_json(_text(path), path)


def parse_json(text: str, path: Path) -> Any:
    """What a JSON text holds. Raises `DataError` that names the file."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"{path.name} is no JSON: get the official file.") from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except FileNotFoundError as error:
        raise DataError(f"{path.name} is missing: give the data set's folder with its official layout.") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} cannot be read: it must be UTF-8 text, plain or gzip.") from error
