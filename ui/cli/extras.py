"""What happens when a command needs a group of packages that is not installed.

Started through the `run` script, photoveil has the script install the group and starts the command again; started any
other way, it only says what to install.
"""

import os
import subprocess
import sys

from rich.markup import escape

from ui.cli.output import err

STARTER = "PHOTOVEIL_RUN"
TRIED = "PHOTOVEIL_RUN_TRIED"


def install_and_restart(extra: str, reason: str) -> None:
    """Replaces this process by the same command with `extra` installed; returns only when that is not possible."""
    starter = os.environ.get(STARTER)
    tried = os.environ.get(TRIED, "").split()
    if starter is None or extra in tried:
        return
    err.print(escape(f"{reason.split(':', 1)[0]}: installing it now."), soft_wrap=True, highlight=False)
    if subprocess.run([starter, "setup", extra], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode:
        return
    os.environ[TRIED] = " ".join([*tried, extra])
    os.execv(starter, [starter, *sys.argv[1:]])
