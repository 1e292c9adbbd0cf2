"""Work beside other work, in tasks: crews, queues, turns, and what runs on them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty
from types import SimpleNamespace
from typing import Any

import pytest

from specwire import Client
from specwire.aio.bridge import bridged, spawn, wait
from specwire.aio.cancelling import AsyncCancelToken
from specwire.batch.collector import BatchCollector, BatchConfig, BatchExecutor
from specwire.core.cancelling import CancelToken
from specwire.core.clock import Bell, Clock
from specwire.core.crew import here
from specwire.core.errors import CancelledError
from specwire.core.turns import Turns
from specwire.embeddings.running import all_of
from specwire.resilience import RateLimiter
from specwire.telemetry import HealthChecker
from specwire.tools import tool
from specwire.tools.running import by_name, run_all

NAME: contextvars.ContextVar[str] = contextvars.ContextVar("NAME", default="none")


def in_task(work: Callable[[], Any]) -> Any:
    """What ``work`` gives, run in a task; nothing of it may stay behind."""

    async def main() -> Any:
        found = await asyncio.wait_for(spawn(work), 20)
        for _ in range(10):  # what was cancelled hears so in the loop's next rounds
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    return asyncio.run(main(), debug=True)


def switch() -> None:
    """Let the other tasks go on."""
    wait(asyncio.sleep(0))


# -- crews -------------------------------------------------------------------------


def test_work_is_done_in_tasks_of_one_thread() -> None:
    """Pieces wait side by side, each in a bridge; results come in their order."""
    gate = Bell()
    threads: set[int] = set()

    def work(number: int) -> int:
        assert bridged()
        threads.add(threading.get_ident())
        if number == 2:
            gate.set()
        assert here().until(gate, 10)
        return number

    def main() -> list[int]:
        with here().crew(3, "test") as crew:
            return here().all([crew.submit(work, n) for n in range(3)])

    assert in_task(main) == [0, 1, 2]
    assert threads == {threading.get_ident()}


def test_no_more_than_its_size_work_at_a_time() -> None:
    """The others wait for a place."""
    now, most = [0], [0]

    def work() -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        switch()
        now[0] -= 1

    def main() -> None:
        with here().crew(4, "test") as crew:
            here().all([crew.submit(work) for _ in range(50)])

    in_task(main)
    assert most == [4]


def test_a_failure_cancels_the_rest() -> None:
    """What runs hears it at its wait; what has not begun never does."""
    heard: list[int] = []

    def work(number: int) -> None:
        if number == 0:
            raise KeyError(number)
        try:
            here().until(Bell())
        except asyncio.CancelledError:
            heard.append(number)
            raise

    def main() -> None:
        with pytest.raises(KeyError), here().crew(3, "test") as crew:
            here().all([crew.submit(work, n) for n in range(6)])

    in_task(main)
    assert sorted(heard)[:2] == [1, 2]
    assert set(heard) <= {1, 2, 3}


def test_cancelling_the_task_cancels_its_crew() -> None:
    """Nothing of it is left in the loop."""
    begun = Bell()

    def work() -> None:
        begun.set()
        here().until(Bell())

    def main() -> None:
        with here().crew(3, "test") as crew:
            here().all([crew.submit(work) for _ in range(3)])

    async def run() -> None:
        task = asyncio.create_task(spawn(main))
        await spawn(lambda: here().until(begun, 10))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run(), debug=True)


def test_work_has_the_context_it_was_submitted_in() -> None:
    """A context variable of the caller's is the work's too."""

    def main() -> list[str]:
        token = NAME.set("caller")
        with here().crew(1, "test") as crew:
            future = crew.submit(NAME.get)
            NAME.reset(token)
            return here().all([future])

    assert in_task(main) == ["caller"]


def test_another_thread_may_submit() -> None:
    """The work runs in the loop all the same."""

    def main() -> bool:
        with here().crew(2, "test") as crew:
            future: Future[bool] = here().apart(crew.submit, bridged)
            return here().all([future])[0]

    assert in_task(main) is True


def test_what_is_put_by_a_thread_wakes_who_waits() -> None:
    """A queue keeps the order, and is empty after its time-out."""

    def main() -> list[Any]:
        queue = here().queue()
        threading.Thread(target=lambda: [queue.put(n) for n in range(3)]).start()
        found = [queue.get(timeout=10) for _ in range(3)]
        with pytest.raises(Empty):
            queue.get(timeout=0.01)
        with pytest.raises(Empty):
            queue.get_nowait()
        return found

    assert in_task(main) == [0, 1, 2]


def test_what_may_block_runs_in_a_thread() -> None:
    """The loop goes on meanwhile, and the context comes along."""
    released = threading.Event()

    def block() -> tuple[bool, str]:
        assert threading.current_thread() is not threading.main_thread()
        return released.wait(10), NAME.get()

    def main() -> Any:
        NAME.set("caller")
        with here().crew(1, "test") as crew:
            crew.submit(released.set)
            return here().apart(block)

    assert in_task(main) == (True, "caller")


def test_turns_are_taken_by_tasks() -> None:
    """Fifty tasks of one thread exclude each other where a lock would not, or hang."""
    turns, inside = Turns(), [0]

    def work() -> None:
        with turns.turn(10) as mine:
            assert mine
            inside[0] += 1
            switch()
            assert inside == [1]
            inside[0] = 0

    def main() -> bool:
        with here().crew(50, "test") as crew:
            here().all([crew.submit(work) for _ in range(50)])
        with turns.turn(1), turns.turn(0.01) as second:
            return second

    assert in_task(main) is False


def test_the_machines_clock_waits_in_the_loop() -> None:
    """A limiter that waits by itself holds up no other task."""
    limiter = RateLimiter(requests_per_second=50, burst_size=1)
    order: list[str] = []

    def main() -> None:
        limiter.acquire()
        with here().crew(2, "test") as crew:
            first = crew.submit(lambda: (limiter.acquire(), order.append("waited")))
            here().all([first, crew.submit(order.append, "did not")])

    in_task(main)
    assert order == ["did not", "waited"]


# -- who has a crew ----------------------------------------------------------------


def called(name: str, **input: Any) -> Any:
    return SimpleNamespace(id=f"id-{name}-{input}", name=name, input=input)


def test_async_tools_run_side_by_side() -> None:
    """Each waits for the other: one after the other they would never end."""
    gates = [asyncio.Event(), asyncio.Event()]

    @tool
    async def meet(n: int) -> str:
        gates[n].set()
        await gates[1 - n].wait()
        return f"met {n}"

    def main() -> Any:
        calls = [called("meet", n=0), called("meet", n=1)]
        return [r["content"] for r in run_all(calls, by_name([meet]), 8)]

    assert in_task(main) == ["met 0", "met 1"]


def test_plain_tools_run_in_threads() -> None:
    """They may block, so the loop is not theirs; they meet at a barrier."""
    both = threading.Barrier(2)

    @tool
    def meet(n: int) -> str:
        both.wait(10)
        return f"met {n}, bridged {bridged()}"

    def main() -> Any:
        calls = [called("meet", n=0), called("meet", n=1)]
        return [r["content"] for r in run_all(calls, by_name([meet]), 8)]

    assert in_task(main) == ["met 0, bridged False", "met 1, bridged False"]


def test_an_async_tools_error_is_the_models() -> None:
    """It becomes a result with ``is_error``, as a plain one's does."""

    @tool
    async def fails() -> str:
        await asyncio.sleep(0)
        raise ValueError("no luck")

    (result,) = in_task(lambda: run_all([called("fails")], by_name([fails]), 8))
    assert result["is_error"]
    assert result["content"] == "ValueError: no luck"


def test_an_async_tool_needs_an_async_client() -> None:
    """A synchronous runner refuses it before any tool has run."""
    ran: list[int] = []

    @tool
    def plain() -> None:
        ran.append(1)

    @tool
    async def waits() -> None: ...

    with pytest.raises(TypeError, match=r"'waits'.*async"):
        run_all([called("plain"), called("waits")], by_name([plain, waits]), 8)
    assert ran == []


def test_the_first_failed_batch_ends_the_others() -> None:
    """Batches of inputs are asked for side by side, and given up together."""
    ended: list[int] = []

    def embed(number: int, token: CancelToken | None) -> None:
        assert token is not None
        if number == 0:
            switch()
            raise KeyError(number)
        bell = Bell()
        token.on_cancel(lambda _: bell.set())
        try:
            here().until(bell, 10)
            token.raise_if_cancelled("embed")
        except (CancelledError, asyncio.CancelledError):
            ended.append(number)
            raise

    def main() -> None:
        with pytest.raises(KeyError):
            all_of([0, 1, 2], embed, threads=3, token=None)

    in_task(main)
    assert sorted(ended) == [1, 2]


def test_an_executor_awaits_its_operation() -> None:
    """``BatchExecutor`` takes an ``async def``; results keep the order of the items."""

    async def double(n: int) -> int:
        await asyncio.sleep(0)
        return n * 2

    done: list[tuple[int, int]] = []

    def main() -> Any:
        return BatchExecutor(double, concurrency=2).execute(
            range(5), lambda *told: done.append(told)
        )

    assert in_task(main).results == [0, 2, 4, 6, 8]
    assert done[-1] == (5, 5)


def test_a_users_function_is_given_faces() -> None:
    """What has an async face comes as it, for what it does must be awaited."""
    client = Client(api_keys={"anthropic": "k"})

    async def kind(item: Any) -> str:
        return type(item).__name__

    outcome = in_task(lambda: BatchExecutor(kind).execute([client, "a"]))
    assert outcome.results == ["AsyncClient", "str"]


def test_an_executor_gives_up_what_is_late() -> None:
    """After the time-out nothing of it goes on in the loop."""

    async def stuck(n: int) -> int:
        await asyncio.sleep(60 * n)
        return n

    outcome = in_task(lambda: BatchExecutor(stuck, timeout=0.05).execute([0, 1]))
    assert outcome.results == [0, None]
    assert "not done after" in str(outcome.errors[1])


def test_a_collector_gives_each_task_its_own_result() -> None:
    """Tasks that add wait together; the last of the batch runs it for all."""
    batches: list[list[str]] = []

    async def run(items: list[str]) -> list[str]:
        batches.append(items)
        await asyncio.sleep(0)
        return [item.upper() for item in items]

    collector = BatchCollector(BatchConfig(max_batch_size=3, max_wait_ms=20), run)

    def main() -> Any:
        with here().crew(4, "test") as crew:
            return here().all([crew.submit(collector.add, each) for each in "abcd"])

    assert in_task(main) == ["A", "B", "C", "D"]
    assert batches == [["a", "b", "c"], ["d"]]


def test_health_checks_may_be_async() -> None:
    """Plain and async checks run beside each other."""
    checker = HealthChecker()
    gate = threading.Event()

    async def waits() -> bool:
        gate.set()
        return True

    checker.register("plain", lambda: gate.wait(10))
    checker.register("async", waits)
    found = in_task(checker.check_all)
    assert [each.status for each in found.checks] == ["healthy", "healthy"]


def test_a_token_that_is_cancelled_ends_the_wait_for_it() -> None:
    """``CancelToken.wait`` holds up no other task."""

    def main() -> Any:
        token = CancelToken()
        with here().crew(2, "test") as crew:
            found = crew.submit(token.wait)
            crew.submit(token.cancel)
            return here().all([found])[0]

    assert in_task(main) == "user_request"


def test_a_pause_of_the_clock_ends_with_its_event() -> None:
    """``Clock.sleep`` says that the event was set meanwhile."""

    def main() -> bool:
        bell = Bell()
        here().begin(bell.set, "test")
        return Clock().sleep(10, bell)

    assert in_task(main) is True


def test_what_is_told_of_a_cancellation_may_wait_and_fail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An ``async def`` that fails is logged, as a function is, and ends nothing."""

    async def main() -> list[str]:
        heard: list[str] = []
        done = asyncio.Event()

        async def fails(reason: str) -> None:
            heard.append(reason)
            raise KeyError(reason)

        async def waits(reason: str) -> None:
            await asyncio.sleep(0)
            heard.append(reason)
            done.set()

        token = AsyncCancelToken().on_cancel(fails).on_cancel(waits)
        await asyncio.to_thread(token.cancel)
        await asyncio.wait_for(done.wait(), 10)
        return heard

    assert asyncio.run(main()) == ["user_request"] * 2
    assert [each.getMessage() for each in caplog.records] == [
        "what was begun has failed: KeyError"
    ]


def test_work_for_a_loop_that_is_no_more_is_cancelled() -> None:
    """Who waits for it in a thread does not do so for ever."""

    async def side() -> Any:
        return await spawn(here)

    gone = asyncio.run(side())
    with pytest.raises(concurrent.futures.CancelledError):
        gone.crew(1, "test").submit(print).result(timeout=10)
    assert not gone.begin(print, "test").is_alive()
