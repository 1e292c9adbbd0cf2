"""The simulation of large runs keeps to its bounds and shows what it is to show."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import scale  # noqa: E402
import scale_picture  # noqa: E402
from scale_model import Plan, capacity, sent_again, simulate  # noqa: E402

ITEMS = 4_000
SMALL = Plan(
    "small",
    workers=2,
    threads=20,
    send=5e-5,
    take=5e-5,
    commit=5e-4,
    note=2e-5,
    row=1e-5,
    latency=0.5,
)


def test_the_same_seed_gives_the_same_run() -> None:
    """And another one another."""
    rates = [simulate(SMALL, ITEMS, seed).rate for seed in (1, 1, 2)]
    assert rates[0] == rates[1] != rates[2]


@pytest.mark.parametrize(
    ("station", "changes"),
    [
        ("threads", {}),
        ("driver", {"send": 0.02}),
        ("journal", {"commit": 0.03, "group": 1}),
        ("limiter", {"limiter_service": 0.05}),
        ("provider", {"limit": 20.0}),
    ],
)
def test_a_run_is_as_fast_as_its_narrowest_station(
    station: str, changes: dict[str, float]
) -> None:
    """Within what chance does to a short stretch; that station works all the time."""
    plan = replace(SMALL, **changes)  # type: ignore[arg-type]
    found = simulate(plan, ITEMS)
    assert found.limit == station
    bound = capacity(plan)[station]
    assert 0.9 * bound <= found.rate <= 1.05 * bound
    assert found.busy[station] > 0.9
    assert all(share <= 1.05 for share in found.busy.values())


def test_no_more_is_under_way_than_there_are_threads() -> None:
    """What the law of Little says of rate and time."""
    found = simulate(SMALL, ITEMS)
    assert found.under_way <= SMALL.workers * SMALL.threads * 1.02


def test_a_commit_takes_what_waits() -> None:
    """A slow disk makes groups larger, not the run slower; a commit each does."""
    slow = replace(SMALL, commit=0.02)
    together, each = simulate(slow, ITEMS), simulate(replace(slow, group=1), ITEMS)
    assert together.groups > 1.5 and each.groups == 1
    assert together.rate > 1.5 * each.rate
    assert together.waits[0] >= 0.02


def test_a_lease_spares_the_limiter() -> None:
    """One trip for many calls."""
    asked = replace(SMALL, limiter_service=0.03)
    assert simulate(replace(asked, lease=16), ITEMS).rate > 1.5 * (
        simulate(asked, ITEMS).rate
    )


def test_what_dies_more_often_sends_more_again() -> None:
    """Nothing is sent again where nothing dies."""
    often, seldom = (sent_again(SMALL, 10, every) for every in (0.5, 5))
    assert often > seldom > 0 == sent_again(SMALL, 10, 1e12)


def test_the_plans_are_made_of_what_was_measured() -> None:
    """Each has a name of its own and a cost for all it does."""
    cost = scale.constants()
    layouts = scale.plans(cost)
    everything = [*layouts, *scale.strains(layouts[5], cost)]
    names = [plan.name for plan in everything]
    assert len(set(names)) == len(names)
    assert all(plan.commit > 0 and plan.row > 0 for plan in everything)


def test_the_table_and_the_picture_say_the_same_plans() -> None:
    """The table has a row each, the picture a line each and is XML."""
    found = simulate(SMALL, ITEMS)
    assert [len(row.split(" | ")) for row in scale.table([found])] == [10, 10, 10]
    drawn = scale_picture.drawn({"a <b>": [(1, 10.0), (50, 500.0)]})
    root = ElementTree.fromstring(drawn)
    assert len(root.findall("{*}polyline")) == 1
