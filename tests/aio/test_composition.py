"""All layers on one call and on one stream of tasks: the order of the synchronous side.

The layers are those of ``tests/client/test_composition.py``: one of each, and between
them hooks that only write down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from specwire.aio import AsyncClient
from specwire.cache import Cache, from_cache
from specwire.errors import CircuitOpenError, GuardrailError, InternalServerError
from specwire.sandbox import Sandbox
from tests.client.test_composition import ALL, PLACE, Layers

MODEL = "claude-sonnet-4-5"
Ask = Callable[[AsyncClient, str], Coroutine[Any, Any, Any]]


@pytest.fixture
def layers() -> Layers:
    return Layers()


async def create(client: AsyncClient, text: str) -> Any:
    messages = [{"role": "user", "content": text}]
    made = client.messages.create(model=MODEL, max_tokens=100, messages=messages)
    return await made


async def execute(client: AsyncClient, text: str) -> Any:
    return await client.chat(f"anthropic/{MODEL}").user(text).max_tokens(100).execute()


async def told(client: AsyncClient, text: str) -> list[str]:
    """The pieces of a stream of messages."""
    messages = [{"role": "user", "content": text}]
    async with client.messages.stream(
        model=MODEL, max_tokens=100, messages=messages
    ) as stream:
        return [piece async for piece in stream.text_stream]


async def chatted(client: AsyncClient, text: str) -> list[str]:
    """The pieces of a stream of chat."""
    chat = client.chat(f"anthropic/{MODEL}").user(text).max_tokens(100)
    return [e.text async for e in chat.stream() if e.is_content_delta]


def run(box: Sandbox, layers: Layers, program: Callable[..., Any]) -> None:
    async def main() -> None:
        async with AsyncClient(
            api_keys=box.api_keys,
            base_urls=box.base_urls,
            hooks=layers.registry.hooks(),
            _clock=layers.clock,
        ) as client:
            await program(client)

    asyncio.run(main())


@pytest.mark.parametrize("ask", [create, execute])
def test_the_layers_of_a_call(ask: Ask, layers: Layers, box: Sandbox) -> None:
    """Guardrail, cache, limiter, breaker, and telemetry with each attempt."""

    async def program(client: AsyncClient) -> None:
        with pytest.raises(GuardrailError):
            await ask(client, "Something forbidden")
        assert layers.passed() == ["asked"]
        assert (layers.cache.stats.misses, layers.taken, len(box.requests)) == (0, 0, 0)

        first = await ask(client, "Tell me of pears and plums")
        assert layers.passed() == ALL
        assert layers.taken == len(box.requests) == 1

        again = await ask(client, "Tell me of pears and plums")
        assert layers.passed() == ["asked", "guarded"]
        assert layers.taken == len(box.requests) == 1
        assert from_cache(again) and not from_cache(first)
        assert first.content == again.content
        assert "pears" not in str(first.content)

        box.fail(PLACE, [500], retry_after=0.0)
        await ask(client, "Another one")
        assert layers.passed() == ALL * 2
        assert layers.taken == len(box.requests) == 3
        counts = layers.metrics.snapshot()
        assert (counts["attempts"], counts["retries"]) == (3, 1)

    run(box, layers, program)


@pytest.mark.parametrize("ask", [create, execute])
def test_an_open_circuit(ask: Ask, layers: Layers, box: Sandbox) -> None:
    """It stands behind cache and limiter: what is kept is answered all the same."""

    async def program(client: AsyncClient) -> None:
        await ask(client, "Kept")
        box.fail(PLACE, [500] * 4, retry_after=0.0)
        for text in ("One", "Two"):
            with pytest.raises((InternalServerError, CircuitOpenError)):
                await ask(client, text)
        layers.passed()
        sent = len(box.requests)
        with pytest.raises(CircuitOpenError):
            await ask(client, "Three")
        assert layers.passed() == ALL[:4]
        assert (await ask(client, "Kept")).content
        with pytest.raises(GuardrailError):
            await ask(client, "Something forbidden")
        assert layers.passed() == ["asked", "guarded", "asked"]
        assert len(box.requests) == sent

    run(box, layers, program)


@pytest.mark.parametrize("ask", [told, chatted])
def test_the_layers_of_a_stream(ask: Ask, layers: Layers, box: Sandbox) -> None:
    """The same; a text that is masked in parts is never handed out in any."""

    async def program(client: AsyncClient) -> None:
        with pytest.raises(GuardrailError):
            await ask(client, "Something forbidden")
        assert layers.passed() == ["asked"]

        first = await ask(client, "Tell me of pears and plums")
        assert layers.passed() == ALL
        assert layers.taken == len(box.requests) == 1
        assert "pears" not in "".join(first) and "plums" not in "".join(first)
        assert len(first) > 1

        again = await ask(client, "Tell me of pears and plums")
        assert layers.passed() == ["asked", "guarded"]
        assert layers.taken == len(box.requests) == 1
        assert "".join(again) == "".join(first)

        box.fail(PLACE, [529], retry_after=0.0)
        await ask(client, "Another one")
        assert layers.passed() == ALL * 2
        assert layers.metrics.snapshot()["attempts"] == 3

    run(box, layers, program)


def test_tasks_share_what_is_kept(box: Sandbox) -> None:
    """What several of them ask at a time is asked once."""

    async def main() -> list[Any]:
        async with AsyncClient(
            api_keys=box.api_keys, base_urls=box.base_urls, hooks=[Cache()]
        ) as client:
            return await asyncio.gather(*(execute(client, "Same") for _ in range(20)))

    assert len({answer.content for answer in asyncio.run(main())}) == 1
    assert len(box.requests) == 1
