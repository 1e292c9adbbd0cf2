"""``CostEstimator``: what tokens cost, by the registry or by prices of one's own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from specwire.budgets import PriceUnknownError
from specwire.chat.usage import Usage
from specwire.tokens import CostEstimator

OWN = {
    "reef/one": {
        "input": 2,
        "output": 10,
        "cache_read": 0.5,
        "cache_write": 4,
        "batch": 0.25,
        "max_output_tokens": 100,
    }
}


def test_the_documented_call() -> None:
    """A plain number in USD, exact as ``usd``, dated as the list is."""
    estimator = CostEstimator.for_model("openai/gpt-4o")
    cost = estimator.estimate(prompt_tokens=1000, completion_tokens=500)
    assert cost == pytest.approx(0.0075)
    assert cost.usd == Decimal("0.0075")
    assert (cost.input_cost, cost.output_cost) == (0.0025, 0.005)
    assert cost.total_cost == cost.to_dict()["total_cost"] == float(cost)
    assert cost.as_of is not None
    assert estimator.estimate(0, 0) == 0


def test_caches_and_batches_have_their_prices() -> None:
    """Cached tokens are part of the prompt's."""
    estimator = CostEstimator.for_model("reef/one", prices=OWN)
    cost = estimator.estimate(
        1_000_000, 0, cached_tokens=500_000, cache_write_tokens=250_000
    )
    assert cost.usd == Decimal("1.75")
    assert estimator.estimate(1_000_000, batch=True).usd == Decimal("0.5")
    assert cost.as_of is None


def test_prices_of_ones_own_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the file that the variable names; the registry's date is not theirs."""
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"openai/gpt-4o": {"input": 1, "output": 1}}))
    monkeypatch.setenv("SPECWIRE_PRICES", str(file))
    estimator = CostEstimator.for_model("openai/gpt-4o")
    assert estimator.estimate(1_000_000, 0).usd == 1
    assert estimator.as_of is None


def test_a_price_that_nobody_knows_is_an_error() -> None:
    """It says how to give one; none is made up."""
    with pytest.raises(PriceUnknownError, match="SPECWIRE_PRICES"):
        CostEstimator.for_model("openai/no-such-model")


@pytest.mark.parametrize("numbers", [(-1, 0, 0, 0), (10, 0, 11, 0), (10, 0, 6, 6)])
def test_numbers_that_cannot_be_are_refused(numbers: tuple[int, ...]) -> None:
    """Fewer than none, or more cached than sent."""
    prompt, told, read, written = numbers
    with pytest.raises(ValueError, match="no more"):
        CostEstimator.for_model("reef/one", prices=OWN).estimate(
            prompt, told, cached_tokens=read, cache_write_tokens=written
        )


def test_a_conversation_costs_at_most() -> None:
    """The longest answer, where none is said; the tokens may be estimated."""
    estimator = CostEstimator.for_model("reef/one", prices=OWN)
    cost = estimator.estimate_messages("Hello there")
    assert (cost.output_tokens, cost.estimated) == (100, True)
    assert estimator.estimate_messages(["Hello there"], 0) < cost


def test_usage_costs_what_it_costs() -> None:
    """An answer's own counts, those of caches among them."""
    estimator = CostEstimator.for_model("reef/one", prices=OWN)
    usage = Usage(
        {"prompt_tokens": 1000, "completion_tokens": 10, "cache_read_tokens": 400}
    )
    assert estimator.of_usage(usage).usd == Decimal("0.0015")
    raw = {"cache_read_input_tokens": 400}
    apart = Usage(dict(usage), raw=raw)
    assert estimator.of_usage(apart).usd == Decimal("0.0023")
