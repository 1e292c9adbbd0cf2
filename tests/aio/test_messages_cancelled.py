"""A call that is cancelled: its connection is not used again, and hooks are told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import pytest

from specwire import Hook, errors
from specwire.aio import AsyncClient
from tests.samples import message
from tests.scripted import ScriptedServer, chunked, reply, serving

ASK: Any = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
ANSWER = reply(200, message())
BEGIN = (
    b'data: {"type":"message_start","message":{"id":"msg_1","type":"message",'
    b'"role":"assistant","model":"m","content":[],"stop_reason":null,'
    b'"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n'
    b'data: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n'
    b'data: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"Hel"}}\n\n'
)


class Told(Hook):
    """Notes what it is told at the end of each call."""

    def __init__(self) -> None:
        self.before = 0
        self.after: list[str] = []

    def before_attempt(self, call: Any) -> None:
        self.before += 1

    def after_attempt(self, call: Any, outcome: Any) -> None:
        self.after.append(type(outcome).__name__)


class Silent:
    """A reply that begins and does not go on; tells when the client hangs up."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, connection: socket.socket, _: Any) -> None:
        connection.sendall(self._head)
        self._loop.call_soon_threadsafe(self.asked.set)
        connection.settimeout(10)
        try:
            gone = connection.recv(1) == b""
        except ConnectionError:
            gone = True
        if gone:
            with contextlib.suppress(RuntimeError):  # its test is over
                self._loop.call_soon_threadsafe(self.left.set)


def running(main: Callable[[ScriptedServer], Any]) -> ScriptedServer:
    """A server whose script ``main`` writes."""
    with serving() as server:
        asyncio.run(asyncio.wait_for(main(server), 20))
    return server


def of(server: ScriptedServer, *hooks: Hook) -> AsyncClient:
    keys, urls = {"anthropic": "k"}, {"anthropic": server.url}
    return AsyncClient(api_keys=keys, base_urls=urls, hooks=hooks)


def test_a_task_that_waits_for_an_answer_is_cancelled() -> None:
    """At once; the server sees it hang up, hooks are told, the next call is fine."""
    told = Told()

    async def main(server: ScriptedServer) -> None:
        silent = Silent(b"")
        server.script += [silent, ANSWER]
        async with of(server, told) as client:
            task = asyncio.create_task(client.messages.create(**ASK))
            await silent.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert client._of._engine.under_way == 0
            await silent.left.wait()
            assert (await client.messages.create(**ASK)).id == "msg_1"

    server = running(main)
    assert server.connections == 2
    assert told.before == 2
    assert told.after == ["CancelledError", "Reply"]


def test_a_stream_that_is_cancelled_gives_its_connection_up() -> None:
    """In the middle of its events, by ``async with``; the rest is no call's answer."""

    async def main(server: ScriptedServer) -> None:
        silent = Silent(chunked(BEGIN, end=False))
        server.script += [silent, ANSWER]
        seen: list[str] = []

        async def read(client: AsyncClient) -> None:
            async with client.messages.stream(**ASK) as stream:
                async for text in stream.text_stream:
                    seen.append(text)
                    reading.set()

        reading = asyncio.Event()
        async with of(server) as client:
            task = asyncio.create_task(read(client))
            await reading.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert client._of._engine.under_way == 0
            await silent.left.wait()
            await client.messages.create(**ASK)
        assert seen == ["Hel"]

    assert running(main).connections == 2


def test_leaving_a_stream_early_gives_its_connection_up() -> None:
    """With ``break``, or by an exception of one's own."""

    async def main(server: ScriptedServer) -> None:
        first, second = (Silent(chunked(BEGIN, end=False)) for _ in range(2))
        server.script += [first, second, ANSWER]
        async with of(server) as client:
            async with client.messages.stream(**ASK) as stream:
                async for _ in stream:
                    break
            await first.left.wait()
            with pytest.raises(ZeroDivisionError):
                async with client.messages.stream(**ASK) as stream:
                    async for _ in stream:
                        raise ZeroDivisionError
            await second.left.wait()
            snapshot = stream.current_message_snapshot
            assert snapshot.id == "msg_1"
            await client.messages.create(**ASK)

    assert running(main).connections == 3


def test_a_limit_of_asyncio_is_a_cancel() -> None:
    """``wait_for`` raises its own error, and no connection is left."""

    async def main(server: ScriptedServer) -> None:
        silent = Silent(b"")
        server.script += [silent]
        async with of(server) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.messages.create(**ASK), 0.1)
            await silent.left.wait()

    assert running(main).connections == 1


def test_one_of_many_is_cancelled_alone() -> None:
    """The others, on connections of their own, get their answers."""

    async def main(server: ScriptedServer) -> None:
        silent = Silent(b"")
        server.script += [silent]
        async with of(server) as client:
            lost = asyncio.create_task(client.messages.create(**ASK))
            await silent.asked.wait()
            server.script += [ANSWER] * 9
            calls = [client.messages.create(**ASK) for _ in range(9)]
            others = asyncio.gather(*calls)
            lost.cancel()
            assert len(await others) == 9
            with pytest.raises(asyncio.CancelledError):
                await lost

    running(main)


def test_a_stream_that_is_cut_tells_what_came() -> None:
    """As in the synchronous client: a ``StreamError`` with the message so far."""

    async def main(server: ScriptedServer) -> None:
        server.script += [chunked(BEGIN, end=False)]
        async with of(server) as client, client.messages.stream(**ASK) as stream:
            with pytest.raises(errors.StreamError) as caught:
                await stream.get_final_message()
            block = caught.value.message_object.content[0]  # type: ignore[union-attr]
            assert getattr(block, "text", "") == "Hel"

    running(main)
