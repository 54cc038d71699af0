"""How a command ends: one sentence on stderr for whatever went wrong, and the exit code that goes with it."""

from collections.abc import Sequence

import typer
from rich import reconfigure
from rich.markup import escape
from typer.exceptions import TyperException

from indexer.errors import MissingExtraError, PhotoveilError
from ui.cli.extras import install_and_restart
from ui.cli.options import PROGRAM
from ui.cli.output import err

INTERRUPTED = 130
"""What typer returns after Ctrl-C, as shells do (128 + SIGINT)."""


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 done, 1 could not do it, 2 wrong usage, 130 stopped by Ctrl-C."""
    # stdout belongs to the command's result: progress bars that name no console of their own go to stderr.
    reconfigure(stderr=True)
    try:
        result = app(None if arguments is None else list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except MissingExtraError as error:
        if arguments is None:
            install_and_restart(error.extra, str(error))
        return _fail(str(error), error.exit_code)
    except PhotoveilError as error:
        return _fail(str(error), error.exit_code)
    except TyperException as error:
        return _fail(_usage(error), error.exit_code)
    except OSError as error:
        return _fail(f"The system says '{error.strerror or error}': make room or name another place.", 1)
    if result == INTERRUPTED:
        return _fail(
            "Stopped; what was reported as done is kept, and the same command goes on from there.", INTERRUPTED
        )
    return result if isinstance(result, int) else 0


def _usage(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    return f"{error.format_message().rstrip('.')}: see `{command} --help`."


def _fail(sentence: str, code: int) -> int:
    err.print(f"[bold red]photoveil:[/] {escape(' '.join(sentence.split()))}", soft_wrap=True, highlight=False)
    return code
