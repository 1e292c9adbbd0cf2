"""``ModelArray``: several endpoints of one thing, and which of them is asked next.

It chooses among those that are healthy, counts what is under way, and learns from how
calls end; :meth:`ModelArray.call` goes on to another endpoint where one fails for a
reason of its own. It opens no connection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ..core.clock import Clock
from ..core.crew import here
from ..core.errors import CircuitOpenError
from ..resilience.begun import Begun, is_stream
from ..resilience.circuit import Pass
from ..resilience.faults import fallbackable
from ..resilience.shared import Shared
from .condition import HealthCheckConfig
from .endpoint import ModelEndpoint
from .strategies import Strategies, Strategy, checked


class ModelArray(Shared):
    """Endpoints, one of which is asked for each call; threads may share it.

    >>> array = ModelArray("gpt-4o", strategy="weighted")
    >>> _ = array.add_endpoint("primary", "https://one.example.com/v1", weight=2)
    >>> _ = array.add_endpoint("secondary", "https://two.example.com/v1")
    >>> array.mark_unhealthy("primary")
    True
    >>> array.select_endpoint()
    <ModelEndpoint secondary, closed>

    :param strategy: see :class:`Strategy`.
    :param health_check: when an endpoint is taken out, and how it comes back.
    """

    def __init__(
        self,
        name: str = "default",
        strategy: Strategy | str = Strategy.ROUND_ROBIN,
        health_check: HealthCheckConfig | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.name = name
        self.health_check = health_check or HealthCheckConfig()
        self._strategies = Strategies(strategy, self._clock)
        self._endpoints: list[ModelEndpoint] = []

    def _forked(self) -> None:
        super()._forked()
        for endpoint in self._endpoints:
            endpoint.connection_count = 0

    # -- what it holds -----------------------------------------------------------------

    def add_endpoint(
        self, endpoint: ModelEndpoint | str, url: str = "", weight: float = 1.0
    ) -> ModelArray:
        """Add an endpoint, or one of that name and address.

        :raises ValueError: where there is one of that name.
        """
        if isinstance(endpoint, str):
            endpoint = ModelEndpoint(endpoint, url=url, weight=weight)
        endpoint._joins(self.health_check, self._clock)
        with self._lock:
            if self.get_endpoint(endpoint.name) is not None:
                raise ValueError(
                    f"{self.name}: there is an endpoint {endpoint.name!r} already"
                )
            self._endpoints = [*self._endpoints, endpoint]
        return self

    def remove_endpoint(self, name: str) -> ModelEndpoint | None:
        """Take an endpoint out and give it; None where there is none of that name."""
        with self._lock:
            found = self.get_endpoint(name)
            self._endpoints = [each for each in self._endpoints if each is not found]
        return found

    def get_endpoint(self, name: str) -> ModelEndpoint | None:
        """The endpoint of that name, or None."""
        return next((each for each in self._endpoints if each.name == name), None)

    @property
    def endpoints(self) -> list[ModelEndpoint]:
        """All of them, in the order in which they were added."""
        return list(self._endpoints)

    def healthy_endpoints(self) -> list[ModelEndpoint]:
        """Those in use: nobody took them out, and no circuit is open."""
        return [each for each in self._endpoints if each.healthy]

    get_healthy_endpoints = healthy_endpoints

    def is_healthy(self) -> bool:
        """Whether any endpoint is."""
        return bool(self.healthy_endpoints())

    def __len__(self) -> int:
        return len(self._endpoints)

    def snapshot(self) -> list[dict[str, Any]]:
        """The state of each endpoint, as plain data."""
        with self._lock:
            return [each.snapshot() for each in self._endpoints]

    # -- what is said of them ----------------------------------------------------------

    def mark_healthy(self, name: str) -> bool:
        """Take it in, with nothing held against it; whether there is one."""
        return self._tell(name, lambda end, now: end.condition.mark(True, now))

    def mark_unhealthy(self, name: str) -> bool:
        """Take it out until it is marked healthy, or a check finds it so."""
        return self._tell(name, lambda end, now: end.condition.mark(False, now))

    def record_success(self, name: str, latency_s: float | None = None) -> bool:
        """A call that something else has made succeeded there."""
        return self._tell(name, lambda end, _: Visit(self, end).ended(None, latency_s))

    def record_failure(self, name: str, error: BaseException | None = None) -> bool:
        """One failed there: by a fault of the server, unless ``error`` says more."""
        fault = ConnectionError() if error is None else error
        return self._tell(name, lambda end, _: Visit(self, end).ended(fault))

    def record_check(self, name: str, alive: bool) -> bool:
        """A check found it alive, or not."""
        return self._tell(name, lambda end, now: end.condition.check(alive, now))

    def _tell(self, name: str, say: Callable[[ModelEndpoint, float], None]) -> bool:
        with self._lock:
            endpoint = self.get_endpoint(name)
            if endpoint is not None:
                say(endpoint, self._clock.monotonic())
        return endpoint is not None

    # -- choosing ----------------------------------------------------------------------

    @property
    def strategy(self) -> Strategy:
        """How the next one is chosen."""
        return self._strategies.usual

    def with_strategy(self, strategy: Strategy | str) -> ModelArray:
        """Choose in another way from now on."""
        self._strategies.usual = checked(strategy)
        return self

    def select_endpoint(
        self, without: Collection[ModelEndpoint] = ()
    ) -> ModelEndpoint | None:
        """The next endpoint; ``None`` where none may be asked.

        Of those that may, one that rests is chosen only where all do: the one whose
        rest is over first. One that has healed is passed over now and then while its
        share grows.
        """
        with self._lock:
            now = self._clock.monotonic()
            free = self._free(without, now)
            rested = [each for each in free if not each.condition.rest_s(now)]
            if free and not rested:
                return min(free, key=lambda each: each.condition.rest_s(now))
            return self._strategies.select(self._shared(rested, now))

    get_next = select_endpoint

    def _free(
        self, without: Collection[ModelEndpoint], now: float
    ) -> list[ModelEndpoint]:
        here = self._endpoints
        return [e for e in here if e not in without and e.condition.free(now)]

    def _shared(self, among: list[ModelEndpoint], now: float) -> list[ModelEndpoint]:
        shares = [(each, each.condition.share(now)) for each in among]
        kept = [e for e, part in shares if part == 1 or self._clock.chance() < part]
        return kept or among

    def enter(self, without: Collection[ModelEndpoint] = ()) -> Visit:
        """A call begins: at the next endpoint, until :meth:`Visit.ended`.

        :raises CircuitOpenError: where none may be asked.
        """
        with self._lock:
            endpoint = self.select_endpoint(without)
            if endpoint is not None:
                return Visit(self, endpoint)
        raise self._refused()

    def _refused(self) -> CircuitOpenError:
        now = self._clock.monotonic()
        states = ", ".join(
            f"{each.name} is {each.condition.state(now)}" for each in self._endpoints
        )
        rests = [e.condition.rest_s(now) for e in self._endpoints if e.condition.marked]
        return CircuitOpenError(
            f"{self.name}: expected an endpoint that may be asked, got none of "
            f"{len(self._endpoints)}: {states or 'add one'}",
            retry_after_s=min(rests, default=None),
        )

    # -- asking ------------------------------------------------------------------------

    def call(
        self,
        ask: Callable[[ModelEndpoint, bool], Any],
        *,
        more: Callable[[], bool] = lambda: True,
    ) -> Any:
        """What ``ask(endpoint, last)`` returns for the first endpoint that answers.

        Each is asked once at most, and another only after an error after which that
        may do better. Of a stream the first event is waited for, and only that.

        :param ask: told also whether no other endpoint is left.
        :param more: whether there is time for another.
        :raises Exception: one that another endpoint would not mend, or the last one's.
        """
        visit = self.enter()
        tried: list[ModelEndpoint] = []
        while True:
            tried.append(visit.endpoint)
            others = self._free(tried, self._clock.monotonic())
            try:
                return visit.around(ask, not others)
            except Exception as error:
                if not fallbackable(error) or not more():
                    raise
                try:
                    visit = self.enter(tried)
                except CircuitOpenError:
                    raise error from None

    def __repr__(self) -> str:
        return f"<ModelArray {self.name} of {len(self)}, {self.strategy.value}>"


class Visit:
    """One call at an endpoint, from its beginning to :meth:`ended`."""

    __slots__ = ("_array", "_began", "_leave", "_timed", "endpoint")

    def __init__(self, array: ModelArray, endpoint: ModelEndpoint) -> None:
        self._array = array
        self.endpoint = endpoint
        self._began = array._clock.monotonic()
        self._timed = False
        self._leave: Pass | None = endpoint.condition.enter(self._began)
        endpoint.connection_count += 1
        endpoint.requests += 1

    def around(self, ask: Callable[[ModelEndpoint, bool], Any], last: bool) -> Any:
        """What ``ask`` returns; of a stream the end is the visit's."""
        try:
            value = here().settled(ask(self.endpoint, last))
            if is_stream(value):
                value = Begun(value, self.ended)
                self.answered()
                return value
        except BaseException as error:
            self.ended(error)
            raise
        self.ended(None)
        return value

    def answered(self, seconds: float | None = None) -> None:
        """It answers: what it took so far is its latency, unless it is given."""
        now = self._array._clock.monotonic()
        took = now - self._began if seconds is None else seconds
        condition = self.endpoint.condition
        with self._array._lock:
            self._timed = True
            condition.answered(now, took)
            if self._leave is not None and self._leave.probe:
                # It is up; others need not wait for the end of a stream.
                condition.ended(self._leave, None, now)
                self._leave = condition.enter(now)

    def ended(
        self, error: BaseException | None = None, seconds: float | None = None
    ) -> None:
        """How it ended; the first word counts."""
        now, endpoint = self._array._clock.monotonic(), self.endpoint
        with self._array._lock:
            leave, self._leave = self._leave, None
            if leave is None:
                return
            endpoint.connection_count = max(endpoint.connection_count - 1, 0)
            if error is None and not self._timed:
                self.answered(seconds)
            if isinstance(error, Exception) and fallbackable(error):
                endpoint.failures += 1
            endpoint.condition.ended(leave, error, now)
