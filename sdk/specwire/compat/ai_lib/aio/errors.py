"""``ai_lib_python.errors``, where nothing waits."""

from __future__ import annotations

from ..errors import *  # noqa: F403
from ..errors import __all__ as __all__
