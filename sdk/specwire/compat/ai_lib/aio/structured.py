"""``ai_lib_python.structured``, where nothing waits."""

from __future__ import annotations

from ..structured import *  # noqa: F403
from ..structured import __all__ as __all__
