"""``ai_lib_python.transport``, where nothing waits."""

from __future__ import annotations

from ..transport import *  # noqa: F403
from ..transport import __all__ as __all__
