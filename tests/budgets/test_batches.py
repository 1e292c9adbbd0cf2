"""Batches: reserved when they are made, settled by their results, at half the price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from specwire import Client
from specwire.budgets import Budget, BudgetExceededError
from specwire.sandbox import Sandbox

from .asking import ASKED


@pytest.fixture
def budget(path: str) -> Budget:
    return Budget(0.01, per="run", run="night", key="team", ledger=path)


@pytest.fixture
def asked(box: Sandbox, budget: Budget) -> Client:
    return Client(api_keys=box.api_keys, base_urls=box.base_urls, hooks=[budget])


def rows(count: int, **params: Any) -> list[Any]:
    return [{"custom_id": f"c{n}", "params": {**ASKED, **params}} for n in range(count)]


def test_a_batch_is_reserved_at_half_the_price(asked: Client, budget: Budget) -> None:
    """From the moment that it exists until its results are read."""
    batch = asked.batches.create(requests=rows(4))
    reserved = budget.status().reserved
    assert Decimal("0.003") < reserved < Decimal("0.0045")
    asked.batches.wait(batch.id, first_delay=0.01)
    assert budget.status().reserved == reserved


def test_its_results_are_counted_once(asked: Client, budget: Budget) -> None:
    """However often they are read; the batch's run and key are those of its budget."""
    batch = asked.batches.create(requests=rows(3))
    asked.batches.wait(batch.id, first_delay=0.01)
    for _ in range(2):
        assert len(list(asked.batches.results(batch.id))) == 3
    entries = list(budget.ledger.each())
    assert len(entries) == 3
    assert {(e.run, e.key) for e in entries} == {("night", "team")}
    counts = [(e.counts.fresh * 3_000 + e.counts.output * 15_000) // 2 for e in entries]
    assert [e.nano for e in entries] == counts
    assert budget.status().reserved == 0


def test_results_that_are_left_early_leave_it_reserved(
    asked: Client, budget: Budget
) -> None:
    """The rows that were read are counted; what others cost is not known yet."""
    batch = asked.batches.create(requests=rows(3))
    asked.batches.wait(batch.id, first_delay=0.01)
    with asked.batches.rows(batch.id) as results:
        next(results)
    assert len(list(budget.ledger.each())) == 1
    assert budget.status().reserved > 0
    list(asked.batches.results(batch.id))
    assert len(list(budget.ledger.each())) == 3
    assert budget.status().reserved == 0


def test_a_batch_that_might_cross_the_line_is_not_made(
    asked: Client, budget: Budget
) -> None:
    """All of its requests count together."""
    with pytest.raises(BudgetExceededError):
        asked.batches.create(requests=rows(20))
    assert asked.batches.list().data == []
    assert budget.status().reserved == 0


def test_results_of_a_batch_of_before_are_counted_too(box: Sandbox, path: str) -> None:
    """Where it was made without a budget, by the one that reads."""
    plain = Client(api_keys=box.api_keys, base_urls=box.base_urls)
    batch = plain.batches.create(requests=rows(2))
    plain.batches.wait(batch.id, first_delay=0.01)
    reader = Budget(0, key="reader", ledger=path)
    found = list(plain.with_options(hooks=[reader]).batches.results(batch.id))
    assert len(found) == 2
    assert [entry.key for entry in reader.ledger.each()] == ["reader", "reader"]
