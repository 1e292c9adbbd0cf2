"""The generator: OpenAPI documents in, a typed Python package out.

It is a program, not a part of the runtime: nothing here imports ``specwire`` and
nothing there imports this, except the command line that hands over to it.
"""

from __future__ import annotations

__version__ = "0.1.0"
version = __version__
