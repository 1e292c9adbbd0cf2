"""Strategies: which of several models or endpoints is next.

Most of them rank: the best by one number is taken, and those that are equal take turns;
a strategy is that number. ``random`` and ``weighted`` ask chance, which the clock
brings.
None ever gives one that is not ``healthy``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import Enum
from itertools import accumulate
from typing import Any, ClassVar, TypeVar

from ..core.clock import Clock
from ..resilience.shared import Shared

C = TypeVar("C")


class Strategy(str, Enum):
    """The strategies by name; ``cost``, ``latency``, ``priority``, … are names too."""

    ROUND_ROBIN = "round_robin"
    WEIGHTED = "weighted"
    LEAST_CONNECTIONS = "least_connections"
    PERFORMANCE_BASED = "performance_based"
    LATENCY_BASED = "latency_based"
    COST_BASED = "cost_based"
    QUALITY_BASED = "quality_based"
    HEALTH_BASED = "health_based"
    RANDOM = "random"

    __str__ = str.__str__

    @classmethod
    def _missing_(cls, value: object) -> Strategy | None:
        name = "health" if value == "priority" else str(value).replace("-", "_")
        wanted = {name, f"{name}_based"}
        return next((member for member in cls if member.value in wanted), None)


ModelSelectionStrategy = LoadBalancingStrategy = Strategy


class Selector(Shared):
    """Takes turns; a subclass says what comes before that in :meth:`rank`.

    Threads may share one. What is chosen among has ``key``, and what its strategy asks
    for: ``weight``, ``cost``, ``quality``, ``latency_s``, ``connection_count``.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._turn = 0
        self._turns: dict[str, int] = {}

    def select(self, among: Iterable[C]) -> C | None:
        """The next one of those that are healthy; ``None`` where none is."""
        healthy: list[Any] = [each for each in among if getattr(each, "healthy", True)]
        if not healthy:
            return None
        with self._lock:
            chosen: C = self._pick(healthy)
            self._turn += 1
            self._turns[getattr(chosen, "key", "")] = self._turn
        return chosen

    def _pick(self, among: list[Any]) -> Any:
        return min(among, key=lambda one: (self.rank(one), self._turns.get(one.key, 0)))

    def rank(self, one: Any) -> float:
        """The lowest is chosen."""
        return 0.0


class RoundRobinSelector(Selector):
    """The one that has waited longest."""


class HealthBasedSelector(Selector):
    """The first, as they stand: the others are there for when it fails."""

    def _pick(self, among: list[Any]) -> Any:
        return among[0]


class LeastConnectionsSelector(Selector):
    """The one with the fewest calls under way, for its weight."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._counted: dict[str, int] = {}

    def rank(self, one: Any) -> float:
        under_way = one.connection_count + self._counted.get(one.key, 0)
        return float((under_way + 1) / one.weight) if one.weight else float("inf")

    def increment(self, key: str) -> None:
        """Count a call that begins, of what keeps no count itself: a model."""
        with self._lock:
            self._counted[key] = self._counted.get(key, 0) + 1

    def decrement(self, key: str) -> None:
        """A call to ``key`` has ended."""
        with self._lock:
            self._counted[key] = max(self._counted.get(key, 0) - 1, 0)


class CostBasedSelector(Selector):
    """The cheapest; what has no known price comes last."""

    def rank(self, one: Any) -> float:
        return float(one.cost)


class QualityBasedSelector(Selector):
    """The best, by its tier."""

    def rank(self, one: Any) -> float:
        return -float(one.quality)


class PerformanceBasedSelector(Selector):
    """The one that will have answered first: its latency, times the calls before it."""

    def rank(self, one: Any) -> float:
        return float(one.latency_s * (one.connection_count + 1))


class WeightedSelector(Selector):
    """By chance, each as often as its weight says.

    :param speed_weight: with it, or ``quality_weight``, the best by speed and quality
        tiers together is chosen instead.
    """

    def __init__(
        self,
        speed_weight: float | None = None,
        quality_weight: float | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock=clock)
        given = (speed_weight, quality_weight)
        self._of_tiers = None if given == (None, None) else [w or 0.0 for w in given]

    def rank(self, one: Any) -> float:
        if self._of_tiers is None:
            return 0.0
        speed, quality = self._of_tiers
        return -float(speed / (1 + one.latency_s) + quality * one.quality)

    def _pick(self, among: list[Any]) -> Any:
        sums = list(accumulate(one.weight for one in among))
        if self._of_tiers is not None or not sums[-1]:
            return super()._pick(among)
        point = self._clock.chance() * sums[-1]
        last = max(i for i, one in enumerate(among) if one.weight)
        return among[next((i for i, end in enumerate(sums) if point < end), last)]


class RandomSelector(Selector):
    """Any, by chance."""

    def _pick(self, among: list[Any]) -> Any:
        return among[min(int(self._clock.chance() * len(among)), len(among) - 1)]


class Strategies:
    """Selectors by strategy, made when first used, so that turns go on.

    :param strategy: what is used where none is named.
    """

    makes: ClassVar[dict[Strategy, Callable[..., Selector]]] = {
        Strategy.ROUND_ROBIN: RoundRobinSelector,
        Strategy.WEIGHTED: WeightedSelector,
        Strategy.LEAST_CONNECTIONS: LeastConnectionsSelector,
        Strategy.PERFORMANCE_BASED: PerformanceBasedSelector,
        Strategy.LATENCY_BASED: PerformanceBasedSelector,
        Strategy.COST_BASED: CostBasedSelector,
        Strategy.QUALITY_BASED: QualityBasedSelector,
        Strategy.HEALTH_BASED: HealthBasedSelector,
        Strategy.RANDOM: RandomSelector,
    }

    def __init__(self, strategy: Strategy | str, clock: Clock | None = None) -> None:
        self._clock = clock
        self._made: dict[Strategy, Selector] = {}
        self.usual = checked(strategy)

    def select(
        self, among: Collection[C], strategy: Strategy | str | None = None
    ) -> C | None:
        wanted = self.usual if strategy is None else checked(strategy)
        selector = self._made.get(wanted)
        if selector is None:
            made = self.makes[wanted](clock=self._clock)
            selector = self._made.setdefault(wanted, made)
        return selector.select(among)


def checked(strategy: Strategy | str) -> Strategy:
    """:raises ValueError: for no strategy's name."""
    try:
        return Strategy(strategy)
    except ValueError:
        known = ", ".join(member.value for member in Strategy)
        raise ValueError(
            f"strategy: expected one of {known}, got {strategy!r}"
        ) from None


def create_model_selector(
    strategy: Strategy | str, *, clock: Clock | None = None
) -> Selector:
    """The selector of a strategy; models and endpoints have the same ones.

    :param clock: the time, for tests; the machine's by default.
    """
    return Strategies.makes[checked(strategy)](clock=clock)


create_endpoint_selector = create_model_selector
