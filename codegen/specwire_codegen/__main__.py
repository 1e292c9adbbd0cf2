"""``python -m specwire_codegen``."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from .cli import main

        sys.exit(main())
    except KeyboardInterrupt:
        # Before the command was there to answer for itself.
        sys.exit(130)
