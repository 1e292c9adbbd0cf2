"""On which failures a run is sent again, beyond those after which it cannot have begun.

A run may be billed, so the choice is the caller's, by the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ..core.errors import CancelledError, SpecwireError
from ..core.retry import Backoff, Policy, may_retry, waits_too_long

if TYPE_CHECKING:
    from ..core.wire import Call

Choice: TypeAlias = "int | str | type[BaseException]"
RetryOn: TypeAlias = "Choice | Iterable[Choice] | Callable[[SpecwireError], object]"
"""Statuses, codes of the server, classes of errors; or a function that says it."""


def policy(backoff: Backoff, retry_on: RetryOn | None) -> Policy:
    """What is done after a failure.

    :raises TypeError: for what cannot be told of an error.
    """
    if retry_on is None:
        return Policy(backoff)
    chosen = _chosen(retry_on)

    def again(error: SpecwireError, call: Call) -> bool:
        if may_retry(error, call):
            return True
        given_up = isinstance(error, CancelledError) or waits_too_long(error, call)
        return not given_up and bool(chosen(error))

    return Policy(backoff, again)


def _chosen(retry_on: Any) -> Callable[[SpecwireError], object]:
    if isinstance(retry_on, (int, str, type)):
        retry_on = (retry_on,)
    elif callable(retry_on):
        return retry_on  # type: ignore[no-any-return]
    statuses, codes, classes = set(), set(), []
    for item in retry_on:
        if isinstance(item, type) and issubclass(item, BaseException):
            classes.append(item)
        elif isinstance(item, str):
            codes.add(item)
        elif isinstance(item, int) and not isinstance(item, bool):
            statuses.add(item)
        else:
            raise TypeError(
                "retry_on: expected statuses (503), codes ('TIMEOUT'), classes of "
                f"errors or a function, got {item!r}"
            )
    kinds = tuple(classes)
    return lambda error: (
        isinstance(error, kinds)
        or getattr(error, "status_code", None) in statuses
        or getattr(error, "code", None) in codes
    )
