"""What the workflow API still allows: runs and requests a minute, and money.

Each is counted in minutes that begin with the first of them, by the sandbox's clock.
"""

from __future__ import annotations

import math

from ..state import State
from ..values import Refused

COST = 0.005
"""What a run costs, in dollars."""
_WINDOW_S = 60.0


def left(state: State, kind: str) -> tuple[int, int, float]:
    """The limit, what is left of it, and the seconds until there is more."""
    limit = state.limits.requests if kind == "requests" else state.limits.runs
    now = state.clock()
    with state.lock:
        began, count = state.windows.get(kind, (now, 0))
    if not began <= now < began + _WINDOW_S:
        began, count = now, 0
    return limit, max(limit - count, 0), began + _WINDOW_S - now


def take_run(state: State, kind: str, *, second: bool) -> None:
    """Count a run of ``kind`` (sync or async).

    :raises Refused: 402 where the money is spent, 429 where there were too many.
    """
    if state.cost + COST > state.limits.cost + 1e-9:
        text = "Usage limit exceeded. Please upgrade your plan to continue."
        raise Refused(402, text, kind="USAGE_LIMIT_EXCEEDED")
    _, remaining, wait_s = left(state, kind)
    if remaining:
        _count(state, kind)
        with state.lock:
            state.used[kind] += 1
            state.cost += COST
        return
    at = state.now(wait_s, milliseconds=True)
    if second:
        text = "Rate limit exceeded. Please try again later."
        details = {"code": "RATE_LIMIT_EXCEEDED"}
        wait = (("retry-after", str(math.ceil(wait_s))),)
        raise Refused(429, text, headers=wait, details=details)
    text = f"Rate limit exceeded. You have 0 requests remaining. Resets at {at}"
    raise Refused(429, text, kind="RATE_LIMIT_EXCEEDED")


def take_request(state: State) -> None:
    """Count a request to the second contract.

    :raises Refused: 429 where there were too many.
    """
    _, remaining, wait_s = left(state, "requests")
    if not remaining:
        raise Refused(
            429,
            "API rate limit exceeded",
            headers=(("retry-after", str(math.ceil(wait_s))),),
            details={"retryAfter": state.now(wait_s, milliseconds=True)},
        )
    _count(state, "requests")


def headers(state: State, kind: str) -> list[tuple[str, str]]:
    """What the second contract says of a limit: numbers, and a time in ISO 8601."""
    limit, remaining, wait_s = left(state, kind)
    return [
        ("x-ratelimit-limit", str(limit)),
        ("x-ratelimit-remaining", str(remaining)),
        ("x-ratelimit-reset", state.now(wait_s, milliseconds=True)),
    ]


def _count(state: State, kind: str) -> None:
    now = state.clock()
    with state.lock:
        began, count = state.windows.get(kind, (now, 0))
        if not began <= now < began + _WINDOW_S:
            began, count = now, 0
        state.windows[kind] = began, count + 1
