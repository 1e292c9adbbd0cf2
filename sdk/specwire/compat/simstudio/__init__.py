"""The call surface of ``simstudio-sdk`` 0.1.1 to 0.2.1, on specwire.

>>> from specwire.compat.simstudio import SimStudioClient
>>> client = SimStudioClient(api_key="...")  # doctest: +SKIP
>>> client.execute_workflow("workflow-id", {"message": "Hello"})  # doctest: +SKIP

Both spellings of its calls work (``input_data`` and ``input``, arguments by position
and by name) against servers of both contracts. What is the same and what is better is
written down in ``docs/migrating-from-simstudio.md``. The names load when they are
first used (PEP 562).
"""

from __future__ import annotations

import typing as _t

from ...core.lazily import lazily

if _t.TYPE_CHECKING:
    from .client import SimStudioClient as SimStudioClient
    from .errors import SimStudioError as SimStudioError
    from .stream import WorkflowStream as WorkflowStream
    from .values import MAX_EXECUTION_TIMEOUT_SECONDS as MAX_EXECUTION_TIMEOUT_SECONDS
    from .values import AsyncExecutionResult as AsyncExecutionResult
    from .values import RateLimitInfo as RateLimitInfo
    from .values import RateLimitStatus as RateLimitStatus
    from .values import UsageLimits as UsageLimits
    from .values import WorkflowExecutionResult as WorkflowExecutionResult
    from .values import WorkflowStatus as WorkflowStatus

    Client = SimStudioClient

__version__ = "0.2.1"
"""Of the call surface, for programs that ask what they may call."""

_HERE = ".compat.simstudio"
_BY_HOME = {
    f"{_HERE}.client": "SimStudioClient",
    f"{_HERE}.errors": "SimStudioError",
    f"{_HERE}.values": """
        AsyncExecutionResult MAX_EXECUTION_TIMEOUT_SECONDS RateLimitInfo RateLimitStatus
        UsageLimits WorkflowExecutionResult WorkflowStatus
    """,
    f"{_HERE}.stream": "WorkflowStream",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}
_HOMES["Client"] = f"{_HERE}.client:SimStudioClient"

__all__ = ["__version__", *_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
