"""Read before any test of `ui` imports the consoles, which look at the environment once."""

import os

# Build machines set these to have output coloured that no terminal shows.
for name in ("GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS"):
    os.environ.pop(name, None)
