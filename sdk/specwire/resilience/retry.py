"""``RetryPolicy``: what a client does after a failure, in place of its own rule.

As a hook it gives each call its policy, and the client's loop keeps to it with its time
limit and its budget. By hand, :meth:`RetryPolicy.call` is that loop for any function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.clock import Clock
from ..core.crew import here
from ..core.delays import Delays
from ..core.errors import CancelledError, SpecwireError
from ..core.hooks import Hook
from ..core.retry import Budget, Policy, may_repeat, retry_after_s
from ..core.standard_codes import ALL, QUOTA_EXHAUSTED
from .begun import Begun, is_stream
from .configs import RetryConfig
from .faults import code_of, retryable, status_of
from .shared import Shared

if TYPE_CHECKING:
    from ..core.wire import Call

T = TypeVar("T")
_STANDARD = frozenset(text for code in ALL for text in (code.code, code.name))
OnRetry = Callable[[int, Exception, float], object]
"""Told before each wait: the attempt that failed, from 1, its error, and the wait."""


class RetryResult:
    """How a function under a policy ended.

    :ivar attempts: how often it was called.
    :ivar total_delay_ms: how long was waited between.
    """

    def __init__(
        self,
        value: Any = None,
        error: Exception | None = None,
        attempts: int = 0,
        total_delay_ms: float = 0.0,
    ) -> None:
        self.value = value
        self.error = error
        self.attempts = attempts
        self.total_delay_ms = total_delay_ms

    @property
    def success(self) -> bool:
        """Whether there is a value and no error."""
        return self.error is None

    def unwrap(self) -> Any:
        """The value.

        :raises Exception: the last attempt's error, where none succeeded.
        """
        if self.error is not None:
            raise self.error
        return self.value

    def __repr__(self) -> str:
        return f"RetryResult(success={self.success}, attempts={self.attempts})"


class RetryPolicy(Shared, Hook):
    """Which failures are repeated, how often, and after what wait.

    >>> client = Client(hooks=[RetryPolicy(max_retries=5)])  # doctest: +SKIP
    >>> RetryPolicy(jitter="none").calculate_delay(2)
    4.0

    :param config: all settings at once; else those of :class:`RetryConfig`, by name.
    """

    stage = 30

    def __init__(
        self,
        config: RetryConfig | None = None,
        *,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(clock)
        if config is not None and settings:
            raise TypeError("RetryPolicy: give a config or its settings, not both")
        self.config: RetryConfig = config or RetryConfig(**settings)
        own = self.config
        self.delays = Delays(
            own.initial_delay,
            own.max_delay,
            own.backoff_multiplier,
            growth=own.growth,
            jitter=own.jitter.value,
            max_retry_after_s=own.max_retry_after,
        )
        self.budget = Budget()

    @property
    def max_retries(self) -> int:
        """Attempts after the first one."""
        return self.config.max_retries

    def calculate_delay(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the attempt number ``attempt``, here from 0.

        What the server asked for comes first, up to ``max_retry_after``.
        """
        if retry_after is not None and retry_after > 0:
            return min(retry_after, self.config.max_retry_after)
        return self.delays.delay_s(attempt + 1, self._clock.chance())

    def should_retry(self, error: BaseException, attempt: int = 0) -> bool:
        """Whether what failed in attempt number ``attempt``, from 0, is repeated."""
        if attempt >= self.config.max_retries or isinstance(error, CancelledError):
            return False
        wish = self.get_retry_after(error)
        if wish is not None and wish > self.config.max_retry_after:
            return False
        return self._helps(error)

    def get_retry_after(self, error: BaseException) -> float | None:
        """What the server asked to wait, in seconds, in any form of the header."""
        if isinstance(error, SpecwireError):
            return error.retry_after_s
        wish = getattr(error, "retry_after", None)
        if isinstance(wish, (int, float)):
            return float(wish)
        for holder in (error, getattr(error, "response", None)):
            headers = getattr(holder, "headers", None)
            if isinstance(headers, Mapping):
                lower = {str(k).lower(): str(v) for k, v in headers.items()}
                return retry_after_s(lower, self._clock.time())
        return None

    def _helps(self, error: BaseException) -> bool:
        config, code = self.config, code_of(error)
        standard = config.retry_on_error_code & _STANDARD
        if _own_codes(error) & config.retry_on_error_code:
            return True
        if {code, code.name} & standard:
            return retryable(error)
        status = status_of(error)
        if not status or (config.retry_on_status is None and not standard):
            return retryable(error)
        if standard or code is QUOTA_EXHAUSTED or _said_no(error):
            return False
        return status in (config.retry_on_status or ())

    # -- in a client's loop ----------------------------------------------------------

    def policy(self) -> Policy:
        """What a client's loop is given."""
        return Policy(self.delays, self._again)

    def _again(self, error: SpecwireError, call: Call) -> bool:
        return self.should_retry(error) and may_repeat(error, call)

    def before_attempt(self, call: Call) -> None:
        if call.attempt == 1 and call.max_retries:  # 0 is a call's own wish
            call.max_retries = self.config.max_retries
            call.policy = self.policy()

    # -- around anything -------------------------------------------------------------

    def call(self, function: Callable[[], T], on_retry: OnRetry | None = None) -> T:
        """What ``function`` returns, at last.

        :raises Exception: the last attempt's.
        """
        return self.execute(function, on_retry).unwrap()  # type: ignore[no-any-return]

    def execute(
        self, operation: Callable[[], Any], on_retry: OnRetry | None = None
    ) -> RetryResult:
        """Call ``operation`` until it succeeds or is not to be repeated.

        A stream has succeeded once its first event is here.
        """
        attempt, waited, taken = 0, 0.0, 0.0
        while True:
            try:
                value = here().settled(operation())
                if is_stream(value):
                    value = Begun(value)
            except Exception as error:
                if not self.should_retry(error, attempt):
                    return RetryResult(None, error, attempt + 1, waited * 1000)
                ours = error if isinstance(error, SpecwireError) else None
                cost = self.budget.take(ours)
                if cost is None:
                    return RetryResult(None, error, attempt + 1, waited * 1000)
                taken += cost
                attempt += 1
                wish, chance = self.get_retry_after(error), self._clock.chance()
                delay = self.delays.delay_s(attempt, chance, wish)
                if on_retry is not None:
                    here().settled(on_retry(attempt, error, delay))
            else:
                self.budget.earn(taken or 0.1)
                return RetryResult(value, None, attempt + 1, waited * 1000)
            self._pause(delay)
            waited += delay


def with_retry(
    operation: Callable[[], T],
    config: RetryConfig | None = None,
    on_retry: OnRetry | None = None,
) -> T:
    """What ``operation`` returns, at last, under a policy of its own.

    :param config: how often, and after which pauses.
    :param on_retry: told of each failure before the pause that follows it.
    """
    return RetryPolicy(config).call(operation, on_retry)


def _said_no(error: BaseException) -> bool:
    headers = getattr(error, "headers", None)
    return isinstance(headers, Mapping) and headers.get("x-should-retry") == "false"


def _own_codes(error: BaseException) -> set[str]:
    """What the service calls it: code, type, and the status of some error bodies."""
    found = {getattr(error, "code", None), getattr(error, "type", None)}
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    if isinstance(inner, dict):
        found.add(inner.get("status") if isinstance(inner.get("status"), str) else None)
    return {text for text in found if isinstance(text, str) and text} - _STANDARD
