"""Sums: whatever is reserved and settled, in any order, adds up and never crosses."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from specwire.budgets import Budget, BudgetExceededError, Counts
from specwire.budgets.counts import counted
from specwire.budgets.ledger import Entry, Running, Scope, UsageLedger
from specwire.budgets.money import limits_of, nano_usd, pico_a_token, shown
from specwire.budgets.place import Place
from specwire.budgets.prices import Price, price_of
from specwire.budgets.subject import Request
from specwire.core.types import Timeout
from specwire.testing import FakeClock

LIMIT = 1_000_000  # nano-USD
PRICE = Price(1_000_000, 5_000_000, 100_000, 1_250_000, 2_000_000)
"""1 USD and 5 USD for a million tokens: 1,000 and 5,000 nano-USD for one."""


class Asked:
    """As much of a call as a budget asks of it."""

    timeout = Timeout(total=100.0)


class Machine(RuleBasedStateMachine):
    """Two budgets, as two processes would have them, of one file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        path = str(Path(self.folder.name) / "usage.db")
        self.budgets = [
            Budget(Decimal(LIMIT).scaleb(-9), ledger=path, clock=self.clock)
            for _ in range(2)
        ]
        self.open: list[tuple[Place, int, int, float]] = []
        self.spent = 0

    def teardown(self) -> None:
        for budget in self.budgets:
            budget.ledger._files.close()
        self.folder.cleanup()

    def reserved(self) -> int:
        now = self.clock.time()
        return sum(nano for _, _, nano, end in self.open if end > now)

    @rule(one=st.integers(0, 1), asks=st.integers(0, 300), most=st.integers(0, 90))
    def reserve(self, one: int, asks: int, most: int) -> None:
        """It fits exactly where the sums leave room, whoever asks."""
        budget, now = self.budgets[one], self.clock.time()
        request = Request("p", "m", asks, most)
        place = Place(
            budget.ledger,
            [(request, PRICE)],
            attempt=1,
            made=0,
            at=now,
            batch=False,
            longest=0,
        )
        nano = asks * 1_000 + most * 5_000
        call: Any = Asked()
        if self.spent + self.reserved() + nano <= LIMIT:
            budget._admit(call, place)
            self.open.append((place, most, nano, now + 160))
        else:
            with pytest.raises(BudgetExceededError):
                budget._admit(call, place)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def settle(self, data: Any) -> None:
        """With an answer as long as it may be, or shorter."""
        at = data.draw(st.integers(0, len(self.open) - 1))
        place, most, _, end = self.open.pop(at)
        if end <= self.clock.time():
            return  # its process has died
        output = data.draw(st.integers(0, most))
        asked = place.asked[0][0].input
        place.meter.add({"usage": {"input_tokens": asked, "output_tokens": output}})
        place.answered(0)
        self.spent += asked * 1_000 + output * 5_000

    @precondition(lambda self: self.open)
    @rule()
    def release(self) -> None:
        self.open.pop()[0].release()

    @rule(seconds=st.sampled_from([1, 200]))
    def time_goes_by(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def it_adds_up(self) -> None:
        status = self.budgets[0].status()
        assert status.spent == Decimal(self.spent).scaleb(-9)
        assert status.reserved == Decimal(self.reserved()).scaleb(-9)
        assert self.spent <= LIMIT


TestSums = Machine.TestCase
TestSums.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)


@given(
    st.lists(
        st.tuples(*[st.integers(0, 10**7)] * 4, st.decimals("0", "200", places=4)),
        max_size=6,
    )
)
def test_costs_are_exact_but_for_one_rounding_up(rows: list[Any]) -> None:
    """Against fractions; at half the price too."""
    for fresh, read, written, output, usd in rows:
        price = price_of("m", {"input": usd, "output": usd * 5})
        assert price is not None
        counts = Counts(fresh, read, written, 0, output)
        tokens = fresh + read + written + output * 5
        exact = Fraction(usd) / 1_000_000 * tokens * 10**9
        assert price.cost(counts) == ceil(exact)
        assert price.cost(counts, batch=True) == ceil(exact / 2)


@given(st.lists(st.integers(0, 10**12), max_size=30), st.integers(0, 30))
@settings(max_examples=25, deadline=None)
def test_a_running_sum_is_the_sum(amounts: list[int], cut: int) -> None:
    """However it is divided into looks."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = UsageLedger(Path(folder) / "u.db")
        running = Running(Scope())
        for part in (amounts[:cut], amounts[cut:]):
            with ledger.writing() as db:
                for nano in part:
                    ledger.add(db, Entry(1.0, "p", "m", Counts(fresh=1), nano))
                found = running.read(db)
        assert found == (sum(amounts), len(amounts))
        ledger._files.close()


def test_amounts_are_read_as_they_are_written() -> None:
    """Floats by their shortest form; texts with a unit."""
    assert nano_usd("x", 0.1) == 100_000_000
    assert pico_a_token("x", 0.0125) == 12_500
    assert limits_of("5usd") == limits_of("$5") == limits_of("5") == ("5", None)
    assert limits_of(" 2.50 USD ") == ("2.50", None)
    assert limits_of("200k tokens") == limits_of("200_000tok") == (None, 200_000)
    assert limits_of("1.5M tokens") == (None, 1_500_000)
    for text in ("", "usd", "-5usd", "$5 tokens", "5 eur", "1e5"):
        with pytest.raises(ValueError, match="expected an amount"):
            limits_of(text)


def test_amounts_are_shown_with_what_they_say() -> None:
    """Two digits at least, six at most."""
    assert [shown(nano) for nano in (0, 10**9, 5 * 10**8, 330_000, 1_234_567)] == [
        *("0.00", "1.00", "0.50", "0.00033", "0.001234"),
    ]


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"input_tokens": 5, "output_tokens": 7}, Counts(5, output=7)),
        (
            {
                "input_tokens": 5,
                "cache_read_input_tokens": 100,
                "cache_creation_input_tokens": 30,
                "cache_creation": {"ephemeral_1h_input_tokens": 10},
                "output_tokens": 7,
            },
            Counts(5, 100, 30, 10, 7),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 7,
                "total_tokens": 107,
                "prompt_tokens_details": {"cached_tokens": 60},
            },
            Counts(40, 60, output=7),
        ),
        (
            {
                "input_tokens": 100,
                "output_tokens": 7,
                "input_tokens_details": {"cached_tokens": 60},
            },
            Counts(40, 60, output=7),
        ),
        (
            {
                "promptTokenCount": 100,
                "cachedContentTokenCount": 25,
                "candidatesTokenCount": 7,
                "thoughtsTokenCount": 13,
                "totalTokenCount": 120,
            },
            Counts(75, 25, output=20),
        ),
        (
            {"tokens": {"input_tokens": 9, "output_tokens": 2}},
            Counts(9, output=2),
        ),
        (
            {"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "completion_tokens": 1},
            Counts(5, 4, output=1),
        ),
        ({"prompt_tokens": 8, "total_tokens": 8}, Counts(8)),
        ({"prompt_tokens": True, "x": 1}, None),
        ({}, None),
    ],
)
def test_usage_of_every_shape(usage: dict[str, Any], counts: Counts | None) -> None:
    """Each token stands in one place, whether caches are counted within or apart."""
    assert counted(usage) == counts
