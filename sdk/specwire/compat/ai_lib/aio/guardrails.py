"""``ai_lib_python.guardrails``, where nothing waits."""

from __future__ import annotations

from ..guardrails import *  # noqa: F403
from ..guardrails import __all__ as __all__
