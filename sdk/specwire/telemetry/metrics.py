"""``MetricsCollector``: counts what calls come to, by provider, model and operation.

What a call leaves is put in a queue and added up when somebody reads, or by the
hundred: a call pays for a clock and a queue. No other package is needed: ``snapshot()``
is plain data and ``export_prometheus()`` the text that Prometheus scrapes. With
``specwire[metrics]`` it stands in a registry of prometheus-client beside a program's
own metrics. A process counts for itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..budgets.counts import Meter
from ..budgets.errors import PricesFileError
from ..budgets.prices import Prices
from ..core.errors import CancelledError
from ..core.hooks import logger
from ..core.wire import Reply
from .exposition import Family, families, text
from .forks import afresh
from .series import BUCKETS_S, Series
from .subject import Subject, code_of, key_of, status_of, subject
from .usage import counts_in, tells, usage_part
from .watching import Seen, Watch

if TYPE_CHECKING:
    from ..budgets.counts import Counts
    from ..core.clock import Clock
    from ..core.wire import Call
    from .serving import MetricsServer

    Part: TypeAlias = bytes | Counts | None
    Ending: TypeAlias = tuple[str, str]

OTHER: Final = "other"
_SPARE: Final = 64
_AT_ONCE: Final = 256
_CLOSED: Final = ("", "")
_TOTALS: Final = ("requests", "ok", "closed", "failed", "attempts", "retries")


class _Counted(Seen):
    """A call under way; one that is dropped without an end is not under way."""

    meter: Meter | None = None

    def __init__(self, series: Series) -> None:
        self.series = series
        series.flying.add(id(self))  # one step of the interpreter: no lock is needed

    def __del__(self) -> None:
        self.series.flying.discard(id(self))


class MetricsCollector(Watch[_Counted]):
    """Counts calls; give it to a client as a hook.

    >>> metrics = MetricsCollector()
    >>> client = Client(hooks=[metrics])  # doctest: +SKIP
    >>> metrics.snapshot()["requests"]
    0

    :param prefix: what the names of all metrics begin with.
    :param buckets: bounds of the histograms, in seconds, rising.
    :param prices: see :class:`~specwire.budgets.Prices`; by default the registry's and
        those of the file in ``SPECWIRE_PRICES``.
    :param max_series: of more combinations of provider, model and operation, the model
        is counted as ``other``.
    """

    def __init__(
        self,
        *,
        prefix: str = "specwire",
        buckets: Sequence[float] = BUCKETS_S,
        prices: Prices | Mapping[str, Any] | None = None,
        max_series: int = 500,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        if not prefix.isidentifier():
            raise ValueError(f"MetricsCollector: expected a name, got {prefix!r}")
        self.prefix = prefix
        self._now = self._clock.monotonic
        self._bounds = tuple(sorted(float(bound) for bound in buckets))
        self._prices = prices
        self._most = max_series
        self._series: dict[tuple[str, str, str], Series] = {}
        self._waiting: deque[Any] = deque()
        # A collection may end a stream in the middle of anything, here too.
        self._lock = threading.RLock()
        afresh(self)

    def settings(self) -> dict[str, Any]:
        return {
            "prefix": self.prefix,
            "buckets": self._bounds,
            "prices": self._prices,
            "max_series": self._most,
        }

    # -- counting --------------------------------------------------------------------

    def before_attempt(self, call: Call) -> None:
        scratch = call.scratch
        if self not in scratch:
            key = key_of(call)
            series = self._series.get(key)
            scratch[self] = _Counted(series or self._add(Subject(*key)))

    def began(self, call: Call) -> _Counted:
        return _Counted(self._add(subject(call)))

    def heard(self, call: Call, seen: _Counted, event: Any) -> None:
        if tells(event):
            if seen.meter is None:
                seen.meter = Meter()
            seen.meter.add(event)

    def on_done(self, call: Call, outcome: Reply | BaseException) -> None:
        seen = call.scratch.get(self)
        if seen is None or seen.stream or not isinstance(outcome, Reply):
            super().on_done(call, outcome)
        elif not seen.over:  # as nearly all calls end, in one step
            seen.over = True
            self.leave(call, seen, None, outcome)

    def ended(self, call: Call, seen: _Counted, outcome: Reply | BaseException) -> None:
        reply = None if seen.stream or isinstance(outcome, BaseException) else outcome
        self.leave(call, seen, _ending(outcome), reply)

    def leave(
        self, call: Call, seen: _Counted, ending: Ending | None, reply: Reply | None
    ) -> None:
        """Leave what a call came to in the queue; see :meth:`_count`."""
        series, made = seen.series, call.attempts_made
        part: Part = None
        if made:  # what another hook has answered costs nothing
            if reply is not None:
                part = usage_part(reply.body)
            elif seen.meter is not None:
                part = seen.meter.counts()
        seconds = self._now() - call.started
        self._waiting.append((series, ending, made, seconds, seen.first_s, part))
        series.flying.discard(id(seen))
        if len(self._waiting) >= _AT_ONCE:
            self._count()

    def _count(self) -> None:
        """Add up what calls have left; nobody waits for it but who reads."""
        with self._lock:
            take = self._waiting.popleft
            while self._waiting:
                try:
                    series, ending, made, seconds, first, part = take()
                except IndexError:  # a collection in between has counted it
                    return
                if ending is None:
                    series.ok += 1
                elif ending is _CLOSED:
                    series.closed += 1
                else:
                    series.errors[ending] = series.errors.get(ending, 0) + 1
                series.attempts += made
                if made > 1:
                    series.retries += made - 1
                series.duration.add(seconds)
                if first is not None:
                    series.first.add(first)
                counts = part and counts_in(part)
                if counts:
                    if series.price is ...:
                        series.price = self._price(series.subject)
                    series.charge(counts)

    def _add(self, key: Subject) -> Series:
        with self._lock:
            if key in self._series:
                return self._series[key]
            if len(self._series) >= self._most:
                key = Subject(key.provider, OTHER, key.operation)
            if len(self._series) >= self._most + _SPARE:
                key = Subject(OTHER, OTHER, OTHER)
            found = self._series.get(key)
            if found is None:
                found = self._series[key] = Series(key, self._bounds)
            return found

    def _price(self, key: Subject) -> Any:
        if not key.model or key.model == OTHER:
            return None
        try:
            if not isinstance(self._prices, Prices):
                self._prices = Prices(self._prices)
            return self._prices.of(key.provider, key.model)
        except PricesFileError as error:
            logger.warning("what calls cost is not counted: %s", error)
            return None

    # -- what it says ----------------------------------------------------------------

    @property
    def series(self) -> list[Series]:
        """All that was counted, in the order of their labels."""
        with self._lock:
            self._count()
            return sorted(self._series.values(), key=lambda each: each.subject)

    def snapshot(self) -> dict[str, Any]:
        """All of it as plain data: the sums, and ``series`` with one entry a kind.

        ``cost_usd`` is ``None`` where no price was known.
        """
        with self._lock:
            found = [each.plain() for each in self.series]
        costs = [each["cost_usd"] for each in found if each["cost_usd"] is not None]
        tokens: dict[str, int] = {}
        for each in found:
            for name, count in each["tokens"].items():
                tokens[name] = tokens.get(name, 0) + count
        return {
            **{name: sum(each[name] for each in found) for name in _TOTALS},
            "in_flight": sum(each["in_flight"] for each in found),
            "tokens": tokens,
            "cost_usd": sum(costs) if costs else None,
            "series": found,
        }

    def export_prometheus(self) -> str:
        """The text that Prometheus scrapes (version 0.0.4)."""
        with self._lock:
            return text(families(self.prefix, self.series))

    def families(self) -> list[Family]:
        """The metrics, one family a name."""
        with self._lock:
            return families(self.prefix, self.series)

    def collect(self) -> Iterator[Any]:
        """For a registry of prometheus-client: ``REGISTRY.register(metrics)``.

        :raises ImportError: without the extra ``metrics``.
        """
        from .registry import collected

        return collected(self.families())

    def describe(self) -> Iterator[Any]:
        """The names, for a registry that looks for doubles."""
        from .registry import collected

        return collected(families(self.prefix, ()))

    def serve(self, port: int = 0, addr: str = "127.0.0.1") -> MetricsServer:
        """Serve ``/metrics`` from a thread; close what is returned.

        :param port: 0 takes one that is free; ``server.port`` says which.
        :param addr: this machine's own by default: there is no password.
        """
        from .serving import MetricsServer

        return MetricsServer(self, port, addr)

    def reset(self) -> None:
        """Forget what was counted; calls under way are counted anew."""
        with self._lock:
            self._waiting.clear()
            self._series = {}

    def _forked(self) -> None:
        """In the child of a fork nothing of the parent's is under way."""
        self._lock = threading.RLock()
        self._waiting.clear()
        for each in list(self._series.values()):
            each.flying = set()

    def __repr__(self) -> str:
        return f"<MetricsCollector, {len(self._series)} series>"


def _ending(outcome: Reply | BaseException) -> Ending | None:
    if not isinstance(outcome, BaseException):
        return None
    if isinstance(outcome, (GeneratorExit, CancelledError)):
        return _CLOSED
    return str(code_of(outcome)), status_of(outcome)
