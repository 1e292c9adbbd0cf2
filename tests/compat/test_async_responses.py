"""``with_raw_response`` and ``with_streaming_response`` of ``AsyncAnthropic``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from specwire import errors
from specwire.aio.faces.anthropic_responses import (
    AsyncBinaryAPIResponse,
    AsyncLegacyAPIResponse,
)
from specwire.compat.anthropic import AsyncAnthropic, AsyncAPIResponse, AsyncStream
from specwire.compat.anthropic.exchange import StreamAlreadyConsumed
from specwire.compat.anthropic.tasks import AsyncHTTPResponse
from specwire.models import Message
from tests.aio.alone import alone
from tests.samples import message
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

KEY = "sk-ant-very-secret"
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
MESSAGE = message("hé\nho")
ANSWER = reply(body=MESSAGE, headers={"request-id": "req_1"})
START = (
    b'data: {"type":"message_start","message":%s}\n\n' % json.dumps(MESSAGE).encode()
)
STOP = b'data: {"type":"message_stop"}\n\n'


def played(
    work: Callable[[AsyncAnthropic], Awaitable[Any]], *script: Step, **options: Any
) -> ScriptedServer:
    """The server that played ``script`` to what ``work`` does with its client."""

    async def main(server: ScriptedServer) -> None:
        async with AsyncAnthropic(
            api_key=KEY, base_url=server.url, **options
        ) as client:
            await asyncio.wait_for(work(client), 30)
        assert await alone()

    with serving(*script) as server:
        asyncio.run(main(server))
    return server


# -- raw ---------------------------------------------------------------------------


def test_a_raw_reply_is_here_and_is_parsed_without_waiting() -> None:
    """Status, headers, text; ``parse()`` makes the message, once."""

    async def work(client: AsyncAnthropic) -> None:
        for view in (client.messages.with_raw_response, _by_client(client)):
            raw = await view.create(**ASK)
            assert isinstance(raw, AsyncLegacyAPIResponse)
            assert (raw.status_code, raw.headers["REQUEST-ID"]) == (200, "req_1")
            assert (raw.request_id, raw.method) == ("req_1", "POST")
            assert json.loads(raw.text) == json.loads(raw.content) == MESSAGE
            assert "x-api-key" not in raw.http_request.headers
            made = raw.parse()
            assert isinstance(made, Message) and made is raw.parse()
            assert raw.parse(to=dict) == raw.json() == MESSAGE

    played(work, ANSWER, ANSWER)


def _by_client(client: AsyncAnthropic) -> Any:
    return client.with_raw_response.messages


def test_retries_are_counted() -> None:
    """As many as went before the attempt that was answered."""

    async def work(client: AsyncAnthropic) -> None:
        raw = await client.messages.with_raw_response.create(**ASK)
        assert raw.retries_taken == 2

    busy = reply(529, headers={"retry-after": "0"})
    played(work, busy, busy, ANSWER)


def test_the_reply_is_there_in_the_words_of_httpx() -> None:
    """What is here is read without waiting, or awaited by the async names."""

    async def work(client: AsyncAnthropic) -> None:
        raw = await client.messages.with_raw_response.create(**ASK)
        response = raw.http_response
        assert isinstance(response, AsyncHTTPResponse)
        assert (response.status_code, response.is_success) == (200, True)
        assert response.json() == MESSAGE
        assert response.text.encode() == response.content == await response.aread()
        assert [line async for line in response.aiter_lines()] == [response.text]
        await response.aclose()

    played(work, ANSWER)


def test_the_raw_reply_of_a_stream_is_here_before_its_events() -> None:
    """``parse()`` gives an ``AsyncStream``."""

    async def work(client: AsyncAnthropic) -> None:
        raw = await client.messages.with_raw_response.create(**ASK, stream=True)
        assert raw.headers["content-type"] == "text/event-stream"
        stream = raw.parse()
        assert isinstance(stream, AsyncStream)
        assert [e.type async for e in stream] == ["message_start", "message_stop"]

    played(work, chunked(START, STOP))


def test_a_page_leads_on_to_plain_pages() -> None:
    """``parse()`` of a list gives an ``AsyncPage``."""
    first = {"data": [{"id": "a"}], "has_more": True, "last_id": "a", "first_id": "a"}
    second = {"data": [{"id": "b"}], "has_more": False, "last_id": "b", "first_id": "b"}
    rows = [
        {**page, "data": [{**MODEL, **row} for row in page["data"]]}  # type: ignore[attr-defined]
        for page in (first, second)
    ]

    async def work(client: AsyncAnthropic) -> None:
        raw = await client.models.with_raw_response.list(limit=1)
        assert [model.id async for model in raw.parse()] == ["a", "b"]

    played(work, *(reply(body=page) for page in rows))


MODEL = {"type": "model", "display_name": "A", "created_at": "2026-01-01T00:00:00Z"}


def test_an_error_is_raised_as_usual() -> None:
    """By either way, before there is a reply to look at."""

    async def work(client: AsyncAnthropic) -> None:
        with pytest.raises(errors.BadRequestError):
            await client.messages.with_raw_response.create(**ASK)
        with pytest.raises(errors.BadRequestError):
            async with client.messages.with_streaming_response.create(**ASK):
                pass

    bad = reply(400, {"error": {"type": "invalid_request_error", "message": "no"}})
    played(work, bad, bad)


def test_a_view_has_operations_only() -> None:
    """And says what it lacks."""

    async def work(client: AsyncAnthropic) -> None:
        with pytest.raises(AttributeError, match="nothing"):
            client.messages.with_raw_response.nothing  # noqa: B018
        with pytest.raises(AttributeError, match="nothing"):
            client.messages.with_streaming_response.nothing  # noqa: B018
        assert "create" in dir(client.messages.with_streaming_response)
        with pytest.raises(TypeError, match="no single request"):
            await client.messages.with_raw_response.stream(**ASK)

    played(work)


# -- streaming ---------------------------------------------------------------------


async def _lines(response: AsyncAPIResponse) -> str:
    return "\n".join([line async for line in response.iter_lines()])


async def _texts(response: AsyncAPIResponse) -> str:
    return "".join([text async for text in response.iter_text(7)])


async def _bytes(response: AsyncAPIResponse) -> str:
    return b"".join([part async for part in response.iter_bytes()]).decode()


async def _read(response: AsyncAPIResponse) -> str:
    return (await response.read()).decode()


async def _json(response: AsyncAPIResponse) -> str:
    return json.dumps(await response.json())


async def _text(response: AsyncAPIResponse) -> str:
    return await response.text()


@pytest.mark.parametrize("way", [_lines, _texts, _bytes, _read, _json, _text])
def test_a_streaming_reply_is_read_in_many_ways(way: Any) -> None:
    """In ``async with``; the request is made on entering."""

    async def work(client: AsyncAnthropic) -> None:
        manager = client.messages.with_streaming_response.create(**ASK)
        async with manager as response:
            assert isinstance(response, AsyncAPIResponse)
            assert json.loads(await way(response)) == MESSAGE
        assert response.is_closed

    assert len(played(work, ANSWER).received) == 1


def test_a_streaming_reply_is_parsed() -> None:
    """Awaited; to a message, a stream of any items, or another type."""

    async def work(client: AsyncAnthropic) -> None:
        view = client.with_streaming_response.messages
        async with view.create(**ASK) as response:
            assert (await response.parse()).id == "msg_1"
            assert await response.parse(to=str) == await response.text()
        async with view.create(**ASK, stream=True) as response:
            stream = await response.parse(to=AsyncStream[dict[str, Any]])
            assert [e["type"] async for e in stream] == [
                "message_start",
                "message_stop",
            ]

    played(work, ANSWER, chunked(START, STOP))


def test_leaving_early_closes() -> None:
    """The connection is given up, and the next call has another one."""

    async def work(client: AsyncAnthropic) -> None:
        view = client.messages.with_streaming_response
        async with view.create(**ASK, stream=True) as response:
            async for _ in response.iter_bytes():
                break
        assert response.is_closed
        with pytest.raises(StreamAlreadyConsumed):
            await response.read()
        await client.messages.create(**ASK)

    def goes_on(connection: Any, _: Any) -> None:
        connection.sendall(chunked(START, end=False))
        connection.settimeout(10)
        connection.recv(1)

    assert played(work, goes_on, ANSWER).connections == 2


def test_a_download_is_written_as_it_arrives(tmp_path: Path) -> None:
    """By both views, which leave its body on the wire."""
    body = reply(body=b"every byte" * 10_000, content_type="application/octet-stream")

    async def work(client: AsyncAnthropic) -> None:
        raw = await client.beta.files.with_raw_response.download("file_1")
        assert isinstance(raw, AsyncBinaryAPIResponse)
        await raw.write_to_file(tmp_path / "a")
        files = client.beta.files.with_streaming_response
        async with files.download("file_1") as response:
            await response.stream_to_file(tmp_path / "b")

    played(work, body, body)
    assert (tmp_path / "a").read_bytes() == b"every byte" * 10_000
    assert (tmp_path / "b").read_bytes() == b"every byte" * 10_000
