"""Strategies, for any endpoints and any order of events."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.errors import CircuitOpenError
from specwire.routing import (
    HealthCheckConfig,
    ModelArray,
    ModelEndpoint,
    ModelInfo,
    PricingInfo,
    Strategy,
    WeightedSelector,
    create_model_selector,
)
from specwire.testing import FakeClock
from tests.resilience.answering import cut, failed

WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=6)
STRATEGIES = st.sampled_from(list(Strategy))
MARKS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20)


class Chancy(FakeClock):
    """Chance takes the given values in turn."""

    def __init__(self, chances: Any) -> None:
        super().__init__()
        self._chances = iter(chances)

    def chance(self) -> float:
        return float(next(self._chances))


@settings(max_examples=60, deadline=None)
@given(WEIGHTS.filter(any), st.integers(1, 40))
def test_each_gets_its_weight(weights: list[int], steps: int) -> None:
    """Of chances spread evenly each gets its part, to one; of weight 0 none."""
    picks = steps * 10
    clock = Chancy((step + 0.5) / picks for step in range(picks))
    selector = create_model_selector("weighted", clock=clock)
    models = [ModelInfo(str(i), weight=w) for i, w in enumerate(weights)]
    counts = Counter(getattr(selector.select(models), "name", "") for _ in range(picks))
    for i, weight in enumerate(weights):
        share = picks * weight / sum(weights)
        assert abs(counts[str(i)] - share) <= 1
        assert weight or not counts[str(i)]


@settings(max_examples=60, deadline=None)
@given(STRATEGIES, MARKS, st.floats(0, 1))
def test_none_that_is_out_is_chosen(
    strategy: Strategy, marks: list[tuple[int, bool]], chance: float
) -> None:
    """Whatever was marked in whatever order: healthy while there is one, or none."""
    array = ModelArray(strategy=strategy, clock=FakeClock(chance=chance))
    for i in range(5):
        array.add_endpoint(ModelEndpoint(str(i), weight=i))
    for i, healthy in marks:
        (array.mark_healthy if healthy else array.mark_unhealthy)(str(i))
        chosen = array.select_endpoint()
        assert (chosen is None) == (not array.is_healthy())
        assert chosen is None or chosen.healthy


OUTCOMES = st.sampled_from([None, cut(), failed(400), failed(401), failed(429)])
EVENTS = st.lists(st.tuples(OUTCOMES, st.floats(0, 40)), max_size=40)


@settings(max_examples=100, deadline=None)
@given(STRATEGIES, st.integers(1, 4), EVENTS, st.floats(0, 1))
def test_whatever_happens_the_best_that_is_free_is_asked(
    strategy: Strategy, size: int, events: list[Any], chance: float
) -> None:
    """Calls that end in any way, at any time: asked is one that is free, and one that
    rests only where all do; nothing stays under way."""
    clock = FakeClock(chance=chance)
    health = HealthCheckConfig(max_failures=2, cooldown_seconds=30)
    array = ModelArray(strategy=strategy, health_check=health, clock=clock)
    for i in range(size):
        array.add_endpoint(str(i), "")
    for outcome, seconds in events:
        clock.now += seconds
        free = [e for e in array.endpoints if e.condition.free(clock.now)]
        rested = [e for e in free if not e.condition.rest_s(clock.now)]
        if not free:
            with pytest.raises(CircuitOpenError):
                array.enter()
            continue
        visit = array.enter()
        assert visit.endpoint in (rested or free)
        visit.ended(outcome)
    assert {each.connection_count for each in array.endpoints} == {0}


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 30))
def test_turns_are_even(size: int, rounds: int) -> None:
    """After whole rounds each endpoint had as many turns as any other."""
    array = ModelArray()
    for i in range(size):
        array.add_endpoint(str(i), "")
    names = [getattr(array.get_next(), "name", "") for _ in range(size * rounds)]
    assert set(Counter(names).values()) == {rounds}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_the_fewest_connections(counts: list[int]) -> None:
    """No endpoint of the same weight has fewer calls under way than the chosen one."""
    array = ModelArray(strategy="least_connections")
    for i, count in enumerate(counts):
        array.add_endpoint(ModelEndpoint(str(i), connection_count=count))
    chosen = array.select_endpoint()
    assert chosen is not None
    assert chosen.connection_count == min(counts)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=6))
def test_the_cheapest(prices: list[float | None]) -> None:
    """The chosen one has the least price; none is known comes last."""
    models = [
        ModelInfo(str(i), pricing=None if p is None else PricingInfo(p, p))
        for i, p in enumerate(prices)
    ]
    chosen = create_model_selector("cost_based").select(models)
    assert chosen is not None
    assert chosen.cost == min(model.cost for model in models)


def test_those_that_are_equal_take_turns() -> None:
    """Three of one price are chosen one after the other."""
    models = [ModelInfo(name, pricing=PricingInfo(1, 1)) for name in "abc"]
    selector = create_model_selector("cost")
    names = [getattr(selector.select(models), "name", "") for _ in range(6)]
    assert names == list("abcabc")


def test_priority_is_the_first_that_is_healthy() -> None:
    """The others are there for when it is out."""
    array = ModelArray(strategy="priority")
    for name in "ab":
        array.add_endpoint(name, "")
    first = [getattr(array.select_endpoint(), "name", "") for _ in range(3)]
    array.mark_unhealthy("a")
    then = getattr(array.select_endpoint(), "name", "")
    assert (first, then) == (["a", "a", "a"], "b")


def test_the_fastest_is_measured_and_what_was_slow_is_tried_again() -> None:
    """A latency of 2 s loses to one of 1 s, until most of it is forgotten."""
    clock = FakeClock()
    array = ModelArray(strategy="latency", clock=clock)
    for name in "ab":
        array.add_endpoint(name, "")
    array.record_success("a", latency_s=2.0)
    array.record_success("b", latency_s=1.0)
    before = getattr(array.select_endpoint(), "name", "")
    clock.now += 60
    array.record_success("b", latency_s=1.0)
    assert (before, getattr(array.select_endpoint(), "name", "")) == ("b", "a")


def test_speed_and_quality_can_be_weighed() -> None:
    """The spelling of ai-lib-python's README: the best of both tiers."""
    models = [ModelInfo("slow"), ModelInfo("good")]
    models[0].performance.with_speed("slow")  # type: ignore[arg-type]
    selector = WeightedSelector(speed_weight=0.3, quality_weight=0.7)
    assert selector.select(models) is models[1]


def test_a_selector_counts_for_models() -> None:
    """Models keep no count of calls; the selector can be told."""
    selector: Any = create_model_selector("least_connections")
    models = [ModelInfo("a"), ModelInfo("b")]
    selector.increment("a")
    assert selector.select(models) is models[1]
    selector.decrement("a")
    assert selector.select(models) is models[0]


def test_of_nothing_nothing_is_chosen() -> None:
    """Without a candidate the answer is ``None``."""
    assert [create_model_selector(each).select([]) for each in Strategy] == [None] * 9
