"""``ai_lib_python.tokens``, where nothing waits."""

from __future__ import annotations

from ..tokens import *  # noqa: F403
from ..tokens import __all__ as __all__
