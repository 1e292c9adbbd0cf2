"""What a function of the user's gave, where it may be an ``async def``."""

from __future__ import annotations

from typing import Any


def settled(value: Any) -> Any:
    """``value``, in a client that cannot await.

    :raises TypeError: for an awaitable.
    """
    if hasattr(value, "__await__"):
        if hasattr(value, "close"):
            value.close()
        raise TypeError(
            "an async function was given to a synchronous client; "
            "give it to the async one, or write it without async"
        )
    return value
