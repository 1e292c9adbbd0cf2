"""A loopback server that behaves like the services: for tests, demos and teaching.

``with Sandbox() as box:`` starts it; see :class:`Sandbox`. Only the standard library
is needed to start; ``jsonschema`` is loaded with the first request that is checked.
"""

from __future__ import annotations

from .app import ReceivedRequest
from .fallback import fallback
from .server import Sandbox, serve

__all__ = ["ReceivedRequest", "Sandbox", "fallback", "serve"]
