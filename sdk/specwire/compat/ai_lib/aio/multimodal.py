"""``ai_lib_python.multimodal``, where nothing waits."""

from __future__ import annotations

from ..multimodal import *  # noqa: F403
from ..multimodal import __all__ as __all__
