"""The generator: OpenAPI documents in, a typed Python package out.

It is a program, not a part of the runtime: nothing here imports ``specwire`` and
nothing there imports this, except the command line that hands over to it.
"""

from __future__ import annotations

import re
from pathlib import Path


def _version() -> str:
    """The distribution's, which stands in ``specwire`` alone; read, not imported."""
    here = Path(__file__).resolve()
    installed, checkout = here.parents[1], here.parents[2] / "sdk"
    for place in (installed, checkout):
        file = place / "specwire/__init__.py"
        if file.is_file():
            text = file.read_text("utf-8")
            found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
            if found:
                return found[1]
    raise ImportError(f"specwire_codegen: no specwire in {installed} or {checkout}")


__version__ = version = _version()
