"""Asking again until something is done, with growing pauses and a limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..core.crew import here
from ..core.errors import (
    APIConnectionError,
    APITimeoutError,
    DecodeError,
    InternalServerError,
    RateLimitError,
    SpecwireError,
)

if TYPE_CHECKING:
    from ..core.client import BaseClient

T = TypeVar("T")
_PASSING = (APIConnectionError, InternalServerError, RateLimitError)
_MOST_ODD = 3
_LEAST_S = 0.001


def wait_for(
    client: BaseClient,
    name: str,
    poll: Callable[[float | None], T],
    done: Callable[[T], bool],
    *,
    timeout: float | None,
    on_progress: Callable[[T], object] | None,
    first_delay_s: float,
    max_delay_s: float,
) -> T:
    """What ``poll`` gives once ``done`` says so.

    ``poll`` takes the seconds it may still use. A failure that may pass (connection,
    429, 5xx) is waited out like "not yet"; the last one is raised at the limit. So is a
    reply of another shape (a proxy's page), but not more than three in a row.

    :raises APITimeoutError: when ``timeout`` seconds were not enough.
    """
    engine = client._engine
    clock = engine.clock
    end = None if timeout is None else clock.monotonic() + timeout
    delay = first_delay_s
    odd = 0
    while True:
        # A look that is due at the limit is a short one, and says what there is.
        left = None if end is None else max(end - clock.monotonic(), _LEAST_S)
        failure: SpecwireError | None = None
        try:
            state = poll(left)
        except _PASSING as error:
            failure = error
        except DecodeError as error:
            failure, odd = error, odd + 1
            if odd > _MOST_ODD:
                raise
        else:
            odd = 0
            if on_progress is not None:
                here().settled(on_progress(state))
            if done(state):
                return state
        wish = failure.retry_after_s if failure is not None else None
        pause = max(delay, wish or 0.0)
        if end is not None and clock.monotonic() + pause >= end:
            if failure is not None:
                raise failure
            raise APITimeoutError(
                f"{name}: not done after {timeout:g} s; it goes on at the server, "
                "ask again later",
                retryable=True,
                attempts=1,
            )
        if clock.sleep(pause, engine.closed):
            engine.check_open(name)
        delay = min(delay * 1.5, max_delay_s)
