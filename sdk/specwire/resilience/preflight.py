"""``PreflightChecker``: may a request go out at all? Asked before anything waits.

As a hook it stands in front: a call that the circuit refuses does not queue for a place
first. By hand, :meth:`PreflightChecker.check` takes what a request needs, without
waiting unless it is told to, and the result gives it back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..core.clock import Clock
from ..core.errors import BackpressureError, SpecwireError
from ..core.hooks import Hook
from ..core.signals import SignalsSnapshot
from .backpressure import Backpressure, Permit
from .circuit import Pass
from .circuit_breaker import CircuitBreaker
from .rate_limiter import RateLimiter
from .shared import Shared

if TYPE_CHECKING:
    from ..core.wire import Call


class PreflightError(SpecwireError):
    """A check was not passed.

    :ivar component: ``circuit_breaker``, ``rate_limiter`` or ``backpressure``.
    """

    retryable = True
    component: str = ""

    @property
    def retry_after_ms(self) -> int | None:
        """When to ask again, in milliseconds."""
        wait = self.retry_after_s
        return None if wait is None else -int(-wait * 1000 // 1)


class PreflightConfig:
    """What is checked.

    :param check_rate_limiter: whether the rate is.
    :param check_circuit_breaker: whether the circuit is.
    :param check_backpressure: whether there is a place.
    :param fail_fast: stop at the first check that is not passed.
    :param timeout_ms: how long a place and the rate are waited for; 0 is not at all.
    """

    def __init__(
        self,
        check_rate_limiter: bool = True,
        check_circuit_breaker: bool = True,
        check_backpressure: bool = True,
        fail_fast: bool = True,
        timeout_ms: float = 0.0,
    ) -> None:
        self.check_rate_limiter = check_rate_limiter
        self.check_circuit_breaker = check_circuit_breaker
        self.check_backpressure = check_backpressure
        self.fail_fast = fail_fast
        self.timeout_ms = timeout_ms


class PreflightResult:
    """What came of a check.

    :ivar passed: the request may go out; its place, and its leave where the circuit is
        half-open, are held until :meth:`release_permit`.
    :ivar errors: the checks that were not passed.
    """

    def __init__(self) -> None:
        self.permit: Permit | None = None
        self.leave: Pass | None = None
        self.signals: SignalsSnapshot | None = None
        self.errors: list[PreflightError] = []

    @property
    def passed(self) -> bool:
        """Whether nothing refuses."""
        return not self.errors

    def release_permit(self) -> None:
        """Give back what was taken; twice does no harm."""
        permit, self.permit = self.permit, None
        if permit is not None:
            permit.release()
        leave, self.leave = self.leave, None
        if leave is not None:
            leave.give_back()


class PreflightChecker(Shared, Hook):
    """Checks circuit, places and rate before a request.

    >>> checker = PreflightChecker(rate_limiter=RateLimiter(requests_per_second=1))
    >>> checker.check().passed, checker.check().passed
    (True, False)

    :param config: which of them, and how long each may take.
    :raises CircuitOpenError: as a hook, where the circuit is open.
    :raises BackpressureError: as a hook, where all places are taken and none is waited
        for.
    """

    stage = 30

    def __init__(
        self,
        rate_limiter: RateLimiter | None = None,
        circuit_breaker: CircuitBreaker | None = None,
        backpressure: Backpressure | None = None,
        config: PreflightConfig | None = None,
        provider: str | None = None,
        model: str | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        config = config or PreflightConfig()
        self.config: PreflightConfig = config
        self._limiter = rate_limiter if config.check_rate_limiter else None
        self._breaker = circuit_breaker if config.check_circuit_breaker else None
        self._places = backpressure if config.check_backpressure else None
        self._about = {"provider": provider, "model": model}
        self._last = threading.local()

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> None:
        refused: SpecwireError | None = None
        if self._breaker is not None:
            refused = self._breaker.refusal(call.service)
        if refused is None and self._places is not None:
            refused = self._places.refusal()
        if refused is not None:
            raise refused

    # -- by hand ---------------------------------------------------------------------

    def check(self) -> PreflightResult:
        """Whether a request may go out now, with what it needs taken for it."""
        result = PreflightResult()
        for step in (self._circuit, self._place, self._rate):
            error = step(result)
            if error is not None:
                result.errors.append(error)
                if self.config.fail_fast:
                    break
        if not result.passed:
            result.release_permit()
        self._last.leave = result.leave
        result.signals = self.get_signals()
        return result

    def _circuit(self, result: PreflightResult) -> PreflightError | None:
        if self._breaker is None:
            return None
        try:
            result.leave = self._breaker.enter()
        except SpecwireError as error:
            return _error("circuit_breaker", error.message, error.retry_after_s)
        return None

    def _place(self, result: PreflightResult) -> PreflightError | None:
        if self._places is None:
            return None
        try:
            result.permit = self._places.permit(self.config.timeout_ms / 1000)
        except BackpressureError as error:
            return _error("backpressure", error.message, None)
        return None

    def _rate(self, result: PreflightResult) -> PreflightError | None:
        if self._limiter is None or not result.passed:
            return None  # one that does not go out takes nothing of the rate
        wait = self._limiter.get_wait_time()
        if wait and wait <= self.config.timeout_ms / 1000:
            self._limiter.acquire()
        elif not self._limiter.try_acquire():
            return _error("rate_limiter", "the rate is used up", wait)
        return None

    def on_success(self) -> None:
        """The request that this thread was let send has been answered."""
        self._report(None)

    def on_failure(self, error: BaseException | None = None) -> None:
        """It has failed; without an ``error`` it counts as the server's fault."""
        self._report(error or ConnectionError("reported as failed"))

    def _report(self, error: BaseException | None) -> None:
        leave = getattr(self._last, "leave", None)
        self._last.leave = None
        if self._breaker is not None and leave is not None:
            self._breaker.ended(leave, error)

    def update_rate_limits(self, headers: Mapping[str, str]) -> None:
        """Tell the limiter what a reply's headers say."""
        if self._limiter is not None:
            self._limiter.update_from_headers(headers)

    def get_signals(self) -> SignalsSnapshot:
        """How the parts stand, without asking for anything."""
        parts = (self._breaker, self._limiter, self._places)
        hooks = [part for part in parts if part is not None]
        return SignalsSnapshot.of(hooks, self._about, self._clock.time())


class PreflightContext:
    """``with PreflightContext(checker) as flight: if flight.passed: ...``"""

    def __init__(self, checker: PreflightChecker) -> None:
        self._checker = checker
        self._result = PreflightResult()
        self._told = False

    def __enter__(self) -> PreflightContext:
        self._result = self._checker.check()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self.passed and not self._told:
            self._checker.on_failure(error)
        self._result.release_permit()

    @property
    def passed(self) -> bool:
        """Whether nothing refuses."""
        return self._result.passed

    @property
    def signals(self) -> SignalsSnapshot | None:
        """How the parts stood."""
        return self._result.signals

    @property
    def errors(self) -> list[PreflightError]:
        """What refuses, and why."""
        return self._result.errors

    def on_success(self) -> None:
        """Tell the circuit that the call went well."""
        self._told = True
        self._checker.on_success()

    def on_failure(self) -> None:
        """Tell the circuit that the call failed."""
        self._told = True
        self._checker.on_failure()


def _error(component: str, why: str, wait: float | None) -> PreflightError:
    code = "E3002" if component == "circuit_breaker" else "E2001"
    facts: dict[str, Any] = {"component": component, "standard_code": code}
    return PreflightError(f"preflight: {component}: {why}", retry_after_s=wait, **facts)
