"""``http_client=`` of ``AsyncAnthropic``: httpx, aiohttp, settings, and odd things."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from specwire import Timeout, errors
from specwire.compat import httpx as settings
from specwire.compat.anthropic import (
    AsyncAnthropic,
    DefaultAioHttpClient,
    DefaultAsyncHttpxClient,
)
from tests.aio.alone import alone
from tests.core.conftest import hang_up
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

httpx = pytest.importorskip("httpx", reason="httpx is not installed")
respx = pytest.importorskip("respx", reason="respx is not installed")

KEY = "sk-ant-very-secret"
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
COUNT: dict[str, Any] = {"model": "m", "messages": ASK["messages"]}
ANSWER = reply(body={"input_tokens": 7}, headers={"request-id": "req_1"})
START = b'data: {"type":"ping"}\n\ndata: {"type":"content_block_stop","index":0}\n\n'
STOP = b'data: {"type":"message_stop"}\n\n'
CERTIFICATES = Path(__file__).parents[1] / "faults" / "certs"
Work = Callable[[AsyncAnthropic, ScriptedServer], Awaitable[Any]]


def played(
    work: Work,
    *script: Step,
    by: Callable[[], Any] = httpx.AsyncClient,
    **options: Any,
) -> ScriptedServer:
    """The server that played ``script`` to ``work``; the client asks by ``by()``."""
    options.setdefault("max_retries", 0)

    async def main(server: ScriptedServer) -> None:
        url = options.pop("base_url", server.url)
        async with AsyncAnthropic(
            api_key=KEY, base_url=url, http_client=by(), **options
        ) as client:
            await asyncio.wait_for(work(client, server), 30)
        assert await alone()

    with serving(*script) as server:
        asyncio.run(main(server))
    return server


async def count(client: AsyncAnthropic, _: Any = None) -> Any:
    counted = await client.messages.count_tokens(**COUNT)
    assert counted.input_tokens == 7
    return counted


def held(*pieces: bytes) -> Step:
    """A reply that does not go on; ends when the client hangs up."""

    def step(connection: Any, _: Any) -> None:
        for piece in pieces:
            connection.sendall(piece)
        connection.settimeout(10)
        connection.recv(1)

    return step


# -- all ways ----------------------------------------------------------------------

WAYS = [
    httpx.AsyncClient,
    aiohttp.ClientSession,
    DefaultAsyncHttpxClient,
    DefaultAioHttpClient,
    lambda: DefaultAsyncHttpxClient(transport=httpx.AsyncHTTPTransport()),
    lambda: None,
]


@pytest.mark.parametrize("by", WAYS)
def test_connections_are_used_again(by: Any) -> None:
    """After whole bodies, compressed ones and streams read to their end."""
    packed = reply(
        body=gzip.compress(b'{"input_tokens": 7}'),
        headers={"Content-Encoding": "gzip"},
    )

    async def work(client: AsyncAnthropic, _: Any) -> None:
        assert (await count(client))._request_id == "req_1"
        await count(client)
        stream = await client.messages.create(**ASK, stream=True)
        assert [event.type async for event in stream] == ["message_stop"]
        await count(client)

    server = played(work, ANSWER, packed, chunked(STOP), ANSWER, by=by)
    assert server.connections == 1
    for each in server.received:
        assert each.headers["x-api-key"] == KEY
        assert each.headers["user-agent"].startswith("specwire/")
        assert each.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("by", WAYS)
def test_leaving_a_stream_early_closes_its_connection(by: Any) -> None:
    """An unread rest is never the next call's answer."""

    async def work(client: AsyncAnthropic, _: Any) -> None:
        async with await client.messages.create(**ASK, stream=True) as stream:
            await anext(stream)
        await count(client)

    assert played(work, held(chunked(START, end=False)), ANSWER, by=by).connections == 2


@pytest.mark.parametrize("by", WAYS)
def test_silence_is_a_timeout_of_ours(by: Any) -> None:
    """Before the reply, within it, and within a stream."""

    async def work(client: AsyncAnthropic, _: Any) -> None:
        for _ in range(2):
            with pytest.raises(errors.APITimeoutError) as caught:
                await client.messages.count_tokens(**COUNT, timeout=Timeout(read=0.05))
            assert not key_in(caught.value)
        stream = await client.messages.create(
            **ASK, stream=True, timeout=Timeout(read=0.1)
        )
        with pytest.raises(errors.APITimeoutError):
            async for _ in stream:
                pass

    played(work, held(), held(ANSWER[:-5]), held(chunked(START, end=False)), by=by)


@pytest.mark.parametrize("by", WAYS)
def test_the_call_has_a_deadline(by: Any) -> None:
    """A body that drips never trips ``read``; the attempt's limit ends it."""

    def drips(connection: Any, _: Any) -> None:
        connection.sendall(ANSWER[:-15])
        connection.settimeout(0.1)
        for _ in range(400):
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                connection.sendall(b" ")

    async def work(client: AsyncAnthropic, _: Any) -> None:
        with pytest.raises(errors.APITimeoutError, match=r"timeout\.attempt"):
            await client.messages.count_tokens(**COUNT, timeout=0.3)

    played(work, drips, by=by)


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ((), "hung up without an answer"),
        ((ANSWER[:-5],), "ended early"),
        ((chunked(b"{", end=False),), "ended early"),
    ],
)
def test_a_connection_that_breaks_is_an_error_of_ours(
    by: Any, sent: tuple[bytes, ...], told: str
) -> None:
    """Of one class and in the same words by all ways."""

    async def work(client: AsyncAnthropic, _: Any) -> None:
        with pytest.raises(errors.APIConnectionError, match=told) as caught:
            await client.messages.count_tokens(**COUNT)
        assert not isinstance(caught.value, errors.APITimeoutError)
        assert caught.value.retryable
        assert not key_in(caught.value)

    played(work, hang_up(*sent), by=by)


@pytest.mark.parametrize("by", WAYS)
def test_a_refused_connection_has_not_started(by: Any) -> None:
    """Its cause is the system's error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    async def work(client: AsyncAnthropic, _: Any) -> None:
        with pytest.raises(errors.APIConnectionError, match="no connection") as caught:
            await client.messages.count_tokens(**COUNT)
        assert not caught.value.started
        assert not key_in(caught.value)

    played(work, base_url=url, by=by)


@pytest.mark.parametrize("by", WAYS)
def test_an_upload_streams_and_is_repeated(by: Any) -> None:
    """With its size where that is known, chunked where not."""
    made = {
        "id": "file_1",
        "type": "file",
        "filename": "a",
        "mime_type": "text/plain",
        "size_bytes": 3,
        "created_at": "2026-01-01T00:00:00Z",
    }

    async def work(client: AsyncAnthropic, _: Any) -> None:
        await client.beta.files.upload(file=b"abc" * 50_000)
        await client.beta.files.upload(file=iter([b"abc"] * 5_000))

    answer = reply(body=made)
    busy = reply(500, headers={"retry-after": "0"})
    server = played(work, busy, answer, answer, by=by, max_retries=1)
    first, again, unknown = server.received
    assert first.body == again.body
    assert b"abc" * 50_000 in again.body
    assert b"abc" * 5_000 in unknown.body
    assert int(first.headers["content-length"]) == len(first.body)
    assert unknown.headers["transfer-encoding"] == "chunked"


@pytest.mark.parametrize("by", WAYS)
def test_a_cancelled_call_gives_its_connection_up(by: Any) -> None:
    """At once; the next call has another one."""

    async def work(client: AsyncAnthropic, server: ScriptedServer) -> None:
        task = asyncio.create_task(client.messages.count_tokens(**COUNT))
        while not server.received:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await count(client)

    assert played(work, held(), ANSWER, by=by).connections == 2


def key_in(error: BaseException) -> bool:
    """Whether an error, or a frame of ours that it went through, holds the key."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    seen = [str(error), repr(error.__dict__)]
    while told is not None:
        for frame in told.stack:
            if f"{os.sep}specwire{os.sep}" in frame.filename:
                seen += (frame.locals or {}).values()
        told = told.__cause__ or told.__context__  # type: ignore[assignment]
    return KEY in "".join(seen)


# -- httpx -------------------------------------------------------------------------


def test_an_httpx_client_is_asked_and_closed() -> None:
    """With headers of its own under ours, its proxy, and its hooks."""
    seen: list[str] = []

    async def hook(request: Any) -> None:
        seen.append(request.url.path)

    made: list[Any] = []

    def own() -> Any:
        hooks = {"request": [hook]}
        made.append(httpx.AsyncClient(headers={"X-Own": "1"}, event_hooks=hooks))
        return made[0]

    server = played(count, ANSWER, by=own)
    assert server.received[0].headers["x-own"] == "1"
    assert seen == ["/v1/messages/count_tokens"]
    assert made[0].is_closed


def test_an_httpx_client_that_is_closed_is_told_of() -> None:
    """Its own RuntimeError does not come through."""

    async def work(client: AsyncAnthropic, _: Any) -> None:
        await own.aclose()
        with pytest.raises(errors.APIConnectionError, match="is closed") as caught:
            await client.messages.count_tokens(**COUNT)
        assert not caught.value.retryable

    own = httpx.AsyncClient()
    played(work, by=lambda: own)


def test_respx_answers() -> None:
    """As for every user of httpx."""

    async def main() -> None:
        with respx.mock(base_url="https://api.anthropic.com") as mock:
            route = mock.post("/v1/messages/count_tokens")
            route.respond(json={"input_tokens": 7})
            client = AsyncAnthropic(api_key=KEY, http_client=httpx.AsyncClient())
            await count(client)
            assert route.call_count == 1
            await client.close()

    asyncio.run(main())


@pytest.mark.parametrize("by", [httpx.AsyncClient, aiohttp.ClientSession])
def test_what_is_given_is_closed_with_the_client(by: Any) -> None:
    """Also where nothing was asked, and once for a copy on the same connections."""

    async def main() -> None:
        own = by()
        async with AsyncAnthropic(api_key=KEY, http_client=own) as client:
            copied = client.copy(api_key="other")
        assert getattr(own, "is_closed", None) or getattr(own, "closed", None)
        await copied.close()

    asyncio.run(main())


# -- settings ----------------------------------------------------------------------


def test_settings_become_connections() -> None:
    """Headers are sent, but not over our own."""
    own = settings.AsyncClient(headers={"X-Own": "1", "user-agent": "own"})

    async def work(client: AsyncAnthropic, _: Any) -> None:
        await count(client)
        await count(client)

    server = played(work, ANSWER, ANSWER, by=lambda: own)
    assert server.received[0].headers["x-own"] == "1"
    assert server.received[0].headers["user-agent"].startswith("specwire/")
    assert server.connections == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda url: {"proxy": url},
        lambda url: {"proxies": {"http://": url}},
        lambda url: {"proxies": {"http://127.0.0.2": url, "all://": "http://no:1"}},
        lambda url: {"proxy": settings.Proxy(url, auth=("u@x", "p:/"))},
    ],
)
def test_a_proxy_is_set_in_any_form(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves none to the environment."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(ANSWER) as proxy:
        own = DefaultAsyncHttpxClient(**form(proxy.url))
        played(count, base_url="http://127.0.0.2:9", by=lambda: own)
    (sent,) = proxy.received
    assert sent.target == "http://127.0.0.2:9/v1/messages/count_tokens"
    if "u@x" in repr(own.proxies) or "u%40x" in repr(own.proxies):
        assert sent.headers["proxy-authorization"] == "Basic dUB4OnA6Lw=="


def test_the_environment_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """``trust_env=False`` goes round a proxy of the environment."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    played(count, ANSWER, by=lambda: settings.AsyncClient(trust_env=False))


@pytest.mark.parametrize(
    "odd", [httpx.Client(), settings.Client(), object(), 3, "http://proxy"]
)
def test_what_cannot_be_used_is_told_by_the_first_call(odd: Any) -> None:
    """The client is made; a call names what is expected and what it got."""

    async def work(client: AsyncAnthropic, _: Any) -> None:
        with pytest.raises(errors.RequestValidationError) as caught:
            await client.messages.create(**ASK)
        assert "expected an httpx.AsyncClient" in str(caught.value)
        assert type(odd).__name__ in str(caught.value)

    played(work, by=lambda: odd)


def test_settings_for_tasks_are_none_for_threads() -> None:
    """``Anthropic`` says what it expects."""
    from specwire.compat.anthropic import Anthropic

    with Anthropic(api_key=KEY, http_client=settings.AsyncClient()) as client:
        with pytest.raises(errors.RequestValidationError, match="synchronous"):
            client.messages.create(**ASK)


def test_limits_of_a_call_are_those_of_httpx() -> None:
    """No limit for writing is none, though there is one for reading."""
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json={"input_tokens": 7})

    async def work(client: AsyncAnthropic, _: ScriptedServer) -> None:
        limit = httpx.Timeout(None, read=1.0)
        await client.messages.count_tokens(**COUNT, timeout=limit)

    transport = httpx.MockTransport(answer)
    played(work, by=lambda: httpx.AsyncClient(transport=transport))
    assert [(each["read"], each["write"]) for each in seen] == [(1.0, None)]
