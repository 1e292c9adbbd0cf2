"""``ProviderHealthTracker``: how well providers do, by the calls that are made anyway.

A fault is the server's or the way's (``E3xxx``), as for a circuit breaker: a request
that is refused shows a server that answers, and what a caller gives up says nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..core.clock import Clock
from ..core.errors import APIStatusError
from .forks import afresh
from .health import HealthStatus
from .subject import code_of, provider_of
from .watching import Seen, Watch

if TYPE_CHECKING:
    from ..core.wire import Call, Reply


class _Window:
    """The last outcomes of one provider: when, and whether it was well."""

    def __init__(self, size: int) -> None:
        self.outcomes: deque[tuple[float, bool]] = deque(maxlen=size)
        self.last_error: str | None = None
        self.last_success: float | None = None
        self.last_failure: float | None = None


def is_fault(error: BaseException) -> bool | None:
    """Whether an error is the provider's; ``None`` where it tells nothing of that."""
    if code_of(error).category == "server":
        return True
    return False if isinstance(error, APIStatusError) else None


class ProviderHealthTracker(Watch[Seen]):
    """Keeps the rate of faults of each provider; give it to a client as a hook.

    >>> tracker = ProviderHealthTracker()
    >>> tracker.record_success("openai")
    >>> str(tracker.get_status("openai")), tracker.get_error_rate("openai")
    ('healthy', 0.0)

    :param window_size: so many of the last calls count.
    :param unhealthy_threshold: a rate of faults from 0 to 1.
    :param degraded_threshold: one below that.
    :param max_age: seconds after which a call no longer counts.
    :param counts: says of an exception whether it is a fault, none, or nothing
        (``None``), in place of the usual rule.
    """

    def __init__(
        self,
        window_size: int = 100,
        unhealthy_threshold: float = 0.5,
        degraded_threshold: float = 0.1,
        *,
        max_age: float = 300.0,
        counts: Callable[[BaseException], bool | None] = is_fault,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        if window_size < 1 or not 0 < degraded_threshold <= unhealthy_threshold <= 1:
            raise ValueError(
                "ProviderHealthTracker: expected a window of 1 or more and "
                "0 < degraded_threshold <= unhealthy_threshold <= 1"
            )
        self._size, self._age = window_size, max_age
        self._unhealthy, self._degraded = unhealthy_threshold, degraded_threshold
        self._counts = counts
        self._windows: dict[str, _Window] = {}
        self._lock = threading.RLock()
        afresh(self)

    def settings(self) -> dict[str, Any]:
        return {
            "window_size": self._size,
            "unhealthy_threshold": self._unhealthy,
            "degraded_threshold": self._degraded,
            "max_age": self._age,
            "counts": self._counts,
        }

    # -- what it hears ---------------------------------------------------------------

    def began(self, call: Call) -> Seen:
        return Seen()

    def ended(self, call: Call, seen: Seen, outcome: Reply | BaseException) -> None:
        if not isinstance(outcome, BaseException):
            if call.attempts_made:  # else another hook has answered
                self.record_success(provider_of(call))
            return
        fault = None if isinstance(outcome, GeneratorExit) else self._counts(outcome)
        if fault is None or not call.attempts_made:
            return
        if fault:
            self.record_failure(provider_of(call), code_of(outcome).name)
        else:
            self.record_success(provider_of(call))

    def record_success(self, provider: str) -> None:
        """A call went well."""
        self._record(provider, True)

    def record_failure(self, provider: str, error: str = "") -> None:
        """A call failed by the provider's fault."""
        self._record(provider, False).last_error = error

    def _record(self, provider: str, well: bool) -> _Window:
        now, wall = self._clock.monotonic(), self._clock.time()
        with self._lock:
            window = self._windows.setdefault(provider, _Window(self._size))
            window.outcomes.append((now, well))
            if well:
                window.last_success = wall
            else:
                window.last_failure = wall
            return window

    # -- what it says ----------------------------------------------------------------

    def get_status(self, provider: str) -> HealthStatus:
        """How well it does; ``unknown`` where no call counts."""
        recent = self._recent(provider)
        if not recent:
            return HealthStatus.UNKNOWN
        rate = recent.count(False) / len(recent)
        if rate >= self._unhealthy:
            return HealthStatus.UNHEALTHY
        return HealthStatus.DEGRADED if rate >= self._degraded else HealthStatus.HEALTHY

    def get_error_rate(self, provider: str) -> float:
        """Faults of all calls that count, from 0 to 1."""
        recent = self._recent(provider)
        return recent.count(False) / len(recent) if recent else 0.0

    def get_details(self, provider: str) -> dict[str, Any]:
        """All that is known of it, as plain data; times in seconds since the epoch."""
        window = self._windows.get(provider)
        return {
            "provider": provider,
            "status": str(self.get_status(provider)),
            "error_rate": self.get_error_rate(provider),
            "sample_count": len(self._recent(provider)),
            "last_error": window and window.last_error,
            "last_success_time": window and window.last_success,
            "last_failure_time": window and window.last_failure,
        }

    def get_all_providers(self) -> list[str]:
        """Of which something is known."""
        return sorted(self._windows)

    def reset(self, provider: str | None = None) -> None:
        """Forget one provider, or all."""
        with self._lock:
            if provider is None:
                self._windows.clear()
            else:
                self._windows.pop(provider, None)

    def signals(self) -> Mapping[str, Any]:
        shown = {each: str(self.get_status(each)) for each in self.get_all_providers()}
        return {"provider_health": shown}

    def _recent(self, provider: str) -> list[bool]:
        oldest = self._clock.monotonic() - self._age
        with self._lock:
            window = self._windows.get(provider)
            outcomes = list(window.outcomes) if window is not None else []
        return [well for when, well in outcomes if when >= oldest]

    def _forked(self) -> None:
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{k} {v}" for k, v in self.signals()["provider_health"].items()
        )
        return f"<ProviderHealthTracker: {shown or 'no calls'}>"
