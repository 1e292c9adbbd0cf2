"""Prices: the registry's, and a file of one's own before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from specwire.budgets import Budget, Counts, Prices, PricesFileError

from .asking import ASKED, asking, ok, spent


def test_the_registry_knows_models_by_all_their_names() -> None:
    """By id, alias and date; not by what merely looks like one."""
    prices = Prices()
    known = prices.of("anthropic", "claude-sonnet-4-5")
    assert known is not None and (known.input, known.output) == (3_000_000, 15_000_000)
    assert prices.of("anthropic", "claude-sonnet-4-5-20250929") == known
    assert prices.of("anthropic", "claude-sonnet") is None
    assert prices.of("openai", "claude-sonnet-4-5") is None


def test_a_service_of_ones_own_finds_models_that_one_provider_has() -> None:
    """A generated package names its service as it likes."""
    prices = Prices()
    assert prices.of("mine", "claude-sonnet-4-5") == prices.of(
        "anthropic", "claude-sonnet-4-5"
    )


def test_the_closest_name_wins() -> None:
    """Provider and model, the model, the provider, everything."""
    own = {"*": 1, "p/*": 2, "m": 3, "p/m": 4}
    prices = Prices({name: {"input": usd} for name, usd in own.items()})
    asked = [("p", "m"), ("x", "m"), ("p", "x"), ("x", "x")]
    found = [prices.of(*names) for names in asked]
    assert [price and price.input // 1_000_000 for price in found] == [4, 3, 2, 1]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TOML without tomli")
def test_a_file_overrides_the_registry(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that SPECWIRE_PRICES names, in TOML."""
    file = tmp_path / "prices.toml"
    file.write_text('["anthropic/claude-sonnet-4-5"]\ninput = 1\noutput = 2.5\n')
    monkeypatch.setenv("SPECWIRE_PRICES", str(file))
    budget = Budget(1, ledger=path)
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
    assert spent(budget) == [(10 * 1_000 + 20 * 2_500, True)]


def test_json_will_do_too(tmp_path: Path) -> None:
    """With ``models`` around it or without."""
    file = tmp_path / "prices.json"
    for told in ({"m": {"input": 7}}, {"models": {"m": {"input": 7}}}):
        file.write_text(json.dumps(told))
        price = Prices(file).of("p", "m")
        assert price is not None and price.input == 7_000_000


def test_what_is_not_said_follows_from_what_is() -> None:
    """Caches cost as the input does, an hour in them eight fifths of a write."""
    prices = Prices({"a": {"input": 2}, "b": {"input": 2, "cache_write": 5}})
    a, b = prices.of("p", "a"), prices.of("p", "b")
    assert a is not None and b is not None
    assert (a.read, a.written, a.written_1h) == (2_000_000,) * 3
    assert (b.written, b.written_1h) == (5_000_000, 8_000_000)


def test_a_batchs_share_may_be_another() -> None:
    """Half the price is only the usual."""
    price = Prices({"m": {"input": 1, "output": 1, "batch": 0.25}}).of("p", "m")
    assert price is not None
    assert price.cost(Counts(4_000_000), batch=True) == 10**9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "prices.json: "),
        ("[]", "expected a table of models"),
        ('{"m": 5}', "expected prices such as"),
        ('{"m": {"output": 5}}', "expected a price of input"),
        ('{"m": {"input": "x"}}', "expected a number from 0 on"),
        ('{"m": {"input": -1}}', "expected a number from 0 on"),
        ('{"m": {"input": 1, "ouput": 5}}', "no price is called 'ouput'"),
    ],
)
def test_a_file_that_is_wrong_is_refused(text: str, words: str, tmp_path: Path) -> None:
    """At once, with its name; a typing error must not make calls free."""
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(PricesFileError, match=words) as caught:
        Budget(1, prices=file)
    assert "prices.json" in str(caught.value)


def test_a_file_that_is_not_there_is_refused(monkeypatch: Any) -> None:
    """The variable names one that is meant to be used."""
    monkeypatch.setenv("SPECWIRE_PRICES", "/nowhere/prices.json")
    with pytest.raises(PricesFileError, match="nowhere"):
        Budget(1)
