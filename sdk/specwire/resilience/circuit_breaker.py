"""``CircuitBreaker``: after some faults in a row nobody asks for a while.

Only faults of the server and of the way to it count (``E3xxx``), each attempt for
itself; a request that the server refuses shows that it is well. A service has a circuit
of its own, so that one in trouble does not close the way to the others. (pybreaker
would count what the caller does wrong unless each class is listed, and lets all threads
through at once when the rest is over.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.clock import Clock
from ..core.crew import here
from ..core.errors import APIStatusError, APITimeoutError, CircuitOpenError
from ..core.hooks import Hook
from .begun import Begun, is_stream
from .circuit import Circuit, CircuitState, Pass
from .configs import CircuitBreakerConfig
from .faults import code_of, is_fault, status_of
from .shared import Shared

if TYPE_CHECKING:
    from ..core.wire import Call, Reply

T = TypeVar("T")
_PROBE_ENDS_S: Final = 1.0
_WORST: Final = (CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED)


class CircuitStats:
    """How often a breaker was asked, and what came of it."""

    def __init__(self) -> None:
        self.total_requests = 0
        self.successful_requests = 0
        self.failed_requests = 0
        self.rejected_requests = 0
        self.state_changes = 0
        self.last_failure_time: float | None = None
        self.last_success_time: float | None = None


class CircuitBreaker(Shared, Hook):
    """Refuses calls while a service is down; one at a time finds out whether it is up.

    >>> client = Client(hooks=[CircuitBreaker(failure_threshold=5)])  # doctest: +SKIP
    >>> breaker = CircuitBreaker()
    >>> breaker.call(len, "abc"), str(breaker.state)
    (3, 'closed')

    :param config: all settings at once; its ``success_threshold`` is 2 unless given.
    :param failure_threshold: so many faults in a row open a circuit; 5.
    :param cooldown_seconds: after so many seconds it is probed; 30.
    :param success_threshold: so many probes in a row close it; 1.
    :param half_open_max_concurrent: so many probes may be under way at a time; 1.
    :param counts: says of an exception whether it counts, in place of the usual rule.
    :raises CircuitOpenError: from the calls it refuses; ``retry_after_s`` says when the
        circuit will be half-open.
    """

    stage = 30

    def __init__(
        self,
        config: CircuitBreakerConfig | None = None,
        *,
        failure_threshold: int = 5,
        cooldown_seconds: float = 30.0,
        success_threshold: int = 1,
        half_open_max_concurrent: int = 1,
        counts: Callable[[BaseException], bool] = is_fault,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.config: CircuitBreakerConfig = config or CircuitBreakerConfig(
            failure_threshold,
            success_threshold,
            cooldown_seconds,
            half_open_max_concurrent=half_open_max_concurrent,
        )
        self._counts = counts
        self._circuits: dict[str, Circuit] = {}
        self._stats = CircuitStats()
        self._last = ""

    # -- what it says ----------------------------------------------------------------

    @property
    def state(self) -> CircuitState:
        """``closed``, ``open`` or ``half_open``: of all services, the worst."""
        states = {self.state_of(service) for service in list(self._circuits)}
        return next((s for s in _WORST if s in states), CircuitState.CLOSED)

    def state_of(self, service: str) -> CircuitState:
        """The state of one service's circuit."""
        circuit = self._circuits.get(service)
        now = self._clock.monotonic()
        return CircuitState.CLOSED if circuit is None else circuit.state(now)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused."""
        return self.state is CircuitState.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether calls pass."""
        return self.state is CircuitState.CLOSED

    @property
    def is_half_open(self) -> bool:
        """Whether one call at a time may try."""
        return self.state is CircuitState.HALF_OPEN

    def get_time_until_retry(self) -> float | None:
        """Seconds until every circuit is half-open; ``None`` where none is open."""
        now = self._clock.monotonic()
        return (
            max((c.rest_s(now) for c in list(self._circuits.values())), default=0)
            or None
        )

    def get_stats(self) -> CircuitStats:
        """How many were asked for, failed and refused so far."""
        self._stats.state_changes = sum(c.changes for c in self._circuits.values())
        return self._stats

    def signals(self) -> Mapping[str, Any]:
        failures = max((c.failures for c in list(self._circuits.values())), default=0)
        state = self.state
        return {
            "circuit_state": state.value,
            "circuit_breaker": {
                "state": state.value,
                "failures": failures,
                "threshold": self.config.failure_threshold,
                "retry_after_s": self.get_time_until_retry(),
            },
        }

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self.state.value}>"

    def reset(self) -> None:
        """Close all circuits."""
        with self._lock:
            for circuit in self._circuits.values():
                circuit.reset()

    # -- around anything -------------------------------------------------------------

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """What ``function`` returns, if the circuit lets it be called.

        Of a stream the first event is waited for, and its end decides.

        :raises CircuitOpenError: where it does not.
        """
        leave = self.enter()
        try:
            value: T = here().settled(function(*args, **kwargs))
            if is_stream(value):
                begun: Any = Begun(value, lambda error: self.ended(leave, error))
                return begun  # type: ignore[no-any-return]
        except BaseException as error:
            self.ended(leave, error)
            raise
        self.ended(leave)
        return value

    def execute(
        self, operation: Callable[[], T], fallback: Callable[[], T] | None = None
    ) -> T:
        """As :meth:`call`; ``fallback`` is called in place of a refused one."""
        try:
            leave = self.enter()
            leave.give_back()
        except CircuitOpenError:
            if fallback is None:
                raise
            return here().settled(fallback())  # type: ignore[no-any-return]
        return self.call(operation)

    def enter(self, service: str = "") -> Pass:
        """Leave for one attempt, which ends by :meth:`ended`.

        :raises CircuitOpenError: where the circuit of ``service`` does not let it go.
        """
        with self._lock:
            circuit = self._circuit(service)
            leave = circuit.enter(self._clock.monotonic())
            self._stats.total_requests += 1
            if leave is not None:
                return leave
            self._stats.rejected_requests += 1
        raise self._refused(circuit, service)

    def ended(
        self, leave: Pass, error: BaseException | None = None, service: str = ""
    ) -> None:
        """Say how it ended; what tells nothing of the server only gives leave back."""
        with self._lock:
            circuit = self._circuit(service)
            if error is None or (not self._counts(error) and _answered(error)):
                self._stats.successful_requests += 1
                self._stats.last_success_time = self._clock.time()
                circuit.succeeded(leave)
            elif self._counts(error):
                self._stats.failed_requests += 1
                self._stats.last_failure_time = self._clock.time()
                self._last = f"{type(error).__name__} ({code_of(error)})"
                circuit.failed(leave, self._clock.monotonic())
            else:
                leave.give_back()

    def refusal(self, service: str = "") -> CircuitOpenError | None:
        """The error that a call would get now, without leave being taken."""
        with self._lock:
            circuit = self._circuit(service)
            if circuit.free(self._clock.monotonic()):
                return None
        return self._refused(circuit, service)

    def _circuit(self, service: str) -> Circuit:
        if service not in self._circuits:
            self._circuits[service] = Circuit(self.config)
        return self._circuits[service]

    def _refused(self, circuit: Circuit, service: str) -> CircuitOpenError:
        rest = circuit.rest_s(self._clock.monotonic())
        where = f"{service}: " if service else ""
        if not rest:
            told = "is half-open, and another call is finding out whether it is up"
        else:
            told = f"is open for another {rest:.3g} s"
        last = f"; the last fault was {self._last}" if self._last else ""
        return CircuitOpenError(
            f"{where}the circuit {told}{last}", retry_after_s=rest or _PROBE_ENDS_S
        )

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> None:
        held = call.scratch.pop(self, None)
        if held is not None:  # a stream is begun again: its outcome is not known
            held.leave.give_back()
        # With the call goes its leave, whatever becomes of its caller.
        call.scratch[self] = _Attempt(self.enter(call.service), call.attempts_made)

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        held = call.scratch.get(self)
        if held is None or call.open:  # of an open body the end decides
            return
        if not isinstance(outcome, BaseException):
            self._over(call, None)
        elif _never_sent(outcome) and call.attempts_made == held.made:
            self._over(call, GeneratorExit())
        else:
            self._over(call, outcome)

    def on_event(self, call: Call, event: Any) -> None:
        held = call.scratch.get(self)
        if held is not None and held.leave.probe:
            self._over(
                call, None
            )  # it is up; others need not wait for the stream's end

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        if self in call.scratch:
            self._over(call, outcome)
        elif outcome is not None and self._counts(outcome):
            with self._lock:  # after a probe that had begun well
                leave = self._circuit(call.service).enter(self._clock.monotonic())
            if leave is not None:
                self.ended(leave, outcome, call.service)

    def _over(self, call: Call, outcome: BaseException | None) -> None:
        self.ended(call.scratch.pop(self).leave, outcome, call.service)


class _Attempt:
    """What is remembered of a call between its hooks."""

    __slots__ = ("leave", "made")

    def __init__(self, leave: Pass, made: int) -> None:
        self.leave = leave
        self.made = made


def _answered(error: BaseException) -> bool:
    """The server answered, if not as the caller would like; 429 says neither."""
    refused = isinstance(error, APIStatusError) or bool(status_of(error))
    return refused and code_of(error).category != "rate"


def _never_sent(error: BaseException) -> bool:
    """The call's own time limit ran out, maybe before anything was sent."""
    return isinstance(error, APITimeoutError) and not error.retryable
