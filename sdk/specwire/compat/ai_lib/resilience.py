"""``ai_lib_python.resilience``: the same names, sync, with the parts of ours."""

from __future__ import annotations

from ...resilience import *  # noqa: F403
from ...resilience import __all__ as __all__
