"""``specwire.compat.ai_lib.aio``: the documents' code as it stands, in a loop."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import os
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from types import CodeType
from typing import Any

import pytest

from specwire import Hook
from specwire.compat.ai_lib import aio
from specwire.compat.ai_lib.aio import AiClient, CancelToken, Message, ToolDefinition
from specwire.compat.ai_lib.aio.errors import ProtocolError, RemoteError, TransportError
from specwire.compat.ai_lib.aio.errors import RuntimeError as AiRuntimeError
from specwire.sandbox import Sandbox
from tests.compat.ai_lib_spellings import SPELLINGS, Spelling
from tests.compat.test_ai_lib import FRAMES, SENT, TOOL, blocks

CHAT = "POST /openai/v1/chat/completions"
Ask = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
WAITING = {"build", "create", "embed_batch", "execute", "execute_with_stats"}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def within(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[[Ask], None]:
    """Runs something with what the documents' code has around it."""
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    for provider in ("openai", "anthropic"):
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", box.api_keys[provider])
        monkeypatch.setenv(f"{provider.upper()}_BASE_URL", box.base_urls[provider])

    async def main(ask: Ask) -> None:
        async with await AiClient.create("openai/gpt-4o") as client:
            calling = client.chat().user("The weather in Paris?").tools([TOOL])
            await ask(
                {
                    "AiClient": AiClient,
                    "CancelToken": CancelToken,
                    "Message": Message,
                    "client": client,
                    "calling": calling.tool_choice("required"),
                    "tool_definition": ToolDefinition(**TOOL),
                    "should_cancel": True,
                    "hook": Hook(),
                    "error": RemoteError(
                        "no", status_code=401, error_class="authentication"
                    ),
                }
            )

    return lambda ask: asyncio.run(main(ask))


async def run(code: str | ast.Module, names: dict[str, Any]) -> None:
    """The code with its import line changed, as the body of a coroutine."""
    if isinstance(code, str):
        code = code.replace("ai_lib_python", "specwire.compat.ai_lib.aio")
    made: CodeType = compile(
        code, "<document>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    if made.co_flags & inspect.CO_COROUTINE:
        await eval(made, names)
    else:
        exec(made, names)


class Awaiting(ast.NodeTransformer):
    """Puts back the ``await`` and ``async`` that the table of spellings leaves out."""

    def __init__(self, code: str) -> None:
        more = {"check"} if "HealthChecker" in code else set()
        self._waiting = WAITING | more

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in self._waiting:
            return ast.Await(node)
        text = ast.unparse(node)
        if text.startswith("list(") and ".stream(" in text:
            code = f"[e async for e in {ast.unparse(node.args[0])}]"
            return ast.parse(code, mode="eval").body
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        self.generic_visit(node)
        return ast.AsyncFor(**dict(ast.iter_fields(node)))


# -- the documents -----------------------------------------------------------------


def test_every_block_of_the_client_page(
    within: Callable[[Ask], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each runs as it stands, but for the name of the package."""
    code = [each for each in blocks("aiclient-api.md") if each[:6] != "class "]
    assert len(code) >= 8
    assert sum("await " in each or "async " in each for each in code) >= 6

    async def all_of_them(names: dict[str, Any]) -> None:
        for block in code:
            await run(block, names)

    within(all_of_them)
    assert capsys.readouterr().out


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda s: s.code[:60])
def test_a_documented_spelling(
    spelling: Spelling, within: Callable[[Ask], None]
) -> None:
    """Each of the table works with ``await`` where the original has it."""
    code = spelling.code.replace("ai_lib_python", "specwire.compat.ai_lib.aio")
    tree = ast.fix_missing_locations(Awaiting(code).visit(ast.parse(code)))
    within(lambda names: run(tree, names))


def test_the_names_are_those_of_the_synchronous_front() -> None:
    """All of them, in all modules that the overview has."""
    sync = importlib.import_module("specwire.compat.ai_lib")
    assert sorted(aio.__all__) == sorted(sync.__all__)
    for name in aio.__all__:
        of_aio, of_sync = getattr(aio, name), getattr(sync, name)
        if inspect.ismodule(of_sync):
            assert sorted(of_aio.__all__) == sorted(of_sync.__all__)
            assert [n for n in of_aio.__all__ if not hasattr(of_aio, n)] == []


# -- the client --------------------------------------------------------------------


def test_streams_with_stats_and_tokens(within: Callable[[Ask], None]) -> None:
    """A cancelled stream ends quietly; counts are there at the end."""

    async def main(names: dict[str, Any]) -> None:
        client = names["client"]
        stream, stats = await client.chat().user("Hi").stream_with_stats()
        async with stream:
            text = "".join([e.text async for e in stream if e.is_content_delta])
        assert text == stream.response.content
        assert stats.total_tokens == stream.response.total_tokens
        token, got = CancelToken(), []
        async for event in client.chat().user("Hello").stream(cancel_token=token):
            got.append(event)
            token.cancel()
        assert len(got) == 1
        with pytest.raises(AiRuntimeError) as caught:
            await client.chat().user("Hello").execute(cancel_token=token)
        assert caught.value.standard_code == "E4002"
        assert (await token.wait()) == "user_request"

    within(main)


def test_any_iterator_ends_by_a_token(within: Callable[[Ask], None]) -> None:
    """``with_cancellation``, awaited or not; its function may be an ``async def``."""
    told: list[str] = []

    async def numbers() -> AsyncIterator[int]:
        for number in range(9):
            yield number

    async def on_cancel() -> None:
        told.append("over")

    async def main(_: dict[str, Any]) -> None:
        token = CancelToken()
        with_cancellation = aio.client.with_cancellation
        stream = await with_cancellation(numbers(), token, on_cancel)
        got = [await anext(stream), await anext(stream)]
        token.cancel()
        assert [each async for each in stream] == []
        assert (got, told, stream.finished) == ([0, 1], ["over"], True)
        whole = [n async for n in with_cancellation(numbers(), CancelToken())]
        assert whole == [*range(9)]

    within(main)


def test_errors_are_theirs(within: Callable[[Ask], None], box: Sandbox) -> None:
    """Raised in place of ours, by calls, streams and builders."""

    async def main(_: dict[str, Any]) -> None:
        at = {"base_url": box.base_urls["openai"], "max_retries": 0}
        client = await AiClient.create("openai/gpt-4o", api_key="wrong-key-1", **at)
        with pytest.raises(RemoteError) as remote:
            await client.chat().user("Hi").execute()
        assert (remote.value.status_code, remote.value.standard_code) == (401, "E1002")
        with pytest.raises(RemoteError):
            async for _event in client.chat().user("Hi").stream():
                raise AssertionError
        await client.close()
        with pytest.raises(ProtocolError, match="did you mean openai"):
            await AiClient.create("opnai/gpt-4o")
        with pytest.raises(ProtocolError):
            await AiClient.builder().model("opnai/gpt-4o").build()
        at["base_url"] = "http://127.0.0.1:9"
        async with AiClient("openai/gpt-4o", **at) as client:
            with pytest.raises(TransportError):
                await client.chat().user("Hi").execute()

    within(main)


def test_a_resilient_client(within: Callable[[Ask], None], box: Sandbox) -> None:
    """All parts of a config stand in the way of its calls; their state is shown."""

    async def main(names: dict[str, Any]) -> None:
        config = aio.resilience.ResilientConfig(
            max_retries=3, rate_limit_rps=100, circuit_breaker_threshold=2
        )
        builder = AiClient.builder().model("openai/gpt-4o").resilience(config)
        client = await builder.build()
        assert client.is_resilient
        box.fail(CHAT, 500, times=1, retry_after=0.0)
        assert (await client.chat().user("Hi").execute()).content
        assert client.circuit_state == "closed"
        assert client.signals_snapshot().current_inflight == 0
        client.reset_resilience()
        await client.close()

    within(main)


# -- parts by hand -----------------------------------------------------------------


def test_resilience_by_hand() -> None:
    """Functions of one's own, async ones, under executor, breaker, places and rate."""
    parts = aio.resilience
    asked: list[int] = []

    async def flaky() -> str:
        asked.append(len(asked))
        if len(asked) % 2:
            raise ConnectionError("not yet")
        return "done"

    async def main() -> None:
        retry = parts.RetryConfig(max_retries=1, initial_delay=0.001, jitter="none")
        executor = parts.ResilientExecutor(parts.ResilientConfig(retry=retry))
        assert await executor.execute(flaky) == "done"
        value, stats = await executor.execute_with_stats(flaky)
        assert (value, stats.retry_result.attempts, len(asked)) == ("done", 2, 4)
        limiter = parts.RateLimiter(requests_per_second=1000, burst_size=2)
        waits = await asyncio.gather(*(limiter.acquire() for _ in range(5)))
        assert waits[:2] == [0, 0]
        assert min(waits[2:]) > 0
        breaker = parts.CircuitBreaker(failure_threshold=1)
        with pytest.raises(ConnectionError):
            await breaker.execute(flaky)
        with pytest.raises(parts.CircuitOpenError):
            await breaker.execute(flaky)
        assert breaker.is_open

        async def instead() -> str:
            return "instead"

        assert await breaker.execute(flaky, instead) == "instead"
        assert await parts.with_retry(instead) == "instead"

    asyncio.run(main())


def test_places_by_hand() -> None:
    """``async with``, ``await`` and ``execute``; others wait for a place in tasks."""
    parts = aio.resilience

    async def main() -> None:
        places = parts.Backpressure(max_inflight=1)
        order: list[str] = []

        async def work(name: str) -> None:
            async with places.acquire():
                order.append(f"{name} in")
                await asyncio.sleep(0)
                order.append(f"{name} out")

        await asyncio.gather(work("a"), work("b"))
        assert order == ["a in", "a out", "b in", "b out"]
        assert await places.try_acquire()
        assert not await places.try_acquire()
        places.release()
        permit = await places.acquire()
        assert places.current_inflight == 1
        permit.release()
        checker = parts.PreflightChecker(backpressure=places)
        async with parts.PreflightContext(checker) as flight:
            assert flight.passed
            assert places.current_inflight == 1
        assert places.current_inflight == 0

    asyncio.run(main())


def test_a_chain_of_clients(within: Callable[[Ask], None], box: Sandbox) -> None:
    """The function is given the async client of each target."""

    async def main(names: dict[str, Any]) -> None:
        models = ["openai/gpt-4o", "anthropic/claude-3-5-sonnet"]
        chain = aio.resilience.FallbackChain(models)
        box.fail(CHAT, 500, times=1)

        async def ask(client: Any) -> Any:
            return await client.chat().user("Hi").max_retries(0).execute()

        result = await chain.execute(ask)
        assert (result.success, result.target_used) == (True, models[1])
        own = aio.resilience.FallbackChain([names["client"]])
        stream = await own.call(lambda client: client.chat().user("Hi").stream())
        assert [e async for e in stream][-1].is_stream_end

    within(main)


def test_caches_by_hand() -> None:
    """Backends and managers are awaited; one of one's own is ``async def``."""

    class Own(aio.cache.CacheBackend):
        kept: dict[str, Any] = {}

        async def get(self, key: str) -> Any:
            return self.kept.get(key)

        async def set(self, key: str, value: Any, ttl: float | None = None) -> None:
            self.kept[key] = value

    async def main() -> None:
        memory = aio.cache.MemoryCache(max_size=10)
        await memory.set("key", {"data": "value"})
        assert await memory.get("key") == {"data": "value"}
        assert await memory.exists("key") and await memory.delete("key")
        for backend in (memory, Own()):
            manager = aio.cache.CacheManager(backend)
            messages = [{"role": "user", "content": "Hi"}]
            assert await manager.get_response("m", messages) is None
            await manager.cache_response("m", messages, {"text": "Hello"})
            assert await manager.get_response("m", messages) == {"text": "Hello"}
        assert manager.stats.hits == 1

    asyncio.run(main())


def test_batches(within: Callable[[Ask], None]) -> None:
    """Requests are run together; a collector with an executor gives each its own."""

    async def main(names: dict[str, Any]) -> None:
        client = names["client"]
        collector = aio.batch.BatchCollector()
        for word in ("One", "Two"):
            collector.add(client.chat().user(word))
        executor = aio.batch.BatchExecutor(concurrency=2, timeout=30)
        results = (await executor.execute(collector)).results
        assert "One" in results[0].content and "Two" in results[1].content

        async def double(items: list[int]) -> list[int]:
            return [2 * item for item in items]

        collector = aio.batch.BatchCollector(aio.batch.BatchConfig(2), double)
        assert await asyncio.gather(*map(collector.add, (1, 2))) == [2, 4]
        await collector.stop()

    within(main)


def test_services(within: Callable[[Ask], None], box: Sandbox) -> None:
    """Embeddings, ranking and health are awaited."""

    async def main(_: dict[str, Any]) -> None:
        made = aio.embeddings.EmbeddingClient.create("openai/text-embedding-3-small")
        async with await made as client:
            assert len((await client.embed("Hello")).first.vector) > 9
        builder = aio.embeddings.EmbeddingClient.builder()
        client = await builder.model("openai/text-embedding-3-small").build()
        assert isinstance(client, aio.embeddings.EmbeddingClient)
        response = await client.embed_batch(["a", "b"])
        assert isinstance(response.vectors[0], list)
        await client.close()
        ranking = aio.rerank.RerankerClient.builder().model("rerank-v3.5")
        ranking.base_url(box.base_urls["cohere"]).api_key(box.api_keys["cohere"])
        async with await ranking.build() as ranker:
            assert len(await ranker.rerank("sea", ["the sea", "a hill"])) == 2
        checker = aio.telemetry.HealthChecker()
        assert (await checker.check()).details

    within(main)


def test_plugins(within: Callable[[Ask], None]) -> None:
    """Their methods, hooks' functions and middleware may be ``async def``."""
    plugins, seen = aio.plugins, []

    class Watching(plugins.Plugin):
        name = "watching"

        async def on_request(self, ctx: Any, request: Any) -> Any:
            await asyncio.sleep(0)
            seen.append(request["model"])
            return request

        async def on_stream_chunk(self, ctx: Any, chunk: Any) -> Any:
            seen.append("chunk")
            return chunk

    class Twice(plugins.Middleware):
        async def process(self, ctx: Any, next: Any) -> Any:
            return [await next(ctx), await next(ctx)]

    async def handler(ctx: Any) -> str:
        return "handled"

    async def main(_: dict[str, Any]) -> None:
        registry = plugins.PluginRegistry().register(Watching())
        await registry.init_all()
        builder = AiClient.builder().model("openai/gpt-4o").hook(registry.as_hook())
        client = await builder.build()
        await client.chat().user("Hi").execute()
        async for _event in client.chat().user("Hi").stream():
            pass
        assert seen[:2] == ["gpt-4o", "gpt-4o"] and "chunk" in seen
        manager = plugins.HookManager()

        @manager.hook(plugins.HookType.PRE_REQUEST)
        async def more(request: int) -> int:
            return request + 1

        assert await manager.execute(plugins.HookType.PRE_REQUEST, 1) == 2
        chain = plugins.MiddlewareChain().use(Twice())
        got = await chain.execute(plugins.MiddlewareContext(), handler)
        assert got == ["handled", "handled"]

    within(main)


def test_feedback() -> None:
    """Reports are awaited, and sinks of one's own are ``async def``."""
    telemetry, kept = aio.telemetry, []

    class Own(telemetry.FeedbackSink):
        async def report(self, event: Any) -> None:
            kept.append(event)

    async def main() -> None:
        event = telemetry.ThumbsFeedback("req_1", True)
        memory = telemetry.InMemoryFeedbackSink()
        for sink in (Own(), memory):
            telemetry.set_feedback_sink(sink)
            await telemetry.report_feedback(event)
        telemetry.set_feedback_sink(None)
        assert kept == memory.get_events() == [event]

    asyncio.run(main())


def test_a_pipeline_of_tasks() -> None:
    """What comes in an async iterator goes out of one."""
    stages = aio.pipeline

    async def sent() -> AsyncIterator[bytes]:
        yield SENT[:20]
        yield SENT[20:]

    async def main() -> None:
        frames = [frame async for frame in stages.SSEDecoder().decode(sent())]
        assert frames == FRAMES == list(stages.SSEDecoder().decode([SENT]))
        own = stages.Pipeline(stages.SSEDecoder())
        own = own.with_event_mapper(stages.DefaultEventMapper())
        events = [event async for event in own.process(sent())]
        assert [e.event_type for e in events][-1] == "StreamEnd"

    asyncio.run(main())


def test_an_import_line_is_all() -> None:
    """Every module of the synchronous front has its like here."""
    text = importlib.import_module("specwire.compat.ai_lib")._MODULES
    for name in re.findall(r"\w+", text):
        assert importlib.import_module(f"specwire.compat.ai_lib.aio.{name}").__all__
