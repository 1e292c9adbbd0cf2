"""Periods: where they begin, in which zone, and what midnight does to a budget."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

import pytest

from specwire.budgets import Budget, BudgetExceededError
from specwire.budgets.windows import window, zone
from specwire.testing import FakeClock

from .asking import ASKED, STREAM, asking, ok

UTC = timezone.utc
EAST = timezone(timedelta(hours=5, minutes=30))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def set_to(text: str) -> FakeClock:
    clock = FakeClock()
    clock.now += at(text) - clock.time()
    return clock


@pytest.mark.parametrize(
    ("per", "tz", "now", "began", "ends"),
    [
        ("hour", UTC, "2026-11-21T10:59:59+00:00", "11-21T10:00", "11-21T11:00"),
        ("day", UTC, "2026-11-21T00:00:00+00:00", "11-21T00:00", "11-22T00:00"),
        ("day", EAST, "2026-11-20T20:00:00+00:00", "11-20T18:30", "11-21T18:30"),
        ("week", UTC, "2026-11-22T23:59:59+00:00", "11-16T00:00", "11-23T00:00"),
        ("month", UTC, "2026-11-30T12:00:00+00:00", "11-01T00:00", "12-01T00:00"),
    ],
)
def test_periods_begin_and_end(
    per: str, tz: tzinfo, now: str, began: str, ends: str
) -> None:
    """An hour, a day, a week from Monday on, a month; by the zone's calendar."""
    expected = (at(f"2026-{began}:00+00:00"), at(f"2026-{ends}:00+00:00"))
    assert window(per, at(now), tz) == expected


def test_a_day_may_have_25_hours() -> None:
    """Where clocks are set back."""
    try:
        berlin = zone("Europe/Berlin")
    except ValueError:
        pytest.skip("no table of time zones here")
    began, ends = window("day", at("2026-10-25T12:00:00+01:00"), berlin)
    assert ends - began == 25 * 3600


def test_midnight_gives_a_new_budget(path: str) -> None:
    """At once, in the zone that was chosen; the error says when."""
    clock = set_to("2026-11-21T18:29:00+00:00")
    budget = Budget(0.0018, per="day", tz=EAST, ledger=path, clock=clock)
    with asking(budget, ok(), ok()) as client:
        client.messages.create(**ASKED)
        with pytest.raises(BudgetExceededError, match=r"2026-11-22T00:00\+05:30"):
            client.messages.create(**ASKED)
        clock.now += 60
        client.messages.create(**ASKED)
    assert budget.status().tokens == 30


def test_a_call_over_midnight_is_of_the_day_it_was_asked_on(path: str) -> None:
    """It was checked against that day's limit, so the next day's is not touched."""
    clock = set_to("2026-11-21T23:59:59+00:00")
    budget = Budget(1, per="day", ledger=path, clock=clock)
    with asking(budget, STREAM) as client:
        with client.messages.stream(**ASKED) as stream:
            clock.now += 10
            stream.until_done()
    assert budget.status().spent == 0
    clock.now -= 20
    assert budget.status().spent > 0
