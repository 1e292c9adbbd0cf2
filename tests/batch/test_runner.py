"""A run: a result for each request, once, in the journal before it is given."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, Hook
from specwire.batch import (
    BatchRunner,
    InputChangedError,
    ItemError,
    JournalBusyError,
    JournalError,
    Progress,
)
from specwire.chat import AiClient
from specwire.errors import AuthenticationError, BudgetExceededError
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from ..ledger.runs import Runs, client_of, script
from ..scripted import serving
from .asked import Asked

WORDS = [f"hi {number}" for number in range(40)]
MANY = [f"hi {number}" for number in range(200)]


def test_each_request_has_one_result(asked: Asked, journal: Path) -> None:
    """All come, each with the answer to its own words."""
    found = list(asked.runner(journal).run(iter(WORDS)))
    assert sorted(each.position for each in found) == list(range(40))
    assert all(each.text == WORDS[each.position].upper() for each in found)
    assert asked.count == 40


def test_a_result_is_in_the_journal_before_it_is_given(
    asked: Asked, journal: Path
) -> None:
    """At each step of the loop another reader finds the result."""
    runner = asked.runner(journal)
    for result in runner.run(WORDS[:9]):
        stored = BatchRunner(journal=journal).result(result.custom_id)
        assert stored is not None and stored.result == result.result


def test_a_second_run_sends_nothing(asked: Asked, journal: Path) -> None:
    """What has a result is given again as recorded, and not sent."""
    list(asked.runner(journal).run(WORDS))
    again = list(asked.runner(journal).run(WORDS))
    assert asked.count == 40
    assert len(again) == 40 and all(each.recorded for each in again)
    assert list(asked.runner(journal).run(WORDS, recorded=False)) == []


def test_a_longer_input_runs_what_is_new(asked: Asked, journal: Path) -> None:
    """Items that the journal does not know are done."""
    list(asked.runner(journal).run(WORDS[:30]))
    list(asked.runner(journal).run(WORDS))
    assert asked.count == 40


def test_names_are_the_requests_own(asked: Asked, journal: Path) -> None:
    """``custom_id`` names an item, in whatever order they come the second time."""
    rows = [
        {"custom_id": "a", "prompt": "hi"},
        {"custom_id": "b", "params": {"messages": [{"role": "user", "content": "ho"}]}},
    ]
    found = {each.custom_id: each.text for each in asked.runner(journal).run(rows)}
    assert found == {"a": "HI", "b": "HO"}
    assert len(list(asked.runner(journal).run(rows[::-1]))) == 2
    assert asked.count == 2


def test_a_changed_input_is_refused(asked: Asked, journal: Path) -> None:
    """Another request under a known name is an error that names it."""
    list(asked.runner(journal).run(["hi"]))
    with pytest.raises(InputChangedError, match="another request") as caught:
        list(asked.runner(journal).run(["ho"]))
    assert caught.value.custom_id == "item-0"


def test_a_name_that_comes_twice_is_refused(asked: Asked, journal: Path) -> None:
    """Two items of one name are an error, whether done before or not."""
    rows = [{"custom_id": "a", "prompt": "hi"}] * 2
    with pytest.raises(InputChangedError, match="comes twice"):
        list(asked.runner(journal).run(rows))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (7, "expected a mapping"),
        ({"custom_id": 7, "prompt": "x"}, "custom_id"),
        ({"messages": [], "stream": True}, "stream"),
        ({"metadata": {}}, "expected 'messages'"),
        ({"prompt": object()}, "written as JSON"),
    ],
)
def test_what_is_no_request_is_named(
    request_: Any, said: str, asked: Asked, journal: Path
) -> None:
    """The error says which item it is and what was expected; the others are done."""
    given = asked.runner(journal).run(["hi", request_])
    assert next(given).text == "HI"
    with pytest.raises(ItemError, match=f"item 1: .*{said}") as caught:
        list(given)
    assert caught.value.position == 1


def test_an_input_that_raises_loses_nothing(asked: Asked, journal: Path) -> None:
    """What was read before is done and given; then the input's own error comes."""

    def broken() -> Iterator[str]:
        yield from WORDS[:10]
        raise KeyError("no more")

    found = []
    with pytest.raises(KeyError, match="no more"):
        found.extend(asked.runner(journal).run(broken()))
        pytest.fail("no error")
    status = asked.runner(journal).status()
    assert (status.succeeded, status.complete) == (10, False)
    list(asked.runner(journal).run(WORDS))
    assert asked.count == 40


# -- failures --------------------------------------------------------------------------


def test_a_failure_is_a_result(asked: Asked, journal: Path) -> None:
    """A refused request has a failed result with the facts, and stays failed."""
    (found,) = asked.runner(journal).run(["bad one"])
    assert (found.success, found.text) == (False, "")
    assert found.error is not None
    assert found.error["status_code"] == 400
    assert found.error["error_type"] == "invalid_request_error"
    list(asked.runner(journal).run(["bad one"]))
    assert asked.count == 1


def test_what_may_pass_is_tried_in_another_round(asked: Asked, journal: Path) -> None:
    """An item whose failure may pass is sent again at the end, with the same key."""
    clock = FakeClock()
    runner = asked.runner(journal, _clock=clock)
    found = list(runner.run(["fail once", *WORDS]))
    assert all(each.success for each in found) and len(found) == 41
    first, second = asked.keys["fail once"]
    assert first == second
    assert clock.slept == [2.0]


def test_rounds_have_an_end(asked: Asked, journal: Path) -> None:
    """What fails in every round has failed."""
    (found,) = asked.runner(journal, rounds=2, _clock=FakeClock()).run(["fail always"])
    assert not found.success and found.error is not None and found.error["retryable"]
    assert len(asked.keys["fail always"]) == 2


def test_failed_items_are_retried_on_demand(asked: Asked, journal: Path) -> None:
    """``retry_failed`` sends them again, with a new key; the input is not needed."""
    list(asked.runner(journal, rounds=1).run(["fail once", "hi", "bad"]))
    (good,) = (r for r in asked.runner(journal, rounds=1).retry_failed() if r.success)
    assert good.text == "FAIL ONCE"
    first, second = asked.keys["fail once"]
    assert first != second
    found = list(
        asked.runner(journal).run(["fail once", "hi", "bad"], retry_failed=True)
    )
    assert len(asked.keys["bad"]) == 3 and len(asked.keys["hi"]) == 1
    assert sorted(each.recorded for each in found) == [False, True, True]


def test_a_wrong_key_ends_the_run(asked: Asked, journal: Path) -> None:
    """An error that all would have is raised, and nothing has failed by it."""
    asked.status = 401
    with pytest.raises(AuthenticationError):
        list(asked.runner(journal).run(MANY))
    assert asked.count < len(MANY)
    assert asked.runner(journal).status().failed == 0
    asked.status = None
    assert all(each.success for each in asked.runner(journal).run(MANY))


class Spent(Hook):
    """A budget for so many calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.lock = threading.Lock()

    def before_attempt(self, call: Any) -> None:
        with self.lock:
            self.left -= 1
            if self.left < 0:
                raise BudgetExceededError("spent")


def test_a_budget_ends_the_run(asked: Asked, journal: Path) -> None:
    """What would cross it is not sent; what was done is given, and the rest waits."""
    found: list[Any] = []
    with pytest.raises(BudgetExceededError):
        for result in asked.runner(journal, budget=Spent(7)).run(WORDS):
            found.append(result)
    assert len(found) == asked.count == 7
    assert asked.runner(journal).status().failed == 0
    list(asked.runner(journal).run(WORDS))
    assert asked.count == 40


def test_a_budget_in_dollars_is_the_runs(
    asked: Asked, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many dollars for the run, the next one on its journal included."""
    monkeypatch.setenv("SPECWIRE_LEDGER", str(journal.with_name("usage.db")))
    defaults = {"model": "claude-sonnet-4-5", "max_tokens": 100_000}
    options = {"defaults": defaults, "max_in_flight": 1, "budget": "1.6usd"}
    list(asked.runner(journal, **options).run(["hi"]))
    with pytest.raises(BudgetExceededError):
        options["budget"] = 0.5
        list(asked.runner(journal, **options).run(["hi", "ho"]))
    assert asked.count == 1


# -- journals --------------------------------------------------------------------------


def test_two_runners_on_one_journal_are_refused(asked: Asked, journal: Path) -> None:
    """The second says that the first is at work; the first goes on."""
    given = asked.runner(journal).run(WORDS)
    next(given)
    with pytest.raises(JournalBusyError, match="another runner"):
        next(asked.runner(journal).run(WORDS))
    assert len(list(given)) == 39
    assert len(list(asked.runner(journal).run(WORDS))) == 40


def test_a_file_of_another_program_is_refused(asked: Asked, journal: Path) -> None:
    """A file that is no journal is left as it is."""
    journal.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalError, match=r"run\.db"):
        list(asked.runner(journal).run(["hi"]))
    assert journal.read_bytes().startswith(b"not a database")
    assert asked.count == 0


def test_a_folder_that_is_not_there(asked: Asked, tmp_path: Path) -> None:
    """No folder, no run: nothing is sent, and the message says what to do."""
    with pytest.raises(JournalError, match=r"run\.db: there is no folder .*; make it"):
        list(asked.runner(tmp_path / "none" / "run.db").run(["hi"]))
    assert asked.count == 0


@pytest.mark.skipif(os.name == "nt", reason="other rights there")
def test_the_file_is_its_owners(asked: Asked, journal: Path) -> None:
    """The journal holds what was asked and answered: rights 0600, no key in it."""
    list(asked.runner(journal).run(["hi"]))
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_requests_may_be_written_down_first(asked: Asked, journal: Path) -> None:
    """``add`` reads the input; ``run()`` without one does what it has."""
    runner = asked.runner(journal)
    assert runner.add(WORDS) == 40
    assert (runner.status().waiting, runner.status().complete) == (40, True)
    assert len(list(asked.runner(journal).run())) == 40
    assert len(list(asked.runner(journal).run())) == 40
    assert asked.count == 40


# -- life ------------------------------------------------------------------------------


def test_leaving_the_loop_keeps_what_was_under_way(asked: Asked, journal: Path) -> None:
    """After a ``break`` the journal has all that was sent; the rest waits."""
    runner = asked.runner(journal)
    for _ in runner.run(WORDS):
        break
    status = runner.status()
    assert (status.succeeded, status.sent) == (asked.count, 0)
    list(runner.run(WORDS))
    assert asked.count == 40


def test_a_run_can_be_stopped(asked: Asked, journal: Path) -> None:
    """``stop`` begins no more; the loop ends by itself with what was under way."""
    runner, found = asked.runner(journal), []
    for result in runner.run(MANY):
        found.append(result)
        runner.stop()
    assert len(found) == asked.count < len(MANY)
    assert runner.status().sent == 0


def test_no_more_than_so_many_at_once(asked: Asked, journal: Path) -> None:
    """``max_in_flight`` bounds the calls under way, and is reached."""
    runner = asked.runner(journal, max_in_flight=3)
    words = [f"wait {number}" for number in range(9)]

    def let_go() -> None:
        for _ in range(3):
            asked.waiting.acquire(timeout=20)
        asked.let_go.set()

    opener = threading.Thread(target=let_go)
    opener.start()
    assert len(list(runner.run(words))) == 9
    opener.join()
    assert asked.most == 3


def test_the_input_is_read_as_it_is_needed(asked: Asked, journal: Path) -> None:
    """An input without an end is read a window ahead, never to its end."""
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"hi {read}"

    given = asked.runner(journal, max_in_flight=4).run(endless())
    for _ in range(50):
        next(given)
    given.close()  # type: ignore[attr-defined]
    assert read <= 50 + 8 * 4 + 32 + 1


def test_memory_does_not_grow_with_the_run(asked: Asked, journal: Path) -> None:
    """6 MB of requests and as much of answers pass through less than 4."""
    rows = (f"{n} {'x' * 20_000}" for n in range(300))
    tracemalloc.start()
    assert sum(1 for _ in asked.runner(journal, max_in_flight=1).run(rows)) == 300
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000


def test_32_threads(asked: Asked, journal: Path) -> None:
    """Many threads, many items: each has its own answer, once."""
    words = [f"hi {number}" for number in range(600)]
    found = list(asked.runner(journal, max_in_flight=32).run(words))
    assert len({each.custom_id for each in found}) == len(found) == 600
    assert all(each.text == words[each.position].upper() for each in found)
    assert asked.count == 600


def test_progress_is_told(asked: Asked, journal: Path) -> None:
    """The last word has all of it."""
    told: list[Progress] = []
    list(asked.runner(journal, on_progress=told.append).run(WORDS))
    assert (told[-1].done, told[-1].total, told[-1].failed) == (40, 40, 0)


def test_a_rate_holds_for_the_attempts(asked: Asked, journal: Path) -> None:
    """``rate_limit`` is a limiter in front of each attempt."""
    clock = FakeClock()
    client = asked.client(_clock=clock)
    options = {"client": client, "_clock": clock, "max_in_flight": 1}
    list(asked.runner(journal, rate_limit="2/s", **options).run(WORDS[:5]))
    assert sum(clock.slept) == pytest.approx(2.0)


# -- kinds -----------------------------------------------------------------------------


def test_kinds_are_told_by_their_members(journal: Path) -> None:
    """Messages, chat of a provider and runs of workflows, mixed."""
    rows: list[Any] = [
        {"custom_id": "m", "model": "claude-sonnet-4-5", "max_tokens": 50},
        {"custom_id": "c", "model": "openai/gpt-4o", "temperature": 0},
        {"custom_id": "w", "workflow_id": "wf_1", "input": {"a": 1}},
    ]
    for row in rows[:2]:
        row["messages"] = [{"role": "user", "content": "Hello"}]
    with Sandbox() as box:
        urls = {**box.base_urls, "openai": box.chat_urls["openai"]}
        with Client(api_keys=box.api_keys, base_urls=urls) as client:
            runner = BatchRunner(client, journal=journal)
            found = {each.custom_id: each for each in runner.run(rows)}
    assert all(each.success for each in found.values()), found
    assert "Hello" in found["m"].text and found["c"].result["usage"]
    assert found["w"].result["success"] is True


def test_a_client_of_one_model(journal: Path) -> None:
    """An ``AiClient`` is asked by chat; requests need not name its model."""
    with Sandbox() as box:
        client = AiClient.create(
            "openai/gpt-4o",
            api_key=box.chat_keys["openai"],
            base_url=box.chat_urls["openai"],
        )
        (found,) = BatchRunner(client, journal=journal).run(["Hello"])
    assert "Hello" in found.text
    assert found.result["model"].startswith("gpt-4o")


@pytest.mark.parametrize("now", ["completed", "failed"])
def test_a_run_of_a_workflow_is_not_begun_twice(now: str, journal: Path) -> None:
    """Where an earlier driver died after its call, the server says what became of that
    run; it is waited for, and no other is begun."""
    runs = Runs("today")
    with serving(*script(runs)) as server:
        client = client_of(server.url, _clock=FakeClock())
        runner = BatchRunner(client, journal=journal)
        runner.add([{"workflow_id": "wf_1", "input": {"a": 1}}])
        with contextlib.closing(sqlite3.connect(journal)) as db:
            ((key,),) = db.execute("SELECT key FROM items").fetchall()
        client.execute_workflow("wf_1", {"a": 1}, run_id=key)
        runs.known[key], runs.left = now, 2
        (found,) = runner.run()
    assert runs.began == 1
    assert found.success is (now == "completed")
    if found.success:
        assert found.result["output"] == {"n": 1}
    else:
        assert found.error is not None and "block broke" in found.error["message"]
