"""How far a run is, in words and as a bar."""

from __future__ import annotations

import io

import pytest

from specwire.batch import ItemResult, Progress
from specwire.batch.progress import Bar, Meter, line_of
from specwire.batch.rates import per_second, usd
from specwire.testing import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_it() -> None:
    """Bar, counts, rate and the time that is left, where there is a total."""
    half = Progress(50, 2, 0, 100, 10.0, 5.0)
    assert line_of(half) == (
        "[############............] 50/100  2 failed  5.0/s  0:10 left"
    )
    assert line_of(Progress(1200, 0, 0, None, 1.0, 1200.0)) == "1,200  1,200.0/s"


def test_it_is_drawn_on_a_terminal_only() -> None:
    """Some times a second there, and nothing where output goes to a file."""
    clock, terminal, file = FakeClock(), Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Bar(True, stream) as bar:
            count = Meter(None, clock, 10).watching(bar)
            for number in range(10):
                clock.now += 0.1
                count(ItemResult(f"item-{number}", number, "succeeded"))
    assert terminal.getvalue().count("\r") == 6
    assert "10/10" in terminal.getvalue().splitlines()[-1]
    assert file.getvalue() == ""


def test_items_of_earlier_runs_are_not_in_the_rate() -> None:
    """They are done, and took no time now."""
    clock = FakeClock()
    meter = Meter(None, clock, None)
    for recorded in (True, False):
        meter.count(ItemResult("a", 0, "succeeded", recorded=recorded))
    clock.now += 2
    assert (meter.progress().done, meter.progress().rate) == (2, 0.5)


@pytest.mark.parametrize(
    ("said", "rate"), [("50/s", 50), ("3000/min", 50), ("1.5 per second", 1.5), (7, 7)]
)
def test_rates_in_words(said: str, rate: float) -> None:
    """A number and a unit of time."""
    assert per_second(said) == rate


@pytest.mark.parametrize("said", ["5usd", "$5", "5", "5.00 USD"])
def test_money_in_words(said: str) -> None:
    """Dollars, with or without their sign."""
    assert usd(said) == 5.0
