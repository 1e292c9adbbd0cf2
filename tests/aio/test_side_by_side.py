"""Clients in tasks that have work done side by side, over real connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from specwire import AiClient, Hook
from specwire.aio.base import adopt
from specwire.aio.bridge import spawn
from specwire.aio.twin import Iteration
from specwire.batch import BatchRunner
from specwire.core.client import BaseClient
from specwire.core.clock import Bell
from specwire.core.crew import here
from specwire.core.wire import Call
from specwire.embeddings import EmbeddingClient
from specwire.errors import APITimeoutError, AuthenticationError
from specwire.mcp import MCPClient
from specwire.sandbox import Sandbox
from specwire.tools.running import by_name, run_all
from tests.batch.asked import DEFAULTS, Asked
from tests.chat.answers import anthropic, refused
from tests.core.test_tokens import SECRET, Shop, sent, token
from tests.mcp.servers import FACTS, odd, result, text
from tests.scripted import reply, serving


def in_task(work: Callable[[], Any], *clients: BaseClient) -> Any:
    """What ``work`` gives in a task; ``clients`` are closed, and nothing stays."""

    async def main() -> Any:
        for client in clients:
            adopt(client)
        try:
            return await asyncio.wait_for(spawn(work), 30)
        finally:
            for client in clients:
                await _closed(client)
            for _ in range(10):  # what was cancelled hears so in the loop's next rounds
                await asyncio.sleep(0)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert left == set()

    return asyncio.run(main())


async def _closed(client: BaseClient) -> None:
    await spawn(client.close)
    session: Any = client._engine._session
    if hasattr(session, "aclose"):
        await session.aclose()


def test_one_of_fifty_tasks_fetches_the_token() -> None:
    """The others wait for it in the loop, and all are answered."""
    with serving(token(), *[reply(200, [])] * 50) as server:
        base = {"shop": f"{server.url}/v1"}
        client = Shop(base_urls=base, client_id="me", client_secret=SECRET)

        def main() -> None:
            with here().crew(50, "test") as crew:
                here().all([crew.submit(client.list) for _ in range(50)])

        in_task(main, client)
    targets = [each.target for each in server.received]
    assert targets.count("/token") == 1
    assert targets.count("/v1/things") == 50
    assert sent(server)[1] == "/v1/things Bearer tok-1"


def test_a_task_waits_for_a_token_no_longer_than_it_may() -> None:
    """Another one's fetch goes on; the call that waits ends in its own time."""
    asked, let_go = Bell(), Bell()

    def slow(connection: Any, _: Any) -> None:
        asked.set()
        let_go.wait(10)
        connection.sendall(token())

    with serving(slow, reply(200, [])) as server:
        base = {"shop": f"{server.url}/v1"}
        client = Shop(base_urls=base, client_id="me", client_secret=SECRET)

        def main() -> Any:
            with here().crew(2, "test") as crew:
                first = crew.submit(client.list)
                assert here().until(asked, 10)
                with pytest.raises(APITimeoutError, match="another one fetches"):
                    client.list(timeout=0.05)
                let_go.set()
                return here().all([first])

        assert in_task(main, client) == [[]]


def test_a_cancelled_task_leaves_the_token_to_the_next() -> None:
    """Who fetched gives its turn back; one of those that waited fetches."""
    asked = Bell()

    def silent(connection: Any, _: Any) -> None:
        asked.set()
        connection.recv(1)  # until the client hangs up

    async def main(client: Shop) -> Any:
        adopt(client)
        first = asyncio.create_task(spawn(client.list))
        await spawn(lambda: here().until(asked, 10))
        second = asyncio.create_task(spawn(client.list))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        try:
            return await asyncio.wait_for(second, 10)
        finally:
            await _closed(client)

    with serving(silent, token(), reply(200, [])) as server:
        base = {"shop": f"{server.url}/v1"}
        client = Shop(base_urls=base, client_id="me", client_secret=SECRET)
        assert asyncio.run(main(client)) == []


def test_candidates_are_asked_for_in_tasks() -> None:
    """From a provider that gives one at a time; the server has all calls at once."""
    arrived, all_there = [0], Bell()

    def together(connection: Any, _: Any) -> None:
        arrived[0] += 1
        if arrived[0] == 3:
            all_there.set()
        all_there.wait(10)
        connection.sendall(anthropic("Hi"))

    with serving(*[together] * 3) as server:
        client = AiClient.create("anthropic/m", api_key="k", base_url=server.url)
        response = in_task(client.chat().user("Hi").n(3).execute, client)
    assert [c.content for c in response.candidates] == ["Hi"] * 3


def test_a_candidate_that_fails_ends_the_others() -> None:
    """The call fails as the first of them, while another has no answer yet."""
    ended = Bell()

    def silent(connection: Any, _: Any) -> None:
        connection.settimeout(10)
        assert connection.recv(1) == b""  # the client has hung up
        ended.set()

    def failing(connection: Any, _: Any) -> None:
        connection.sendall(refused(401))

    with serving(silent, failing) as server:
        client = AiClient.create("anthropic/m", api_key="k", base_url=server.url)

        def main() -> None:
            with pytest.raises(AuthenticationError):
                client.chat().user("Hi").n(2).execute()

        in_task(main, client)
        assert ended.wait(10)


def test_batches_of_inputs_keep_their_order() -> None:
    """Several requests are under way at a time, in tasks."""
    texts = [f"text {n}" for n in range(50)]
    with Sandbox() as box:
        place = {"api_key": box.chat_keys["qwen"], "base_url": box.chat_urls["qwen"]}
        client = EmbeddingClient("qwen/text-embedding-v4", concurrency=4, **place)
        alone = EmbeddingClient("qwen/text-embedding-v4", **place)
        with alone:
            expected = alone.embed_batch(texts)
        found = in_task(lambda: client.embed_batch(texts), client._client)
    assert found.requests == 5
    assert [list(v) for v in found.vectors] == [list(v) for v in expected.vectors]


# -- runs --------------------------------------------------------------------------


def runner(asked: Asked, path: Path, client: Any, **options: Any) -> BatchRunner:
    return BatchRunner(
        client, journal=path, defaults=DEFAULTS, max_in_flight=8, **options
    )


def test_a_run_in_a_task(tmp_path: Path) -> None:
    """Every item has its result once it is in the journal; calls are made in tasks."""
    words = [f"item {n}" for n in range(40)] + ["fail once x", "bad y"]
    with Asked() as asked:
        client = asked.client()
        run = runner(asked, tmp_path / "run.db", client)
        results = in_task(lambda: list(run.run(words)), client)
    assert len(results) == 42
    assert sum(each.success for each in results) == 41
    assert {key: len(each) for key, each in asked.keys.items()}["fail once x"] == 2
    assert run.status().failed == 1


class Where(Hook):
    """Notes by what transport calls are made."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def before_attempt(self, call: Call) -> None:
        self.seen.add(type(call.engine._connect()).__name__)


def test_a_run_of_settings_makes_a_client_for_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a task the client of a run's own is an async one."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    where = Where()
    with Asked() as asked:
        settings = asked.settings(hooks=(where,))
        run = runner(asked, tmp_path / "run.db", settings)
        results = in_task(lambda: list(run.run(["a", "b"])))
    assert [each.success for each in results] == [True, True]
    assert where.seen == {"AsyncSession"}


def test_the_results_of_a_run_are_iterated_over(tmp_path: Path) -> None:
    """Each comes as it is durable; leaving the loop lets the calls under way end."""

    async def main(asked: Asked) -> int:
        client = adopt(asked.client())
        run = runner(asked, tmp_path / "run.db", client)
        results = Iteration(run.run(f"item {n}" for n in range(1_000)))
        async for each in results:
            assert each.success
            break
        await results.aclose()
        await _closed(client)
        return run.status().succeeded

    with Asked() as asked:
        done = asyncio.run(main(asked))
        assert 1 <= done == asked.count < 1_000


def test_a_run_goes_on_where_a_cancelled_task_left_it(tmp_path: Path) -> None:
    """Calls that were under way are sent again with their keys, the others once."""
    words = [f"item {n}" for n in range(5)] + ["wait here"]
    path = tmp_path / "run.db"

    async def cancelled(asked: Asked) -> None:
        client = adopt(asked.client())
        run = runner(asked, path, client)
        task = asyncio.create_task(spawn(lambda: list(run.run(words))))
        await asyncio.to_thread(asked.waiting.acquire)
        while run.status().succeeded < 5:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _closed(client)

    with Asked() as asked:
        asyncio.run(cancelled(asked))
        asked.let_go.set()
        client = asked.client()
        run = runner(asked, path, client)
        results = in_task(lambda: list(run.run(words)), client)
    assert [each.success for each in results] == [True] * 6
    assert sum(each.recorded for each in results) == 5
    assert len(asked.keys["wait here"]) == 2
    assert len(set(asked.keys["wait here"])) == 1


def test_threads_of_the_callers_are_refused_in_a_task(tmp_path: Path) -> None:
    """The calls of an async client are its loop's."""
    from concurrent.futures import ThreadPoolExecutor

    with Asked() as asked, ThreadPoolExecutor(1) as pool:
        client = asked.client()
        run = runner(asked, tmp_path / "run.db", client, executor=pool)

        def main() -> None:
            with pytest.raises(TypeError, match="async client"):
                list(run.run(["a"]))

        in_task(main, client)


# -- servers of tools --------------------------------------------------------------


def test_a_server_over_pipes_answers_tasks() -> None:
    """Its answers wake the tasks that wait for them, each its own."""
    client = odd()

    def main() -> list[str]:
        names = [f"tool {n}" for n in range(8)]
        with here().crew(8, "test") as crew:
            calls = [crew.submit(client.call_tool, name) for name in names]
            return [each.text for each in here().all(calls)]

    found = in_task(main, client._connection)
    assert found == [f"tool {n}" for n in range(8)]


def test_a_server_may_tell_and_ask_async_functions() -> None:
    """Handlers of notifications, of progress and of requests are awaited."""
    told: list[Any] = []
    heard = Bell()

    async def on_log(level: str, data: Any, _: str | None) -> None:
        await asyncio.sleep(0)
        told.append((level, data))
        heard.set()

    async def on_progress(done: float, *_: Any) -> None:
        await asyncio.sleep(0)
        told.append(done)

    async def roots(_: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"roots": []}

    client = odd({"on_log": on_log, "handlers": {"roots/list": roots}})

    def main() -> str:
        said = {"level": "info", "data": "x"}
        client.call_tool("tell", {"method": "notifications/message", "params": said})
        assert here().until(heard, 10)
        client.call_tool("progress", on_progress=on_progress)
        return client.call_tool("ask", {"method": "roots/list"}).text

    found = in_task(main, client._connection)
    assert told == [("info", "x"), 1, 2]
    assert json.loads(found)["result"] == {"roots": []}


def test_a_cancelled_task_gives_the_call_up_at_the_server() -> None:
    """The server is told, and the client goes on."""
    client = odd()

    async def main() -> list[str]:
        adopt(client._connection)
        await spawn(client.connect)
        task = asyncio.create_task(spawn(client.call_tool, "silent"))
        while "silent" not in await _heard(client, "name"):
            pass
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        reasons = await _heard(client, "reason")
        await _closed(client._connection)
        return reasons

    assert "cancelled" in asyncio.run(main())


async def _heard(client: MCPClient, name: str) -> list[Any]:
    """A parameter of all that the server got so far."""
    found = await spawn(client.call_tool, "received")
    return [each.get("params", {}).get(name) for each in json.loads(found.text)]


def test_a_servers_tools_wait_in_the_loop() -> None:
    """Tools that a task has got run beside each other, without a thread each."""
    listed = [{"name": f"t{n}", "inputSchema": {"type": "object"}} for n in range(4)]
    client = odd(pages=[{"tools": listed}])

    def main() -> list[Any]:
        tools = client.tools()
        assert all(each.awaits for each in tools)
        calls = [SimpleNamespace(id=t.name, name=t.name, input={}) for t in tools]
        return [r["content"] for r in run_all(calls, by_name(tools), 8)]

    found = in_task(main, client._connection)
    assert [each[0]["text"] for each in found] == ["t0", "t1", "t2", "t3"]


def test_a_server_at_a_url_shakes_hands_once_for_all_tasks() -> None:
    """The first call makes the handshake, the others wait for it."""
    close = {"Connection": "close"}

    def answer(connection: Any, request: Any) -> None:
        asked = request.json()
        if "id" not in asked:
            connection.sendall(reply(202, headers=close))
            return
        said = FACTS if asked["method"] == "initialize" else text("ok")
        connection.sendall(reply(200, result(asked["id"], said), close))

    with serving(*[answer] * 12) as server:
        client = MCPClient(f"{server.url}/mcp", listen=False)

        def main() -> list[str]:
            with here().crew(10, "test") as crew:
                calls = [crew.submit(client.call_tool, "t") for _ in range(10)]
                return [each.text for each in here().all(calls)]

        assert in_task(main, client._connection) == ["ok"] * 10
    methods = [each.json()["method"] for each in server.received]
    assert methods.count("initialize") == 1
