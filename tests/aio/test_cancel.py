"""Tasks that are cancelled at any moment leave nothing behind.

The moments are turns of the event loop, drawn by a seeded generator; what the network
adds to them is not told in advance, and must not matter.
"""

from __future__ import annotations

import asyncio
import gc
import random
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from specwire.aio import AsyncClient
from specwire.errors import CancelledError
from tests.scripted import Received, chunked, serving

from .echo import echoing

WORKERS = 12
CALLS = 500
Ask = Callable[[AsyncClient, str], Awaitable[str]]


def asked(text: str) -> dict[str, Any]:
    said = [{"role": "user", "content": text}]
    return {"model": "m", "max_tokens": 9, "messages": said}


async def call(client: AsyncClient, text: str) -> str:
    reply = await client.messages.create(**asked(text))
    return "".join(getattr(block, "text", "") for block in reply.content)


async def repeated(client: AsyncClient, text: str) -> str:
    """A call that is refused at first."""
    whole = await call(client, f"once {text}")
    return whole.removeprefix("once ")


async def streamed(client: AsyncClient, text: str) -> str:
    async with client.messages.stream(**asked(text)) as stream:
        return "".join([piece async for piece in stream.text_stream])


async def begun(client: AsyncClient, text: str) -> str:
    """A stream that is left after its first event, without a word."""
    events = await client.messages.create(**asked(f"held {text}"), stream=True)
    await anext(events)
    return text


async def closed(client: AsyncClient, text: str) -> str:
    """A stream that is closed after its first event."""
    async with await client.messages.create(**asked(text), stream=True) as events:
        await anext(events)
    return text


async def uploaded(client: AsyncClient, text: str) -> str:
    file = (text, Path(__file__).read_bytes() * 20)
    return (await client.files.upload(file=file)).id


KINDS: tuple[Ask, ...] = (call, call, streamed, streamed, repeated, begun, closed)
KINDS += (uploaded,)


class Storm:
    """:ivar wrong: what was answered to somebody else, or failed by itself."""

    def __init__(self, client: AsyncClient, seed: int) -> None:
        self._client = client
        self._chance = random.Random(seed)
        self.cancelled = 0
        self.wrong: list[str] = []

    async def blow(self) -> None:
        numbers = iter(range(CALLS))
        await asyncio.gather(*(self._work(numbers) for _ in range(WORKERS)))

    async def _work(self, numbers: Any) -> None:
        for number in numbers:
            ask = self._chance.choice(KINDS)
            turns = self._chance.choice((0, 1, 2, 3, 5, 8, 13, 30, 60, 10_000))
            task = asyncio.ensure_future(ask(self._client, f"c-{number}"))
            for _ in range(turns):
                if task.done():
                    break
                await asyncio.sleep(0)
            task.cancel()
            self._note(
                f"c-{number}", *await asyncio.gather(task, return_exceptions=True)
            )

    def _note(self, text: str, came: Any) -> None:
        if isinstance(came, asyncio.CancelledError):
            self.cancelled += 1
        elif came != text:
            self.wrong.append(f"{text}: {came!r}")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_a_storm_of_cancelled_tasks_leaves_nothing_behind(seed: int) -> None:
    """No call is held, no task is left, and every later answer is its call's own."""
    complaints: list[Any] = []

    async def main(url: str) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: complaints.append(about))
        async with AsyncClient(
            api_keys={"anthropic": "k" * 20}, base_urls={"anthropic": url}
        ) as client:
            storm = Storm(client, seed)
            await storm.blow()
            gc.collect()
            await asyncio.sleep(0)
            assert storm.wrong == []
            assert CALLS // 5 < storm.cancelled < CALLS
            assert client._of._engine.under_way == 0
            later = [f"later-{number}" for number in range(60)]
            kinds = (call, streamed)
            came = await asyncio.gather(
                *(kinds[n % 2](client, text) for n, text in enumerate(later))
            )
            assert came == later
            assert client._of._engine.under_way == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with echoing() as echo:
        asyncio.run(main(echo.url))
    assert complaints == []


async def cut_short(waiting: Awaitable[Any]) -> None:
    """Cancel ``waiting`` in the middle of it."""
    task = asyncio.ensure_future(waiting)
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_what_follows_a_cancelled_read_is_no_end() -> None:
    """A stream that is read on says that it was cut short, and what it had is kept."""

    async def main(url: str) -> None:
        keys, urls = {"anthropic": "k" * 20}, {"anthropic": url}
        async with AsyncClient(api_keys=keys, base_urls=urls) as client:
            events = await client.messages.create(**asked("held x"), stream=True)
            assert (await anext(events)).type == "message_start"
            await cut_short(anext(events))
            with pytest.raises(CancelledError):
                await anext(events)

    with echoing() as echo:
        asyncio.run(main(echo.url))


def test_a_download_whose_read_was_cancelled_is_not_whole() -> None:
    """Reading on gives an error, where an empty rest would look like the end."""

    def half(conn: socket.socket, _: Received) -> None:
        conn.sendall(chunked(b"half", end=False))
        conn.recv(1)

    async def main(url: str) -> None:
        keys, urls = {"anthropic": "k" * 20}, {"anthropic": url}
        async with AsyncClient(api_keys=keys, base_urls=urls) as client:
            body = await client.files.download("f1")
            pieces = body.iter_bytes()
            assert await anext(pieces) == b"half"
            await cut_short(body.read())
            with pytest.raises(CancelledError):
                await body.read()

    with serving(half) as server:
        asyncio.run(main(server.url))
