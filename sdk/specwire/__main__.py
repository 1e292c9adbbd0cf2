"""``python -m specwire``: the same as the ``specwire`` command."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main())
