"""Which failures are tried again, and how long is waited first.

Pure decisions on tenacity's loop: the statuses and headers that the services document
(``retry-after-ms``, ``retry-after`` of RFC 9110 section 10.2.3, ``x-should-retry``),
exponential backoff with full jitter, a deadline that no wait may pass, and a budget of
retries that a long outage uses up. tenacity is imported when the first attempt of a
call has failed, not before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .errors import APIConnectionError, APIStatusError, SpecwireError
from .types import Unset

if TYPE_CHECKING:
    import tenacity

    from .wire import Call

T = TypeVar("T")
RETRYABLE_STATUS: Final = frozenset({408, 409, 429})
_YEAR_S: Final = 366 * 86_400.0


def retryable_status(status_code: int, headers: Mapping[str, str]) -> bool:
    """Whether the same request may succeed later; the server's own word comes first."""
    word = headers.get("x-should-retry")
    if word in ("true", "false"):
        return word == "true"
    return status_code in RETRYABLE_STATUS or status_code >= 500


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """How long the server asks to wait, in seconds; ``None`` if it says nothing usable.

    ``now`` is the time of day in seconds since the epoch. Past dates, negative,
    unreadable and not-a-number values are as good as none; a wish without bound reads
    as ``inf``, which no deadline allows.
    """
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    return _until(text, now)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text and "_" not in text else math.nan
    except ValueError:
        return None
    return value if value >= 0 else None


def _until(date: str, now: float) -> float | None:
    from datetime import timezone
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:  # "-0000", or no zone: HTTP knows only GMT
            moment = moment.replace(tzinfo=timezone.utc)
        wait = moment.timestamp() - now
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return wait if wait > 0 else None


class Backoff:
    """How long to wait before the n-th retry: ``initial_s`` times ``factor`` a retry.

    :param low: with ``high``, the range of the factor that chance puts on each wait,
        so that callers which failed together do not come back together. No wait
        exceeds ``max_s``.
    """

    __slots__ = ("factor", "high", "initial_s", "low", "max_s")

    def __init__(
        self,
        initial_s: float = 0.5,
        max_s: float = 8.0,
        factor: float = 2.0,
        low: float = 0.5,
        high: float = 1.0,
    ) -> None:
        self.initial_s = initial_s
        self.max_s = max_s
        self.factor = factor
        self.low = low
        self.high = high

    def delay_s(
        self, retry: int, chance: float, retry_after_s: float | None = None
    ) -> float:
        """The wait before retry number ``retry`` (from 1); ``chance`` is 0 to 1.

        A server's wish is a floor: jitter only raises it, so nobody comes early.
        """
        exponent = min(retry - 1, 64)
        backoff = min(self.initial_s * self.factor**exponent, self.max_s)
        jitter = self.low + (self.high - self.low) * chance
        delay = min(backoff * jitter, self.max_s)
        if retry_after_s is None:
            return delay
        return max(retry_after_s + min(backoff, retry_after_s) * 0.1 * chance, delay)


DEFAULT_BACKOFF: Final = Backoff()


class Policy:
    """What one call does after a failure.

    :param again: overrides which errors are tried again (default: :func:`may_retry`).
    """

    __slots__ = ("again", "backoff")

    def __init__(
        self,
        backoff: Backoff = DEFAULT_BACKOFF,
        again: Callable[[SpecwireError, Call], bool] | None = None,
    ) -> None:
        self.backoff = backoff
        self.again = again or may_retry


def may_retry(error: SpecwireError, call: Call) -> bool:
    """Whether ``call`` may be sent again after ``error``, and it may help."""
    return error.retryable and may_repeat(error, call)


def may_repeat(error: SpecwireError, call: Call) -> bool:
    """Whether sending ``call`` again after ``error`` does no harm.

    An operation marked ``unstarted`` is repeated only where the server cannot have
    begun the work: it was never reached, or it refused for lack of capacity (429,
    529, 503 with Retry-After); or where the caller gave an idempotency key.
    """
    if waits_too_long(error, call):
        return False
    body = call.request.body
    if not getattr(body, "rewindable", True):
        return False
    if call.operation.retry == "always" or call.idempotency_key:
        return True
    if isinstance(error, APIConnectionError):
        return not error.started
    status = error.status_code if isinstance(error, APIStatusError) else 0
    return status in (429, 529) or (status == 503 and error.retry_after_s is not None)


def waits_too_long(error: SpecwireError, call: Call) -> bool:
    """Whether the server asks for a longer wait than the caller allows."""
    wish, most = error.retry_after_s, call.timeout.wait
    return wish is not None and most is not None and wish > most


DEFAULT_POLICY: Final = Policy()


class Budget:
    """How many retries a server in trouble may cost it, all calls of a client together.

    A retry takes a token and gives it back when the call succeeds; other successes
    earn a tenth each. In a long outage the tokens run out and each call is tried
    once, so that what is left of the server is not worn down by retries. A refusal
    for too many requests (429) takes less: that server is well.
    """

    # No lock: a token miscounted does no harm, a lock that a fork copied would.
    __slots__ = ("tokens",)
    most: Final = 100.0

    def __init__(self, tokens: float = 40.0) -> None:
        self.tokens = tokens

    def take(self, error: SpecwireError | None) -> float | None:
        """What a retry after ``error`` costs; ``None`` where it cannot be paid."""
        cost = 0.4 if getattr(error, "status_code", 0) == 429 else 1.0
        if self.tokens < cost:
            return None
        self.tokens -= cost
        return cost

    def earn(self, tokens: float = 0.1) -> None:
        self.tokens = min(self.tokens + tokens, self.most)


def repeated(
    call: Call,
    policy: Policy,
    budget: Budget,
    failures: list[SpecwireError],
    attempt: Callable[[], T],
    sleep: Callable[[float], None],
    *,
    remaining_s: Callable[[], float],
    chance: Callable[[], float],
) -> T:
    """More attempts of ``call`` after its ``failures``, as ``policy`` and time allow.

    The same exception comes out, and no wait passes the deadline. tenacity counts the
    first failure as an attempt too; what is paid from ``budget`` comes back with a
    success.
    """
    taken: list[float] = []

    def take(error: SpecwireError | None) -> bool:
        cost = budget.take(error)
        taken.append(cost or 0.0)
        return cost is not None

    def one() -> T:
        if failures:
            raise failures.pop()
        return attempt()

    loop = _loop(call, policy, take, sleep, remaining_s, chance)
    result = loop(one)
    budget.earn(sum(taken))
    return result


def _loop(
    call: Call,
    policy: Policy,
    take: Callable[[SpecwireError | None], bool],
    sleep: Callable[[float], None],
    remaining_s: Callable[[], float],
    chance: Callable[[], float],
) -> tenacity.Retrying:
    import tenacity

    before = call.attempt - 1  # a stream that fails at once has had its attempts too

    def wait(state: tenacity.RetryCallState) -> float:
        error = _error(state)
        wish = error.retry_after_s if error is not None else None
        return policy.backoff.delay_s(before + state.attempt_number, chance(), wish)

    def stop(state: tenacity.RetryCallState) -> bool:
        if before + state.attempt_number > call.max_retries:
            return True
        if (state.upcoming_sleep or 0.0) >= min(remaining_s(), _YEAR_S):
            return True
        return not take(_error(state))  # last: what is taken is used

    def again(state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        return error is not None and policy.again(error, call)

    return tenacity.Retrying(
        wait=wait, stop=stop, retry=again, sleep=sleep, reraise=True
    )


def _error(state: Any) -> SpecwireError | None:
    outcome = state.outcome
    error = outcome.exception() if outcome is not None and outcome.failed else None
    return error if isinstance(error, SpecwireError) else None


def checked_retries(value: Any) -> int:
    """``value`` as a number of retries, 0 to 1,000."""
    if isinstance(value, Unset):
        raise TypeError("max_retries: expected a number")
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"max_retries: expected int, got {type(value).__name__}; 0 is no retry"
        )
    if not 0 <= value <= 1000:
        raise ValueError(f"max_retries: expected 0 to 1000, got {value}")
    return value
