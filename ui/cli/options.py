"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

PROGRAM = "photoveil"

LibraryPath = Annotated[Path, typer.Option("--library", "-L", help="The library's folder.", metavar="FOLDER")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Device = Annotated[str | None, typer.Option(help="Where models run.", metavar="cpu|cuda", show_default="what there is")]
Head = Annotated[
    str | None,
    typer.Option(
        help="Projection head: a name or a safetensors file.", metavar="NAME|FILE", show_default="the profile's"
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for what is written.", metavar="FOLDER")]
Seed = Annotated[int, typer.Option(help="Seed of every random draw.")]


def example(command: str) -> str:
    """The line that closes a command's help."""
    return f"[bold]Example:[/]  {PROGRAM} {command}"
