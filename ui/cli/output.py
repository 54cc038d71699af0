"""What a command prints: with `--json` one object on stdout, otherwise tables on stdout; all else goes to stderr."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

SCHEMA_VERSION = 1

out = Console()
err = Console(stderr=True)


def print_json(fields: Mapping[str, Any]) -> None:
    """The one JSON object of a command, `schema_version` first. Raises `ValueError` for NaN and infinity."""
    # Escaped to ASCII, so that neither the terminal's encoding nor a file name that is no valid Unicode can break it.
    json.dump({"schema_version": SCHEMA_VERSION, **fields}, sys.stdout, allow_nan=False)
    sys.stdout.write("\n")
    sys.stdout.flush()


def print_pairs(title: str, pairs: Mapping[str, object]) -> None:
    """A two-column table of names and values."""
    table = new_table(title)
    table.add_column(style="cyan")
    table.add_column(justify="right")
    table.show_header = False
    for name, value in pairs.items():
        table.add_row(escape(name), escape(_text(value)))
    out.print(table)


def print_rows(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table with a header; numbers are right-aligned."""
    table = new_table(title)
    cells = [list(row) for row in rows]
    for place, column in enumerate(columns):
        numeric = bool(cells) and isinstance(cells[0][place], int | float)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(escape(_text(value)) for value in row))
    out.print(table)


def new_table(title: str) -> Table:
    """An empty table in the house's looks."""
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold cyan", border_style="dim")


def _text(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
