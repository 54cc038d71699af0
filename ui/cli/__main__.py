"""`python -m ui.cli` is `photoveil`."""

import sys

from ui.cli import main

if __name__ == "__main__":
    sys.exit(main())
