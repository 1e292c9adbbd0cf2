"""What a function of the user's gave, where it may be an ``async def``."""

from __future__ import annotations

from typing import Any

from .crew import here


def settled(value: Any) -> Any:
    """``value``, awaited by the task that runs this.

    :raises TypeError: for an awaitable, where none does.
    """
    return here().settled(value)
