"""``BatchCollector`` and ``BatchExecutor``, in both spellings of ai-lib-python."""

from __future__ import annotations

import threading

import pytest

from specwire.batch import BatchCollector, BatchExecutor
from specwire.chat import AiClient
from specwire.compat.ai_lib import batch as theirs
from specwire.errors import APITimeoutError, CancelledError
from specwire.sandbox import Sandbox


def test_the_documented_spelling() -> None:
    """Requests of chat are added without waiting, and executed together."""
    with Sandbox() as box:
        client = AiClient.create(
            "openai/gpt-4o",
            api_key=box.chat_keys["openai"],
            base_url=box.chat_urls["openai"],
        )
        collector = theirs.BatchCollector()
        for number in range(4):
            assert collector.add(client.chat().user(f"hi {number}")) is None
        results = theirs.BatchExecutor(concurrency=2, timeout=30).execute(collector)
    assert [f"hi {n}" in each.content for n, each in enumerate(results)] == [True] * 4
    assert len(collector) == 0


def test_the_spelling_of_its_code() -> None:
    """An operation and a list: results in the order of the items, errors beside."""

    def half(number: int) -> float:
        return 1 / number

    told: list[tuple[int, int]] = []
    given = theirs.BatchExecutor(half, max_concurrent=2)
    outcome = given.execute_with_progress([1, 0, 2], lambda *one: told.append(one))
    assert outcome.results == [1.0, None, 0.5]
    assert (outcome.successful_count, outcome.failed_count) == (2, 1)
    assert outcome.get_successful_results() == [1.0, 0.5]
    ((where, error),) = outcome.get_errors()
    assert where == 1 and isinstance(error, ZeroDivisionError)
    assert told[-1] == (3, 3)


def test_the_first_error_may_end_it() -> None:
    """With ``fail_fast`` it is raised."""
    with pytest.raises(ZeroDivisionError):
        BatchExecutor(lambda n: 1 / n, fail_fast=True).execute([0, 1])


def test_no_more_than_so_many_at_once() -> None:
    """``concurrency`` bounds the calls under way."""
    now, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def call(_: int) -> None:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        both.wait()
        with lock:
            now -= 1

    assert BatchExecutor(call, concurrency=2).execute(range(6)).all_successful
    assert most == 2


def test_what_has_not_ended_in_time_is_a_time_out() -> None:
    """The others keep their results."""
    never = threading.Event()
    wait = {0: lambda: "done", 1: lambda: never.wait(20)}
    executor = BatchExecutor(lambda n: wait[n](), timeout=0.05)
    outcome = executor.execute([0, 1])
    never.set()
    assert outcome.results == ["done", None]
    assert isinstance(outcome.errors[1], APITimeoutError)


def test_a_collector_with_an_executor_runs_them_together() -> None:
    """Each ``add`` waits for its own result; one call has them all."""
    calls: list[list[int]] = []

    def together(numbers: list[int]) -> list[int]:
        calls.append(numbers)
        return [10 * number for number in numbers]

    config = theirs.BatchConfig(max_batch_size=3, max_wait_ms=20_000)
    collector = BatchCollector(config, together)
    found: dict[int, int] = {}

    def add(number: int) -> None:
        found[number] = collector.add(number)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: 0, 1: 10, 2: 20}
    assert len(calls) == 1


def test_a_stopped_collector_gives_up_what_waits() -> None:
    """Who waits for a result is told."""
    collector = BatchCollector(theirs.BatchConfig(10, 20_000), lambda items: items)
    told: list[BaseException] = []

    def add() -> None:
        try:
            collector.add(1)
        except CancelledError as error:
            told.append(error)

    thread = threading.Thread(target=add)
    thread.start()
    while not len(collector):
        pass
    collector.stop()
    thread.join()
    assert len(told) == 1
