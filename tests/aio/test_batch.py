"""``AsyncBatchRunner``: the same journals and rules, the calls in tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client
from specwire.aio import (
    AsyncAiClient,
    AsyncBatchCollector,
    AsyncBatchExecutor,
    AsyncBatchRunner,
    AsyncClient,
)
from specwire.batch import BatchRunner, InputChangedError, JournalBusyError, Progress
from specwire.errors import AuthenticationError
from specwire.sandbox import Sandbox
from tests.batch.asked import DEFAULTS, Asked


def client_of(asked: Asked, **options: Any) -> AsyncClient:
    options = {"max_retries": 0, "base_urls": {"anthropic": asked.url}, **options}
    return AsyncClient(api_keys={"anthropic": "k"}, **options)


def runner_of(client: Any, path: Path, **options: Any) -> AsyncBatchRunner:
    options = {"defaults": DEFAULTS, "max_in_flight": 8, **options}
    return AsyncBatchRunner(client, journal=path / "run.db", **options)


def test_results_come_as_they_are_written_down(tmp_path: Path) -> None:
    """``async for`` gives one for each request, those that failed too."""
    words = [f"item {n}" for n in range(30)] + ["fail once x", "bad y"]

    async def main(asked: Asked) -> None:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            results = [each async for each in runner.run(words)]
            assert len(results) == 32
            assert [r.error["status_code"] for r in results if not r.success] == [400]
            status = await runner.status()
            assert (status.succeeded, status.failed) == (31, 1)
            assert asked.most <= 8

    with Asked() as asked:
        asyncio.run(main(asked))


def test_requests_may_come_in_tasks(tmp_path: Path) -> None:
    """The input may be an async generator, which is read as it is needed."""

    async def requests() -> AsyncIterator[str]:
        for n in range(20):
            await asyncio.sleep(0)
            yield f"item {n}"

    async def main(asked: Asked) -> int:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            status = await runner.execute(requests())
            with pytest.raises(InputChangedError):
                await runner.execute(["other"])
            return status.succeeded

    with Asked() as asked:
        assert asyncio.run(main(asked)) == 20


def test_either_runner_goes_on_with_the_others_journal(tmp_path: Path) -> None:
    """What one has done the other does not send again, and gives as recorded."""
    words = [f"item {n}" for n in range(6)]

    async def main(asked: Asked, client: Client) -> None:
        mine = client_of(asked)
        runner = runner_of(mine, tmp_path)
        async for _ in runner.run(words[:3]):
            pass
        before = asked.runner(tmp_path / "run.db", client=client)
        assert before.status().succeeded == 3
        assert sum(each.recorded for each in before.run(words[:5])) == 3
        after = [each async for each in runner.run(words)]
        assert sum(each.recorded for each in after) == 5
        assert [each.custom_id async for each in runner.results()] == [
            each.custom_id for each in before.results()
        ]
        await mine.aclose()

    with Asked() as asked, asked.client() as client:
        asyncio.run(main(asked, client))
        assert asked.count == 6


@pytest.mark.parametrize("inside", [True, False])
def test_a_cancelled_run_loses_nothing(tmp_path: Path, inside: bool) -> None:
    """Cancelled in the run or in the loop's body, the next run sends what is left,
    and what was under way with its first key."""
    words = [f"item {n}" for n in range(5)] + ["wait here"]

    async def cancelled(asked: Asked) -> None:
        client = client_of(asked)
        runner = runner_of(client, tmp_path)

        async def use() -> None:
            async for _ in runner.run(words):
                if not inside:
                    await asyncio.sleep(60)

        task = asyncio.create_task(use())
        await asyncio.to_thread(asked.waiting.acquire)
        while (await runner.status()).succeeded < 5:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        asked.let_go.set()
        await _free(runner)
        await client.aclose()

    async def again(asked: Asked) -> list[Any]:
        async with client_of(asked) as client:
            return [each async for each in runner_of(client, tmp_path).run(words)]

    with Asked() as asked:
        asyncio.run(cancelled(asked))
        results = asyncio.run(again(asked))
    assert [each.success for each in results] == [True] * 6
    assert all(len(set(keys)) == 1 for keys in asked.keys.values())
    assert asked.count <= 7


async def _free(runner: AsyncBatchRunner) -> None:
    """Until the journal is nobody's."""
    for _ in range(500):
        try:
            await runner.add([])
        except JournalBusyError:
            await asyncio.sleep(0.01)
        else:
            return
    raise AssertionError("the journal is still held")


def test_leaving_the_loop_keeps_what_was_under_way(tmp_path: Path) -> None:
    """``break`` lets the calls that were made end, by the way."""

    async def main(asked: Asked) -> tuple[int, int]:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            async for _ in runner.run(f"item {n}" for n in range(1_000)):
                break
            await _free(runner)
            return (await runner.status()).succeeded, asked.count

    with Asked() as asked:
        done, sent = asyncio.run(main(asked), debug=True)
    assert 1 <= done == sent < 1_000


def test_a_program_that_ends_after_the_loop_loses_nothing(tmp_path: Path) -> None:
    """The event loop is gone before the calls have ended; they are sent again."""
    words = [f"item {n}" for n in range(40)]

    async def left(asked: Asked) -> None:
        runner = runner_of(client_of(asked), tmp_path)
        async for _ in runner.run(words):
            return

    async def again(asked: Asked) -> int:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            return len([each async for each in runner.run(words)])

    with Asked() as asked:
        asyncio.run(left(asked))
        assert asyncio.run(again(asked)) == 40
        assert all(len(set(keys)) == 1 for keys in asked.keys.values())


def test_progress_may_be_told_to_a_coroutine_function(tmp_path: Path) -> None:
    """It is awaited, and told the end at last."""
    told: list[Progress] = []

    async def on_progress(progress: Progress) -> None:
        await asyncio.sleep(0)
        told.append(progress)

    async def main(asked: Asked) -> None:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path, on_progress=on_progress)
            await runner.execute([f"item {n}" for n in range(9)])

    with Asked() as asked:
        asyncio.run(main(asked))
    assert (told[-1].done, told[-1].total) == (9, 9)


def test_a_run_without_a_client_makes_one_of_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits in the loop, and is closed with the run."""

    async def main(asked: Asked) -> int:
        runner = runner_of(asked.settings(), tmp_path)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        status = await runner.execute([f"item {n}" for n in range(9)])
        ticking.cancel()
        assert status.succeeded == 9
        return ticks

    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    with Asked() as asked:
        assert asyncio.run(main(asked)) > 9


def test_what_all_items_would_meet_ends_the_run(tmp_path: Path) -> None:
    """A wrong key is raised; the items wait for the next run."""

    async def main(asked: Asked) -> None:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            with pytest.raises(AuthenticationError):
                await runner.execute(["a", "b"])
            asked.status = None
            assert (await runner.execute()).succeeded == 2

    with Asked() as asked:
        asked.status = 401
        asyncio.run(main(asked))


def test_stop_lets_the_calls_under_way_end(tmp_path: Path) -> None:
    """From the loop's body, or a signal handler; the rest is for the next run."""

    async def main(asked: Asked) -> tuple[int, int]:
        async with client_of(asked) as client:
            runner = runner_of(client, tmp_path)
            async for _ in runner.run(f"item {n}" for n in range(1_000)):
                runner.stop()
            return (await runner.status()).succeeded, asked.count

    with Asked() as asked:
        done, sent = asyncio.run(main(asked))
    assert 1 <= done == sent < 1_000


def test_a_synchronous_client_is_refused(tmp_path: Path) -> None:
    """It would block the event loop; the error names the class to take."""
    with Asked() as asked, asked.client() as client:
        with pytest.raises(TypeError, match="AsyncClient"):
            runner_of(client, tmp_path)


def test_batches_of_the_provider(tmp_path: Path) -> None:
    """They are sent, waited for and collected in the loop."""
    named: list[int] = []

    async def on_batch(_: str, items: int) -> None:
        await asyncio.sleep(0)
        named.append(items)

    async def main(box: Sandbox) -> list[bool]:
        async with AsyncClient(
            api_keys=box.api_keys, base_urls=box.base_urls
        ) as client:
            runner = runner_of(client, tmp_path, via="batches", on_batch=on_batch)
            return [each.success async for each in runner.run(["a", "b", "c"])]

    with Sandbox() as box:
        assert asyncio.run(main(box)) == [True] * 3
    assert named == [3]


def test_a_chat_client_runs_its_model(tmp_path: Path) -> None:
    """Of an ``AsyncAiClient`` all items are chat with its model."""

    async def main(box: Sandbox) -> list[Any]:
        how = {"api_key": box.chat_keys["groq"], "base_url": box.chat_urls["groq"]}
        async with AsyncAiClient("groq/llama-3.1-8b-instant", **how) as client:
            runner = AsyncBatchRunner(client, journal=tmp_path / "run.db")
            return [each async for each in runner.run(["a", "b", "c"])]

    with Sandbox() as box:
        results = asyncio.run(main(box))
    assert [each.success for each in results] == [True] * 3
    assert all(each.result["provider"] == "groq" for each in results)


def test_a_few_requests_of_chat_at_once() -> None:
    """An executor without an operation sends them."""

    async def main(box: Sandbox) -> Any:
        how = {"api_key": box.chat_keys["groq"], "base_url": box.chat_urls["groq"]}
        async with AsyncAiClient("groq/llama-3.1-8b-instant", **how) as client:
            asks = [client.chat().user(word) for word in ("red", "green")]
            return await AsyncBatchExecutor(concurrency=2).execute(asks)

    with Sandbox() as box:
        outcome = asyncio.run(main(box))
    assert outcome.all_successful, outcome.errors
    assert all(each.content for each in outcome.results)


def test_a_few_calls_at_once() -> None:
    """Functions of the executor may be ``async def``; a collector gathers for it."""

    async def shout(word: str) -> str:
        await asyncio.sleep(0)
        return word.upper()

    async def main() -> None:
        executor = AsyncBatchExecutor(shout, concurrency=2)
        assert (await executor.execute(["a", "b"])).results == ["A", "B"]
        collector = AsyncBatchCollector(executor=executor)
        asked = [collector.add(word) for word in ("c", "d")]
        assert await asyncio.gather(*asked) == ["C", "D"]

    asyncio.run(main())


def test_the_runner_of_either_side_shows_the_same(tmp_path: Path) -> None:
    """A face is shown as what it stands for."""
    runner = AsyncBatchRunner(journal=tmp_path / "run.db")
    assert repr(runner) == repr(BatchRunner(journal=tmp_path / "run.db"))
