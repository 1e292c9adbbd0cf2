"""``HealthChecker``: asks whether providers, and what else a program needs, answer.

A provider is asked as its manifest says (``availability``): free of charge, and without
a key where it can be. Checks run beside each other, and one that hangs is given up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from ..core.clock import Clock
from ..core.crew import here
from .redaction import Redactor

if TYPE_CHECKING:
    from ..chat.client import AiClient

    Check = Callable[[], "HealthCheckResult | HealthStatus | bool | None"]

_LIMIT_S: Final = 30.0


class HealthStatus(str, Enum):
    """How well something is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"

    __str__ = str.__str__


@frozen
class HealthCheckResult:
    """What one check found.

    :ivar latency_ms: how long it took.
    :ivar timestamp: when, in seconds since the epoch.
    """

    name: str
    status: HealthStatus
    message: str = ""
    latency_ms: float = 0.0
    timestamp: float = field(factory=time.time)
    details: Mapping[str, Any] = {}

    @property
    def is_healthy(self) -> bool:
        """It is, if not as well as it should be."""
        return self.status in (HealthStatus.HEALTHY, HealthStatus.DEGRADED)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "status": str(self.status),
            "message": self.message,
            "latency_ms": self.latency_ms,
            "timestamp": self.timestamp,
            "details": dict(self.details),
        }


@frozen
class AggregatedHealth:
    """What all checks found; the worst is the whole's status."""

    status: HealthStatus
    checks: Sequence[HealthCheckResult] = ()
    timestamp: float = field(factory=time.time)

    @property
    def is_healthy(self) -> bool:
        """Everything that was asked does its work, and something was asked."""
        return self.status in (HealthStatus.HEALTHY, HealthStatus.DEGRADED)

    @property
    def details(self) -> dict[str, HealthCheckResult]:
        """The results by name."""
        return {each.name: each for each in self.checks}

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "status": str(self.status),
            "checks": [each.to_dict() for each in self.checks],
            "timestamp": self.timestamp,
        }


class HealthChecker:
    """Runs checks, by name or all of them.

    >>> checker = HealthChecker("openai", "anthropic")  # doctest: +SKIP
    >>> checker.register("database", lambda: True)  # doctest: +SKIP
    >>> checker.check().is_healthy  # doctest: +SKIP

    Without any check, the built-in providers are asked whose keys are in the
    environment.

    :param targets: providers (``openai``), models (``openai/gpt-4o``) or clients.
    :param timeout: seconds that one request may take, in place of the manifest's.
    :param clock: the time, for tests; the machine's by default.
    """

    def __init__(
        self,
        *targets: str | AiClient,
        timeout: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._timeout = timeout
        self._checks: dict[str, Check] = {}
        self._last: dict[str, HealthCheckResult] = {}
        self._masker = Redactor()
        for target in targets:
            self.add_provider(target)

    # -- what is checked -------------------------------------------------------------

    def register(self, name: str, check: Check) -> HealthChecker:
        """Add a check: it returns a result, a status or a bool, or raises.

        ``None`` says that all is well.
        """
        if not callable(check):
            raise TypeError(
                f"register({name!r}): expected a function, got {type(check).__name__}"
            )
        self._checks[name] = check
        return self

    def unregister(self, name: str) -> None:
        """Take a check away; also one that is not there."""
        self._checks.pop(name, None)
        self._last.pop(name, None)

    def add_provider(self, target: str | AiClient) -> HealthChecker:
        """Add a provider, by its id, a model of it or a client."""
        from .availability import asked

        name, check = asked(target, self._timeout)
        return self.register(name, check)

    @property
    def names(self) -> list[str]:
        """Of the checks."""
        return list(self._known())

    def _known(self) -> dict[str, Check]:
        if self._checks:
            return dict(self._checks)
        from .availability import asked, configured

        return dict(asked(id, self._timeout) for id in configured())

    # -- checking --------------------------------------------------------------------

    def check(
        self, name: str | None = None, *, timeout: float = _LIMIT_S
    ) -> HealthCheckResult | AggregatedHealth | Any:
        """One check by its name, or all of them; see :meth:`check_all`.

        :raises KeyError: for a name that is not registered.
        """
        if name is None:
            return self.check_all(timeout)
        known = self._known()
        if name not in known:
            raise KeyError(f"no health check is called {name!r}; known: {list(known)}")
        return self._run(name, known[name])

    def check_all(self, timeout: float = _LIMIT_S) -> AggregatedHealth:
        """All checks, beside each other.

        :param timeout: seconds for all of them; one that takes longer is unhealthy.
        """
        found: dict[str, HealthCheckResult] = {}
        known = self._known()
        crew = here().crew(len(known), "specwire-health")
        try:
            asked = {crew.submit(self._run, n, check): n for n, check in known.items()}
            for done in here().as_done(asked, timeout):
                found[asked[done]] = done.result()
        finally:
            crew.shutdown(wait=False)
        results = [found.get(name) or self._late(name, timeout) for name in known]
        return AggregatedHealth(_worst(results), results, self._clock.time())

    def get_last_result(self, name: str) -> HealthCheckResult | None:
        """What a check found the last time it ran."""
        return self._last.get(name)

    def get_all_last_results(self) -> dict[str, HealthCheckResult]:
        """What all checks found the last time."""
        return dict(self._last)

    def _run(self, name: str, check: Check) -> HealthCheckResult:
        began = self._clock.monotonic()
        try:
            said = here().called(check)
        except Exception as error:
            told = self._masker.mask(f"{type(error).__name__}: {error}")
            said = HealthCheckResult(name, HealthStatus.UNHEALTHY, told)
        took = (self._clock.monotonic() - began) * 1000
        found = evolve(_result(name, said), latency_ms=took)
        self._last[name] = found
        return found

    def _late(self, name: str, timeout: float) -> HealthCheckResult:
        told = f"did not answer within {timeout:g} s"
        return HealthCheckResult(
            name, HealthStatus.UNHEALTHY, told, timeout * 1000, self._clock.time()
        )

    def __repr__(self) -> str:
        return f"<HealthChecker of {', '.join(self._checks) or 'configured providers'}>"


def _result(name: str, said: Any) -> HealthCheckResult:
    if isinstance(said, HealthCheckResult):
        return said
    if isinstance(said, HealthStatus):
        return HealthCheckResult(name, said)
    if said is None or said is True:
        return HealthCheckResult(name, HealthStatus.HEALTHY)
    if said is False:
        return HealthCheckResult(name, HealthStatus.UNHEALTHY, "the check said no")
    told = f"expected a bool, a status or a result, got {type(said).__name__}"
    return HealthCheckResult(name, HealthStatus.UNKNOWN, told)


def _worst(results: Sequence[HealthCheckResult]) -> HealthStatus:
    statuses = {each.status for each in results}
    for status in (
        HealthStatus.UNHEALTHY,
        HealthStatus.DEGRADED,
        HealthStatus.UNKNOWN,
    ):
        if status in statuses:
            return status
    return HealthStatus.HEALTHY if statuses else HealthStatus.UNKNOWN
