"""``AsyncAiClient``: chats with every provider, in tasks."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import aiohttp
import pytest

from specwire import AiClient, CancelToken, errors
from specwire.aio import AsyncAiClient, AsyncAiClientBuilder, AsyncClient, spawn
from specwire.sandbox import Sandbox
from specwire.sandbox.chat.providers import PROVIDERS, Provider
from specwire.sandbox.faults import Fault
from tests.chat.matrix import ASKED, COLUMNS, PAGE, SCHEMA, Asker, cell
from tests.chat.test_tool_rounds import DONE, calling, double, results
from tests.scripted import serving

CHAT = "POST /openai/v1/chat/completions"
CHATTING = [each for each in PROVIDERS.values() if each.chat]
Program = Callable[[AsyncAiClient], Coroutine[Any, Any, Any]]


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """A sandbox in which nothing is let fail."""
    with Sandbox() as box:
        yield box


class AsyncAsker(Asker):
    """Asks one provider with an async client's code, from within a task."""

    def made(self, model: str, key: str | None = None) -> AiClient:
        id = self.provider.id
        made: AiClient = AsyncAiClient(
            f"{id}/{model}",
            api_key=key or self.box.api_keys[id],
            base_url=self.box.chat_urls[id],
            max_retries=0,
        )._of
        return made


def asked(box: Sandbox, program: Program, model: str = "openai/gpt-4o") -> Any:
    """What ``program`` comes to with a client of ``box``; nothing is left under way."""

    async def main() -> Any:
        id = model.partition("/")[0]
        async with await AsyncAiClient.create(
            model, api_key=box.api_keys[id], base_url=box.chat_urls[id], max_retries=0
        ) as client:
            value = await program(client)
            gc.collect()
            assert client._of._engine.under_way == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return value

    return asyncio.run(main())


# -- every provider ----------------------------------------------------------------


@pytest.mark.parametrize("provider", CHATTING, ids=lambda each: each.id)
def test_a_call_and_a_stream(provider: Provider, shared: Sandbox) -> None:
    """The pieces of the stream are the answer of the call."""
    model = AsyncAsker(shared, provider).client._models[0]

    async def main(client: AsyncAiClient) -> None:
        chat = client.chat().max_tokens(4000).user(ASKED)
        whole = await chat.execute()
        assert ASKED in whole.content
        pieces, events = [], 0
        async with chat.stream() as stream:
            async for event in stream:
                events += 1
                if event.is_content_delta:
                    pieces.append(event.as_content_delta.text)
        assert "".join(pieces) == whole.content == stream.response.content
        assert event.is_stream_end
        assert events == stream.events_received
        assert dict(stream.response.usage) == dict(whole.usage)
        assert stream.stats.time_to_first_token_ms is not None
        assert stream.stats.total_tokens == whole.total_tokens

    asked(shared, main, model)


def test_the_table_of_providers() -> None:
    """Every cell of the page is what calls through the async client give."""

    async def main() -> list[str]:
        lines = []
        with Sandbox() as box:
            for provider in CHATTING:
                ask = AsyncAsker(box, provider)
                found = [(await spawn(cell, ask, fill))[0] for fill in COLUMNS.values()]
                lines.append(f"| {' | '.join([provider.id, *found])} |")
                await spawn(ask.client.close)
        return lines

    assert "\n".join(asyncio.run(main())) in PAGE.read_text("utf-8")


# -- streams -----------------------------------------------------------------------


def test_three_ways_to_a_stream(box: Sandbox) -> None:
    """It is iterated, entered or awaited; until then nothing is sent."""

    async def main(client: AsyncAiClient) -> None:
        chat = client.chat().user("Hi")
        opening = chat.stream()
        with pytest.raises(AttributeError, match="awaited or iterated"):
            _ = opening.response
        assert box.requests == []
        events = [event async for event in opening]
        assert opening.response.content
        assert events[-1].is_stream_end
        async with chat.stream() as stream:
            assert len([event async for event in stream]) == len(events)
        stream = await chat.stream()
        assert len([event async for event in stream]) == len(events)
        assert len(box.requests) == 3
        unused = chat.stream()
        await unused.close()
        with pytest.raises(RuntimeError, match="closed"):
            await unused
        assert len(box.requests) == 3

    asked(box, main)


def test_a_stream_that_is_left(box: Sandbox) -> None:
    """By ``break``, by ``async with`` and by ``close``; the client goes on."""

    async def main(client: AsyncAiClient) -> None:
        chat = client.chat().user("Hi")
        async for _event in chat.stream():
            break
        async with chat.stream() as stream:
            async for _event in stream:
                break
        stream = await chat.stream()
        await anext(stream)
        await stream.close()
        assert (await chat.execute()).content

    asked(box, main)


def test_a_stream_that_is_cut(box: Sandbox) -> None:
    """It is an error, with what had come."""

    async def main(client: AsyncAiClient) -> None:
        box.fail(CHAT, None, cut_after=700)
        stream = await client.chat().user("Hi").stream()
        with pytest.raises(errors.StreamError) as caught:
            async for _event in stream:
                pass
        assert caught.value.events_received == stream.events_received

    asked(box, main)


# -- giving up ---------------------------------------------------------------------


@pytest.mark.parametrize("drip", [False, True], ids=["call", "stream"])
def test_a_token_ends_what_waits(drip: bool, box: Sandbox) -> None:
    """From another task, in the middle of a read."""
    facts: dict[str, Any] = {"drip_s": 0.5} if drip else {"latency_s": 5.0}

    async def main(client: AsyncAiClient) -> None:
        box.fail(CHAT, None, **facts)
        token, chat = CancelToken(), client.chat().user("Hi")

        async def ask() -> None:
            if drip:
                async for _event in chat.stream(cancel_token=token):
                    pass
            else:
                await chat.execute(token)

        task = asyncio.create_task(ask())
        while not box.requests:
            await asyncio.sleep(0.001)
        token.cancel()
        with pytest.raises(errors.CancelledError) as caught:
            await asyncio.wait_for(task, 2)
        assert caught.value.reason == "user_request"
        assert (await chat.execute()).content

    asked(box, main)


@pytest.mark.parametrize("drip", [False, True], ids=["call", "stream"])
def test_a_task_that_is_cancelled(drip: bool, box: Sandbox) -> None:
    """Its connection is given up, and nobody gets its answer."""
    facts: dict[str, Any] = {"drip_s": 0.5} if drip else {"latency_s": 5.0}

    async def main(client: AsyncAiClient) -> None:
        box.fail(CHAT, None, **facts)
        chat = client.chat().user("Hi")

        async def ask() -> None:
            if drip:
                async with chat.stream() as stream:
                    async for _event in stream:
                        pass
            else:
                await chat.execute()

        task = asyncio.create_task(ask())
        while not box.requests:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client._of._engine.under_way == 0
        assert "Bye" in (await client.chat().user("Bye").execute()).content

    asked(box, main)


def test_what_was_read_is_not_handed_out_after_a_cancellation(box: Sandbox) -> None:
    """As in the synchronous client."""

    async def main(client: AsyncAiClient) -> int:
        token, got = CancelToken(), 0
        with pytest.raises(errors.CancelledError):
            async for _event in client.chat().user("Hi").stream(cancel_token=token):
                got += 1
                token.cancel()
        return got

    assert asked(box, main) == 1


# -- several at a time -------------------------------------------------------------


def test_many_at_once(box: Sandbox) -> None:
    """Each task gets its own answer."""

    async def main(client: AsyncAiClient) -> list[str]:
        async def ask(number: int) -> str:
            chat = client.chat().user(f"Number {number}.")
            if number % 2:
                return (await chat.execute()).content
            async with chat.stream() as stream:
                return "".join([e.text async for e in stream if e.is_content_delta])

        return await asyncio.gather(*map(ask, range(50)))

    for number, text in enumerate(asked(box, main)):
        assert f"Number {number}." in text


def test_candidates_are_asked_for_side_by_side(box: Sandbox) -> None:
    """Of a provider that gives one at a time; the first failure ends the others."""

    async def main(client: AsyncAiClient) -> None:
        chat = client.chat().user("Hi").n(3)
        response = await chat.execute()
        assert [each.index for each in response.candidates] == [0, 1, 2]
        assert len(box.requests) == 3
        place = f"POST {box.requests[0].path}"
        box.fail(place, [Fault(latency_s=5.0), 500, Fault(latency_s=5.0)])
        with pytest.raises(errors.InternalServerError):
            await asyncio.wait_for(chat.execute(), 3)

    asked(box, main, "anthropic/claude-haiku-4-5")


def test_tools_run_beside_each_other() -> None:
    """Those that are ``async def`` are awaited, in the loop; others run too."""
    met: list[str] = []

    async def main(url: str) -> Any:
        both = asyncio.Event()

        async def meet(name: str) -> str:
            """Wait for the other one."""
            met.append(name)
            if len(met) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), 5)
            return name.upper()

        made = AsyncAiClient.create("openai/gpt-4o", api_key="k-1", base_url=url)
        async with await made as client:
            chat = client.chat().user("Go").tools([meet, double])
            response = await chat.run_tools()
            assert [m.role for m in chat.request().messages][-1] == "tool"
            return response

    script = calling(("meet", {"name": "a"}), ("meet", {"name": "b"}))
    more = calling(("double", {"n": 4}))
    with serving(script, more, DONE) as server:
        assert asyncio.run(main(server.url)).content == "Done."
        assert sorted(results(server)) == ["A", "B"]


# -- clients -----------------------------------------------------------------------


def test_a_builder(box: Sandbox) -> None:
    """Settings one after the other; ``build`` is awaited."""

    async def main() -> None:
        builder = AsyncAiClient.builder().model("openai/gpt-4o").timeout(60)
        assert isinstance(builder, AsyncAiClientBuilder)
        session = aiohttp.ClientSession()
        builder = builder.api_key(box.api_keys["openai"]).session(session)
        client = await builder.base_url(box.chat_urls["openai"]).build()
        assert isinstance(client, AsyncAiClient)
        async with client:
            assert (client.provider_id, client.model_id) == ("openai", "gpt-4o")
            assert (await client.chat().user("Hi").execute()).content
            other = client.with_options(max_retries=0)
            assert (await other.chat().user("Hi").execute()).content
        assert session.closed

    asyncio.run(main())


def test_fallbacks(box: Sandbox) -> None:
    """The next model is asked where one fails, also before a stream's first event."""

    async def main() -> None:
        client = AsyncAiClient(
            "openai/gpt-4o",
            fallbacks=["anthropic/claude-haiku-4-5"],
            api_keys=box.api_keys,
            base_urls=box.chat_urls,
            max_retries=0,
        )
        async with client:
            box.fail(CHAT, [503, 503])
            first = await client.chat().user("Hi").execute()
            stream = await client.chat().user("Hi").stream()
            text = "".join([e.text async for e in stream if e.is_content_delta])
        assert (first.provider, stream.response.provider) == ("anthropic",) * 2
        assert first.content == text == stream.response.content

    asyncio.run(main())


def test_values(box: Sandbox) -> None:
    """``parse`` gives one, ``parse_stream`` shows it as it grows."""
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}

    async def main(client: AsyncAiClient) -> None:
        chat = client.chat().user(ASKED).response_format(form)
        assert (await chat.parse()).parsed == {"city": "Paris"}
        shown = [json.dumps(value) async for value in chat.parse_stream()]
        assert shown[-1] == '{"city": "Paris"}'
        async with chat.parse_stream() as stream:
            assert await stream.until_done() == stream.parsed == {"city": "Paris"}
        assert await chat.count_tokens(exact=False) > 0

    asked(box, main)


def test_a_client_of_all_services_chats(box: Sandbox) -> None:
    """Over its own connections; in one loop after another."""
    client = AsyncClient(api_keys=box.api_keys, base_urls=box.base_urls)

    async def main() -> str:
        chat = client.chat("anthropic/claude-haiku-4-5").user("Hi")
        response, stats = await chat.execute_with_stats()
        assert stats.provider == "anthropic"
        return response.content

    assert asyncio.run(main()) == asyncio.run(main())
    asyncio.run(client.aclose())

    with pytest.raises(errors.SpecwireError, match="closed"):
        asyncio.run(main())


def test_operations_besides_chat(box: Sandbox) -> None:
    """They are awaited; one that is not declared is refused."""

    async def main(client: AsyncAiClient) -> None:
        body = {"model": "text-embedding-3-small", "input": "Hi"}
        assert (await client.operation("embeddings", body))["data"]
        with pytest.raises(errors.UnsupportedCapabilityError):
            await client.operation("rerank", {})

    asked(box, main)
