"""The command line: `photoveil COMMAND …`, a thin face of the engine.

This module stays light: worker processes import it again when they start.
"""

import os
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command (by default the process's own arguments) and returns its exit code: 0, 1, 2 or 130."""
    # Spinning OpenMP threads of one library starve those of another; must be set before either is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from ui.cli.app import app
    from ui.cli.exits import run

    return run(app, arguments)
