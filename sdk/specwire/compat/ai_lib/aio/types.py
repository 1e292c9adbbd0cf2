"""``ai_lib_python.types``, where nothing waits."""

from __future__ import annotations

from ..types import *  # noqa: F403
from ..types import __all__ as __all__
