"""A budget around a client's calls: refused before, settled after."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
from decimal import Decimal
from typing import Any

import pytest

from specwire import Answer, Client, Hook
from specwire.budgets import (
    Budget,
    BudgetExceededError,
    PriceUnknownError,
    UsageFileError,
    settling,
)
from specwire.core.wire import Headers, Reply
from specwire.errors import (
    APIConnectionError,
    DecodeError,
    InternalServerError,
    SpecwireError,
)
from specwire.testing import FakeClock

from ..scripted import chunked, reply
from .asking import ASKED, CUT, STREAM, asking, event, ok, spent

ONE = 10 * 3_000 + 20 * 15_000
"""Nano-USD of the usual answer."""


def test_an_answer_costs_what_its_usage_says(path: str) -> None:
    """Nothing stays reserved; the amounts are exact."""
    budget = Budget(1, ledger=path)
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
    assert spent(budget) == [(ONE, True)]
    status = budget.status()
    assert (status.spent, status.reserved) == (Decimal("0.00033"), 0)
    assert status.left == Decimal("0.99967")


def test_what_would_cross_the_line_is_not_sent(path: str) -> None:
    """The longest answer counts, not the likely one."""
    budget = Budget("0.0015usd", ledger=path)
    with asking(budget, ok()) as client:
        with pytest.raises(BudgetExceededError, match="Nothing was sent") as caught:
            client.messages.create(**ASKED)
        assert caught.value.attempts == 0
        assert caught.value.limit == Decimal("0.0015")  # type: ignore[attr-defined]
        assert caught.value.retryable is False
        client.messages.create(**{**ASKED, "max_tokens": 10})
    assert len(spent(budget)) == 1


def test_it_refuses_again_and_again(path: str) -> None:
    """Calls go through until one might cross; what is spent never does."""
    budget = Budget(0.005, ledger=path)
    made = 0
    with asking(budget, *[ok()] * 50) as client:
        with pytest.raises(BudgetExceededError):
            while True:
                client.messages.create(**ASKED)
                made += 1
    assert 9 <= made <= 11
    assert budget.status().spent == Decimal(made * ONE).scaleb(-9)


def test_caches_have_their_own_prices(path: str) -> None:
    """Read at a tenth, written at five quarters, for an hour at double."""
    usage = {
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 300,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 100,
            "ephemeral_1h_input_tokens": 200,
        },
    }
    budget = Budget(1, ledger=path)
    with asking(budget, ok(**usage)) as client:
        client.messages.create(**ASKED)
    caches = 1000 * 300 + 100 * 3_750 + 200 * 6_000
    assert spent(budget) == [(ONE + caches, True)]


def test_a_stream_is_settled_at_its_end(path: str) -> None:
    """By the last counts that it told."""
    budget = Budget(1, ledger=path)
    with asking(budget, STREAM) as client:
        with client.messages.stream(**ASKED) as stream:
            next(iter(stream))
            assert budget.status().reserved > Decimal("0.0015")
            stream.until_done()
    assert spent(budget) == [(10 * 3_000 + 50 * 15_000, True)]
    assert budget.status().reserved == 0


def test_a_cut_stream_costs_what_has_arrived(path: str) -> None:
    """The request as it was counted, the answer by its text; marked as not told."""
    budget = Budget(1, ledger=path)
    with asking(budget, CUT) as client, pytest.raises(SpecwireError):
        list(client.messages.create(**ASKED, stream=True))
    assert spent(budget) == [(10 * 3_000 + 20 * 15_000, False)]
    assert budget.status().reserved == 0


def test_a_stream_that_is_left_costs_what_has_arrived(path: str) -> None:
    """Closing it early is no way around the budget."""
    budget = Budget(1, ledger=path)
    with asking(budget, STREAM) as client:
        with client.messages.create(**ASKED, stream=True) as stream:
            for event in stream:
                if event.type == "content_block_delta":
                    break
    assert spent(budget) == [(10 * 3_000 + 10 * 15_000, False)]


def test_refusals_cost_nothing_and_each_attempt_is_counted(path: str) -> None:
    """An error status gives back what was reserved; the retry reserves anew."""
    budget = Budget(1, ledger=path)
    with asking(budget, reply(529), ok(), max_retries=1, _clock=FakeClock()) as client:
        client.messages.create(**ASKED)
    assert spent(budget) == [(ONE, True)]
    assert budget.status().reserved == 0


def test_a_stream_that_is_begun_again_is_paid_once(path: str) -> None:
    """Where its first event was that the server is overloaded."""
    error = {"type": "overloaded_error", "message": "later"}
    busy = chunked(event("error", error=error))
    budget = Budget(1, ledger=path)
    again = {"max_retries": 1, "_clock": FakeClock()}
    with asking(budget, busy, STREAM, **again) as client:
        with client.messages.stream(**ASKED) as stream:
            stream.until_done()
    assert spent(budget) == [(10 * 3_000 + 50 * 15_000, True)]
    assert budget.status().reserved == 0


def test_a_stream_that_is_dropped_is_settled(path: str) -> None:
    """By the collection that finds it, also in the middle of another call's step."""
    budget = Budget(1, ledger=path)
    with asking(budget, STREAM) as client:
        stream = client.messages.create(**ASKED, stream=True)
        next(stream)
        with settling.alone(), budget.ledger.writing():
            del stream
            gc.collect()
            assert budget.status().reserved > 0
    assert spent(budget) == [(10 * 3_000 + 1 * 15_000, False)]
    assert budget.status().reserved == 0


def test_an_answer_that_nobody_heard_stays_reserved_until_it_lapses(path: str) -> None:
    """The server may have worked for it; a minute after its time it is given back."""
    clock = FakeClock()
    budget = Budget(1, ledger=path, clock=clock)
    broken = chunked(b"{", end=False)
    with asking(budget, broken, ok(), timeout=30) as client:
        with pytest.raises(APIConnectionError):
            client.messages.create(**ASKED)
        assert budget.status().reserved > 0
        clock.now += 91
        assert budget.status().reserved == 0
        client.messages.create(**ASKED)
    assert spent(budget) == [(ONE, True)]


def test_a_server_that_is_not_there_costs_nothing(path: str) -> None:
    """Nothing was sent, so nothing stays reserved."""
    budget = Budget(1, ledger=path)
    with (
        Client(
            api_keys={"anthropic": "k"},
            base_urls={"anthropic": "http://127.0.0.1:9"},
            hooks=[budget],
            max_retries=0,
        ) as lost,
        pytest.raises(APIConnectionError),
    ):
        lost.messages.create(**ASKED)
    assert (spent(budget), budget.status().reserved) == ([], 0)


def test_what_another_hook_answers_costs_nothing(path: str) -> None:
    """A cache's answer was paid for before."""

    class Cache(Hook):
        def before_attempt(self, call: Any) -> Answer:
            head = Headers.of([("content-type", "application/json")])
            return Answer(Reply(200, head, ok().partition(b"\r\n\r\n")[2]))

    budget = Budget(1, ledger=path)
    with asking(budget, hooks=[Cache()]) as client:
        assert client.messages.create(**ASKED).usage.output_tokens == 20
    assert (spent(budget), budget.status().reserved) == ([], 0)


def test_what_a_later_hook_refuses_costs_nothing(path: str) -> None:
    """What was reserved is given back."""
    budget, none_left = Budget(1, ledger=path), Budget(0, ledger=path + "2")
    with asking(budget, hooks=[none_left]) as client:
        with pytest.raises(BudgetExceededError):
            client.messages.create(**ASKED)
    assert budget.status().reserved == 0


def test_a_model_without_a_price_is_refused(path: str) -> None:
    """A limit in money cannot be kept; the error says what to do."""
    budget = Budget(1, ledger=path)
    with asking(budget) as client:
        with pytest.raises(PriceUnknownError, match="unknown='allow'") as caught:
            client.messages.create(**{**ASKED, "model": "claude-x"})
    assert caught.value.model == "anthropic/claude-x"


def test_a_model_without_a_price_may_be_let_go(path: str) -> None:
    """Its tokens are written down; its cost is not known."""
    budget = Budget(1, ledger=path, unknown="allow")
    with asking(budget, ok()) as client:
        client.messages.create(**{**ASKED, "model": "claude-x"})
    (entry,) = budget.ledger.each()
    assert (entry.nano, entry.counts.total) == (None, 30)


def test_tokens_have_limits_too(path: str) -> None:
    """Of models without a price as well; both limits may be given."""
    budget = Budget("2k tokens", ledger=path)
    asked = {**ASKED, "model": "claude-x"}
    with asking(budget, ok(), ok()) as client:
        client.messages.create(**asked)
        with pytest.raises(BudgetExceededError, match="budget of 2000 tokens"):
            client.messages.create(**{**asked, "max_tokens": 1990})
    assert budget.status().tokens_left == 1970


def test_counting_and_listing_cost_nothing(path: str) -> None:
    """Only what a model answers is counted."""
    counted = reply(200, {"input_tokens": 7})
    budget = Budget(0, ledger=path)
    with asking(budget, counted, reply(200, {"data": [], "has_more": False})) as client:
        client.messages.count_tokens(model="claude-x", messages=ASKED["messages"])
        client.models.list()
    assert not os.path.exists(path)


def test_two_budgets_of_one_ledger_count_a_call_once(path: str) -> None:
    """A day's and a run's limit hold together; either refuses."""
    day = Budget(1, per="day", ledger=path)
    run = Budget(0.0025, per="run", run="r1", ledger=path)
    with asking(day, ok(), STREAM, hooks=[run]) as client:
        client.messages.create(**ASKED)
        with client.messages.stream(**ASKED) as stream:
            stream.until_done()
        with pytest.raises(BudgetExceededError, match="per run"):
            client.messages.create(**ASKED)
    both = ONE + 10 * 3_000 + 50 * 15_000
    assert day.status().spent == run.status().spent == Decimal(both).scaleb(-9)
    assert day.status().reserved == 0
    assert {entry.run for entry in day.ledger.each()} == {"r1"}


def test_keys_have_budgets_of_their_own(path: str) -> None:
    """What one team spends is not the other's; one without a key counts all."""
    ours, theirs = (Budget(1, key=key, ledger=path) for key in ("a", "b"))
    with asking(ours, ok()) as client:
        client.messages.create(**ASKED)
    assert theirs.status().spent == 0
    assert Budget(1, ledger=path).status().spent == ours.status().spent > 0


def test_it_waits_for_calls_under_way_where_it_may(path: str) -> None:
    """What another call reserved comes back; a budget that is spent is not waited
    for."""
    clock = FakeClock()
    budget = Budget(0.002, ledger=path, wait=10, clock=clock, hold=5)
    other = Budget(0.002, ledger=path, clock=clock, hold=5)
    with asking(other, CUT) as first:
        stream = first.messages.create(**ASKED, stream=True)
        with asking(budget, ok(), _clock=clock) as client:
            client.messages.create(**ASKED)
        assert 4.9 <= sum(clock.slept) <= 5.2
        stream.close()
    with asking(budget, _clock=clock) as client:
        with pytest.raises(BudgetExceededError):
            client.messages.create(**{**ASKED, "max_tokens": 9_000})
    assert sum(clock.slept) <= 5.2


def test_a_file_that_does_not_do_keeps_calls_from_being_sent(tmp_path: Any) -> None:
    """Nobody knows what was spent."""
    torn = tmp_path / "torn.db"
    torn.write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    for place in (torn, tmp_path / "none" / "usage.db", tmp_path):
        with asking(Budget(1, ledger=place)) as client:
            with pytest.raises(UsageFileError, match=r"not sent without it"):
                client.messages.create(**ASKED)


def test_a_reply_is_not_lost_over_the_file(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What it cost is written down when the file does again."""
    budget = Budget(1, ledger=path)
    files = budget.ledger._files

    class Breaks(Hook):
        def before_attempt(self, call: Any) -> None:
            files.close()
            files.path = "/nowhere/usage.db"

    with asking(budget, ok(), ok(), hooks=[Breaks()]) as client:
        assert client.messages.create(**ASKED).id == "msg_1"
    assert "not written down yet" in caplog.text
    files.path = path
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
    assert spent(budget) == [(ONE, True), (ONE, True)]


@pytest.mark.parametrize(
    "count", [10**30, -5, 1e400, "many", None, True, {"a": 1}, [1]], ids=str
)
def test_usage_that_cannot_be_true_does_no_harm(path: str, count: Any) -> None:
    """Neither the reply nor the file is lost over it, and the next call is counted."""
    said = ok(input_tokens=1, output_tokens=count)
    budget = Budget(ledger=path)
    with asking(budget, said, ok()) as client:
        with contextlib.suppress(DecodeError):
            client.messages.create(**ASKED)
        client.messages.create(**ASKED)
    assert (ONE, True) in spent(budget)
    assert budget.status().reserved == 0


def test_a_call_without_bounds_is_no_trouble_to_a_budget_without_one(path: str) -> None:
    """However long its answer may be."""
    budget = Budget(ledger=path)
    with asking(budget, ok()) as client:
        client.messages.create(**{**ASKED, "max_tokens": 10**25})
    assert spent(budget) == [(ONE, True)]


def test_half_a_character_does_no_harm(path: str) -> None:
    """It is written down as far as it can be."""
    budget = Budget(ledger=path, key="a\ud800", unknown="allow")
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
    assert [entry.key for entry in budget.ledger.each()] == ["a?"]


def test_it_shows_how_it_stands(path: str) -> None:
    """Among the client's signals."""
    budget = Budget(1, per="day", ledger=path)
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
        shown = client.signals_snapshot().parts["budget"]
    assert (shown["limit"], shown["spent"]) == (1.0, 0.00033)
    assert repr(budget) == "<Budget of 1.00 USD per day>"


def test_a_file_that_does_not_do_is_shown(tmp_path: Any) -> None:
    """Asking how things stand is no failure."""
    (tmp_path / "torn.db").write_bytes(b"no database at all" * 50)
    with asking(Budget(1, ledger=tmp_path / "torn.db")) as client:
        shown = client.signals_snapshot().parts["budget"]
    assert "torn.db" in shown["error"]


def test_it_goes_to_other_processes(path: str) -> None:
    """With its run, so that all of them share it."""
    budget = Budget(1, per="run", ledger=path)
    with asking(budget, ok()) as client:
        client.messages.create(**ASKED)
    again = pickle.loads(pickle.dumps(budget))
    assert again.status().spent == budget.status().spent > 0
    assert Budget(1, per="run", ledger=path).status().spent == 0


def test_failures_of_the_server_are_passed_on(path: str) -> None:
    """A budget changes nothing about errors."""
    budget = Budget(1, ledger=path)
    with asking(budget, reply(500)) as client, pytest.raises(InternalServerError):
        client.messages.create(**ASKED)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"limit": "5 euros"}, "expected an amount"),
        ({"limit": -1}, "limit: expected a number"),
        ({"limit": float("nan")}, "limit: expected a number"),
        ({"per": "fortnight"}, "per: expected one of"),
        ({"unknown": "ignore"}, "unknown: expected one of"),
        ({"tz": "Mars/Base"}, "no time zone"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    """What cannot be meant is said at once."""
    with pytest.raises(ValueError, match=words):
        Budget(**settings)
