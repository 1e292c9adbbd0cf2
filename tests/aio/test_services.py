"""Services in tasks: vectors, media, servers of tools, health, counts, executors."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import wave
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from specwire.aio import (
    AsyncAiClient,
    AsyncClient,
    AsyncEmbeddingClient,
    AsyncFallbackChain,
    AsyncHealthChecker,
    AsyncMCPClient,
    AsyncMedia,
    AsyncRerankClient,
    AsyncResilientExecutor,
    AsyncRetryPolicy,
    AsyncRouter,
    count_tokens,
    tools_of,
)
from specwire.cache import MemoryCache
from specwire.embeddings import EmbeddingClient
from specwire.errors import (
    APIConnectionError,
    APITimeoutError,
    BackpressureError,
    CircuitOpenError,
    RequestValidationError,
)
from specwire.mcp import MCPError
from specwire.resilience import BackpressureConfig, ResilientConfig, RetryConfig
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock
from tests.mcp.servers import FACTS, ODD, result, text
from tests.scripted import reply, serving

Program: TypeAlias = Callable[[Sandbox], Coroutine[Any, Any, Any]]
SDK = Path(__file__).resolve().parents[2] / "sdk"


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox() as made:
        yield made


def run(program: Coroutine[Any, Any, Any]) -> Any:
    """What ``program`` gives; no task is left."""

    async def main() -> Any:
        try:
            return await asyncio.wait_for(program, 30)
        finally:
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(main())


def place(box: Sandbox, name: str) -> dict[str, Any]:
    """Key and address of a provider."""
    return {"api_key": box.chat_keys[name], "base_url": box.chat_urls[name]}


def client_of(box: Sandbox, name: str) -> AsyncClient:
    return AsyncClient(
        api_keys={name: box.chat_keys[name]}, base_urls={name: box.chat_urls[name]}
    )


# -- embeddings and ranking --------------------------------------------------------


def test_texts_become_vectors(box: Sandbox) -> None:
    """The same as those of the synchronous client, asked for side by side."""
    texts = [f"text {n}" for n in range(50)]
    model = "qwen/text-embedding-v4"

    async def main() -> Any:
        async with AsyncEmbeddingClient(model, **place(box, "qwen")) as embeddings:
            assert embeddings.provider == "qwen"
            one = await embeddings.embed("text 0")
            many = await embeddings.embed_batch(texts)
            assert list(one.first.vector) == list(many.vectors[0])
            return many

    found = run(main())
    with EmbeddingClient(model, **place(box, "qwen")) as embeddings:
        expected = embeddings.embed_batch(texts)
    assert found.requests == expected.requests > 1
    assert [list(v) for v in found.vectors] == [list(v) for v in expected.vectors]


def test_a_client_of_yours_is_asked(box: Sandbox) -> None:
    """Over its connections; it stays open."""

    async def main() -> None:
        async with client_of(box, "openai") as client:
            async with AsyncEmbeddingClient("openai/m", client=client) as embeddings:
                first = await embeddings.embed("a")
            ranking = AsyncEmbeddingClient("openai/m", client=client)
            assert list((await ranking.embed("a")).first.vector) == list(
                first.first.vector
            )

    run(main())


def test_vectors_are_kept(box: Sandbox) -> None:
    """One cache serves both sides."""
    cache = MemoryCache()
    settings = {**place(box, "openai"), "cache": cache}
    with EmbeddingClient("openai/m", **settings) as embeddings:
        embeddings.embed_batch(["a", "b"])

    async def main() -> Any:
        async with AsyncEmbeddingClient("openai/m", **settings) as embeddings:
            return await embeddings.embed_batch(["b", "a", "c"])

    assert run(main()).cached == 2


def test_a_builder_makes_it(box: Sandbox) -> None:
    """``await builder.build()``; what it makes waits in the loop."""

    async def main() -> None:
        how = place(box, "openai")
        builder = AsyncEmbeddingClient.builder().model("openai/m").batch_size(2)
        made = await builder.api_key(how["api_key"]).base_url(how["base_url"]).build()
        assert isinstance(made, AsyncEmbeddingClient)
        async with made:
            assert (await made.embed_batch(["a", "b", "c"])).requests == 2

    run(main())


def test_documents_are_ranked(box: Sandbox) -> None:
    """The best comes first."""

    async def main() -> Any:
        model = "cohere/rerank-v3.5"
        async with AsyncRerankClient(model, **place(box, "cohere")) as ranking:
            return await ranking.rerank("a ship", ["a cat", "a ship", "a dog"])

    assert run(main())[0].index == 1


def test_a_chat_client_is_asked_without_a_model(box: Sandbox) -> None:
    """An ``AsyncAiClient`` is of one model; its connections are used."""

    async def main() -> Any:
        async with AsyncAiClient("openai/m", **place(box, "openai")) as client:
            return await AsyncEmbeddingClient(client=client).embed("a")

    assert run(main()).first.dimensions > 0


# -- media -------------------------------------------------------------------------


def test_what_is_spoken_is_heard(box: Sandbox, tmp_path: Path) -> None:
    """Sound is a download; its transcription is the text, whole or in pieces."""
    said = "Good morning, sea"

    async def main() -> None:
        async with client_of(box, "openai") as client:
            media = AsyncMedia(client, "openai/whisper-1")
            wished = {"voice": "alloy", "format": "wav", "model": "tts-1"}
            sound = await (await media.speak(said, **wished)).read()
            with wave.open(io.BytesIO(sound)) as file:
                assert file.getframerate() == 24_000
            speech = await media.speak(said, **wished)
            assert await speech.write_to_file(tmp_path / "a.wav") == len(sound)
            pieces = await media.speak(said, **wished)
            assert b"".join([piece async for piece in pieces]) == sound
            assert (await media.transcribe(sound)).text == said
            stream = await media.transcribe_stream(sound, model="gpt-4o-transcribe")
            async with stream:
                heard = [piece async for piece in stream]
            assert "".join(heard) == stream.text == said

    run(main())


def test_a_chat_client_has_media(box: Sandbox) -> None:
    """``client.media`` is to be awaited, like all that it asks."""

    async def main() -> Any:
        model = "openai/whisper-1"
        async with AsyncAiClient(model, **place(box, "openai")) as client:
            wished = {"voice": "alloy", "format": "wav", "model": "tts-1"}
            sound = await (await client.media.speak("Hello", **wished)).read()
            return await client.media.transcribe(sound)

    assert run(main()).text == "Hello"


def test_pictures_and_films(box: Sandbox, tmp_path: Path) -> None:
    """Pictures are values; a film is waited for in the loop, then downloaded."""

    async def main() -> None:
        async with client_of(box, "openai") as client:
            media = AsyncMedia(client, "openai/gpt-image-1")
            pictures = await media.images("a ship")
            assert pictures[0].save(tmp_path / "ship.png") > 0
        async with client_of(box, "xai") as client:
            media = AsyncMedia(client, "xai/grok-imagine-video")
            film = await media.video("a ship", poll_s=0.01)
            assert film.status == "done"
            assert b"ftyp" in await (await media.download(film)).read()

    run(main())


# -- servers of tools --------------------------------------------------------------


def odd(settings: dict[str, Any] | None = None, **more: Any) -> AsyncMCPClient:
    command = [sys.executable, "-I", "-S", str(ODD), json.dumps(settings or {})]
    return AsyncMCPClient(command, **{"timeout": 20, **more})


def test_a_server_over_pipes() -> None:
    """``async with`` makes the handshake; calls run beside each other."""

    async def main() -> list[str]:
        async with odd() as mcp:
            assert mcp.protocol_version
            assert isinstance(mcp.server_info, dict)
            calls = [mcp.call_tool(f"tool {n}") for n in range(8)]
            found = [each.text for each in await asyncio.gather(*calls)]
            return found

    assert run(main()) == [f"tool {n}" for n in range(8)]


def test_a_server_asks_and_tells_async_functions() -> None:
    """Handlers and listeners may be ``async def``."""
    told: list[Any] = []

    async def on_progress(done: float, *_: Any) -> None:
        await asyncio.sleep(0)
        told.append(done)

    async def roots(_: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"roots": []}

    async def main() -> str:
        async with odd(handlers={"roots/list": roots}) as mcp:
            await mcp.call_tool("progress", on_progress=on_progress)
            return (await mcp.call_tool("ask", {"method": "roots/list"})).text

    assert json.loads(run(main()))["result"] == {"roots": []}
    assert told == [1, 2]


def test_a_cancelled_call_leaves_the_server_usable() -> None:
    """The server is told, and answers the next one."""

    async def main() -> None:
        async with odd() as mcp:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(mcp.call_tool("silent"), 0.1)
            heard = json.loads((await mcp.call_tool("received")).text)
            told = [each.get("method") for each in heard]
            assert "notifications/cancelled" in told

    run(main())


def test_its_tools_are_run_by_a_conversation() -> None:
    """``tool_runner`` of an async client calls them in the loop."""
    from tests.tools.replies import WANT, call, replied
    from tests.tools.replies import text as said

    listed = [{"name": "look", "inputSchema": {"type": "object"}}]

    async def main(url: str) -> Any:
        async with (
            odd({"pages": [{"tools": listed}]}) as mcp,
            AsyncClient(
                api_keys={"anthropic": "k"}, base_urls={"anthropic": url}
            ) as client,
        ):
            tools = await tools_of({"one": mcp})
            assert [each.name for each in tools] == ["one__look"]
            runner = client.messages.tool_runner(tools=tools, **WANT)
            return await runner.until_done()

    asks = replied(call("t1", "one__look"), stop_reason="tool_use")
    with serving(asks, replied(said("done"))) as server:
        message = run(main(server.url))
        sent = server.received[1].json()["messages"][-1]["content"][0]
    assert message.content[0].text == "done"
    assert sent["content"][0]["text"] == "look"


def test_its_tools_are_run_in_a_chat(box: Sandbox) -> None:
    """``run_tools`` asks, runs what is called in the loop, and asks again."""
    command = [sys.executable, "-m", "specwire.sandbox.mcp"]
    settings = place(box, "openai")

    async def main() -> Any:
        async with (
            AsyncMCPClient(command, env={"PYTHONPATH": str(SDK)}) as mcp,
            AsyncAiClient("openai/gpt-4o", **settings) as client,
        ):
            chat = client.chat().user("What is 2 + 3?").tools(await mcp.tools())
            return await chat.run_tools()

    assert run(main()).content


def test_a_server_at_a_url() -> None:
    """One handshake for all tasks; a refusal is an ``MCPError``."""

    closing = {"connection": "close"}  # the server does so after each answer

    def answer(connection: Any, request: Any) -> None:
        asked = request.json()
        if "id" not in asked:
            connection.sendall(reply(202, b"", closing))
            return
        if asked["method"] == "initialize":
            said = result(asked["id"], FACTS)
        elif asked.get("params", {}).get("name") == "bad":
            error = {"code": -32602, "message": "no such tool"}
            said = {"jsonrpc": "2.0", "id": asked["id"], "error": error}
        else:
            said = result(asked["id"], text("ok"))
        connection.sendall(reply(200, said, closing))

    async def main(url: str) -> list[str]:
        async with AsyncMCPClient(f"{url}/mcp", listen=False) as mcp:
            with pytest.raises(MCPError):
                await mcp.call_tool("bad")
            calls = [mcp.call_tool("t") for _ in range(8)]
            return [each.text for each in await asyncio.gather(*calls)]

    with serving(*[answer] * 12) as server:
        assert run(main(server.url)) == ["ok"] * 8
    methods = [each.json()["method"] for each in server.received]
    assert methods.count("initialize") == 1


def test_what_a_server_said_of_itself_needs_the_handshake() -> None:
    """A property cannot wait; the error says what to do."""

    async def main() -> None:
        mcp = odd()
        with pytest.raises(RuntimeError, match="async methods"):
            _ = mcp.server_info
        await mcp.aclose()

    run(main())


# -- health and counts -------------------------------------------------------------


def test_providers_and_functions_are_checked(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Side by side, in the loop; a check may be ``async def``."""
    for id in ("openai", "anthropic"):
        monkeypatch.setenv(f"{id.upper()}_API_KEY", box.api_keys[id])
        monkeypatch.setenv(f"{id.upper()}_BASE_URL", box.base_urls[id])

    async def database() -> bool:
        await asyncio.sleep(0)
        return True

    async def main() -> Any:
        checker = AsyncHealthChecker("openai", "anthropic")
        assert checker.register("database", database) is checker
        assert (await checker.check("database")).is_healthy
        found = await checker.check()
        assert checker.get_last_result("database") is not None
        return found

    health = run(main())
    assert health.is_healthy
    assert sorted(health.details) == ["anthropic", "database", "openai"]


def test_a_check_that_hangs_is_given_up() -> None:
    """The others have their results; its task ends."""

    async def hangs() -> None:
        await asyncio.sleep(60)

    async def main() -> Any:
        checker = AsyncHealthChecker()
        checker.register("hangs", hangs).register("fine", lambda: True)
        found = await checker.check_all(timeout=0.05)
        await asyncio.sleep(0)
        return found

    health = run(main())
    assert not health.details["hangs"].is_healthy
    assert health.details["fine"].is_healthy


def test_a_server_counts_tokens(box: Sandbox) -> None:
    """Where the API counts it is asked in the loop."""

    async def main() -> Any:
        keys, urls = box.api_keys, box.base_urls
        async with AsyncClient(api_keys=keys, base_urls=urls) as client:
            return await count_tokens(
                "Hello", model="anthropic/claude-sonnet-4-5", client=client
            )

    counted = run(main())
    assert counted > 0 and counted.by == "server"


# -- executors, chains, routers ----------------------------------------------------


def retrying(**settings: Any) -> RetryConfig:
    return RetryConfig(max_retries=2, initial_delay=0.001, **settings)


def test_an_executor_takes_coroutine_functions() -> None:
    """What fails in a way that may pass is awaited again."""
    made = 0

    async def flaky() -> str:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        if made < 3:
            raise APIConnectionError("broken")
        return "done"

    async def main() -> None:
        executor = AsyncResilientExecutor(
            ResilientConfig(retry=retrying()), clock=FakeClock()
        )
        assert await executor.execute(flaky) == "done"
        value, stats = await executor.execute_with_stats(lambda: flaky())
        assert (value, stats.success) == ("done", True)
        assert executor.circuit_state == "closed"

    run(main())
    assert made == 4


def test_places_are_waited_for_in_the_loop() -> None:
    """So many at a time; who does not get one in time is refused."""
    now = most = 0

    async def work() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    async def main() -> None:
        config = ResilientConfig(max_inflight=2)
        executor = AsyncResilientExecutor(config)
        await asyncio.gather(*[executor.execute(work) for _ in range(6)])
        hasty = BackpressureConfig(max_inflight=1, queue_timeout=0.0)
        executor = AsyncResilientExecutor(ResilientConfig(backpressure=hasty))
        first = asyncio.create_task(executor.execute(work))
        await asyncio.sleep(0)
        with pytest.raises(BackpressureError):
            await executor.execute(work)
        await first

    run(main())
    assert most == 2


def test_what_an_async_generator_gives_is_begun_again() -> None:
    """Until its first item is here; then it is handed out as it comes."""
    made = 0

    async def numbers() -> AsyncIterator[int]:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        if made == 1:
            raise APIConnectionError("broken")
        yield 1
        await asyncio.sleep(0)
        yield 2

    async def main() -> list[int]:
        policy = AsyncRetryPolicy(retrying())
        stream = await policy.call(numbers)
        return [each async for each in stream]

    assert run(main()) == [1, 2]
    assert made == 2


def test_a_chain_asks_the_next() -> None:
    """Targets may be ``async def``; the result says who answered."""

    async def broken(_: str) -> str:
        raise APIConnectionError("broken")

    async def fine(word: str) -> str:
        await asyncio.sleep(0)
        return word.upper()

    async def main() -> None:
        chain = AsyncFallbackChain([broken, fine])
        assert await chain.call("a") == "A"
        found = await chain.execute("b")
        assert (found.value, found.target_used) == ("B", "fine")
        assert chain.get_targets() == ["broken", "fine"]

    run(main())


def test_an_open_circuit_refuses() -> None:
    """Of one target; nothing is awaited."""

    async def broken() -> None:
        raise APIConnectionError("broken")

    async def main() -> None:
        chain = AsyncFallbackChain([broken])
        for _ in range(20):
            with pytest.raises((APIConnectionError, CircuitOpenError)):
                await chain.call()
        assert chain.circuit_states() == {"broken": "open"}

    run(main())


def test_a_router_asks_another(box: Sandbox) -> None:
    """A target that is down is followed by the next, in the loop."""

    async def main() -> Any:
        async with AsyncRouter(
            ["openai/gpt-4o", "groq/llama-3.1-8b-instant"],
            api_keys={n: box.chat_keys[n] for n in ("openai", "groq")},
            base_urls={"openai": "http://127.0.0.1:9", "groq": box.chat_urls["groq"]},
            max_retries=0,
        ) as router:
            used = await router.call(_asked)
            answer = await router.chat().user("Hello").execute()
            assert answer.target == "groq/llama-3.1-8b-instant"
            events = [event async for event in router.chat().user("Hello").stream()]
            assert len(events) > 1
            assert await router.check() == {
                "openai/gpt-4o": False,
                "groq/llama-3.1-8b-instant": True,
            }
            return used

    assert run(main()) == "groq"


async def _asked(client: Any) -> str:
    assert isinstance(client, AsyncAiClient)
    assert (await client.chat().user("Hello").execute()).content
    return client.provider_id


def test_errors_are_those_of_the_synchronous_clients(box: Sandbox) -> None:
    """Raised as they are, by the same classes."""

    async def main() -> None:
        async with AsyncEmbeddingClient("openai/m", **place(box, "openai")) as made:
            with pytest.raises(RequestValidationError):
                await made.embed_batch([""] * 2 + [None])
        with pytest.raises(TypeError, match="one or other"):
            AsyncEmbeddingClient("openai/m", client=AsyncClient(), api_key="k")
        with pytest.raises(APITimeoutError):
            async with odd() as mcp:
                await mcp.call_tool("silent", timeout=0.05)

    run(main())
