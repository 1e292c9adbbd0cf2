"""The async transport: the same replies, limits and errors as in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import os
import socket
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from specwire.aio.base import adopt
from specwire.aio.bridge import spawn
from specwire.core.types import Timeout
from specwire.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    CancelledError,
    SpecwireError,
)
from tests.core.conftest import _no_proxy as _no_proxy
from tests.core.conftest import hang_up
from tests.core.sample import KEY, NotesClient, client
from tests.core.test_session import BROKEN, LEGAL, Changing, moved, tls
from tests.scripted import Received, ScriptedServer, Step, chunked, reply, serving

pytestmark = pytest.mark.timed

DATA = Path(__file__).parents[1] / "core" / "data"
OK = reply(200, {"ok": True})
EVENT = b'data: {"type":"a"}\n\n'


def tasked(url: str, **settings: Any) -> NotesClient:
    """A client whose calls are made in tasks."""
    return adopt(client(url, **settings))


def run(
    script: Callable[[NotesClient, ScriptedServer], Awaitable[Any]],
    *steps: Step,
    **settings: Any,
) -> Any:
    """Run ``script`` with a client and the server that plays ``steps``."""

    async def main() -> Any:
        with serving(*steps) as server, tasked(server.url, **settings) as made:
            return await script(made, server)

    return asyncio.run(main())


def asked(*steps: Step, **settings: Any) -> Any:
    """What one call gives, an error of ours too."""

    async def script(made: NotesClient, server: ScriptedServer) -> Any:
        try:
            return await spawn(made.notes.public)
        except SpecwireError as error:
            return error

    return run(script, *steps, max_retries=0, **settings)


def in_a_thread(*steps: Step) -> Any:
    """What the same call gives without tasks."""
    with serving(*steps) as server, client(server.url, max_retries=0) as made:
        try:
            return made.notes.public()
        except SpecwireError as error:
            return error


def lines(made: NotesClient) -> int:
    """How many connections are open."""
    session: Any = made._engine._session
    return sum(len(net.lines) for net in session._nets.values())


def waits(*first: bytes) -> Step:
    """Send ``first`` and nothing more, until the client hangs up."""

    def step(conn: socket.socket, request: Received) -> None:
        for piece in first:
            conn.sendall(piece)
        conn.recv(1)

    return step


# -- the same outcomes -------------------------------------------------------------


@pytest.mark.parametrize("name", LEGAL)
def test_odd_but_legal_http_works(name: str) -> None:
    """What RFC 9112 allows is read."""
    assert asked(hang_up(LEGAL[name])) == {}


@pytest.mark.parametrize("name", [*BROKEN, "two lengths"])
def test_broken_framing_is_the_same_error_as_in_a_thread(name: str) -> None:
    """Class, facts and words."""
    lengths = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "
    step = hang_up({**BROKEN, "two lengths": lengths}[name])
    here, there = asked(step), in_a_thread(step)
    assert type(here) is type(there) is APIConnectionError
    assert (here.retryable, here.started) == (there.retryable, there.started)
    assert str(here).rpartition(": ")[2] == str(there).rpartition(": ")[2]


def test_nobody_listens_is_the_same_error_as_in_a_thread() -> None:
    """asyncio's words for it name the address; ours are the system's."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    said = []
    for made in (client(url, max_retries=0), tasked(url, max_retries=0)):
        with made, pytest.raises(APIConnectionError) as caught:
            if made._engine.transport is None:
                made.notes.public()
            else:
                asyncio.run(spawn(made.notes.public))
        said.append((str(caught.value).partition("(")[0], caught.value.started))
        made.close()
    assert said[0][1] is said[1][1] is False
    assert said[0][0].endswith("Connection refused ")
    assert said[1][0].endswith("Connection refused ")


def test_what_is_sent_is_what_a_thread_sends() -> None:
    """Request line, headers and their order, body."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        await spawn(made.notes.run, "a b", idempotency_key="k")
        with client(server.url) as other:
            await asyncio.to_thread(other.notes.run, "a b", idempotency_key="k")
        here, there = server.received
        assert here.head == there.head
        assert here.body == there.body

    run(script, OK, OK)


def test_redirects_stay_on_the_origin() -> None:
    """Followed with the key there; elsewhere nobody is asked."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        await spawn(made.notes.list)
        assert server.received[1].target == "/elsewhere?a=b@c"
        assert server.received[1].headers["x-api-key"] == KEY
        with pytest.raises(APIStatusError, match="not followed"):
            await spawn(made.notes.list)

    there = moved("http://127.0.0.2:9/x")
    run(script, moved("/elsewhere?a=b@c"), reply(200, {"data": []}), there)


# -- connections -------------------------------------------------------------------


def test_a_connection_is_used_again() -> None:
    """Three calls, one connection."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        for _ in range(3):
            assert await spawn(made.notes.public) == {"ok": True}
        assert server.connections == 1

    run(script, OK, OK, OK)


def test_a_connection_that_went_stale_is_replaced() -> None:
    """The server closed it between two calls, and the loop has not seen it yet."""
    closed = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(OK)
        conn.shutdown(socket.SHUT_RDWR)
        closed.set()

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        await spawn(made.notes.public)
        closed.wait(5)
        assert await spawn(made.notes.public) == {"ok": True}
        assert server.connections == 2

    run(script, step, OK, max_retries=0)


def test_an_unasked_second_answer_is_never_the_next_calls() -> None:
    """What comes after a reply belongs to nobody."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        assert await spawn(made.notes.public) == {"ok": True}
        assert await spawn(made.notes.public) == {"second": True}

    run(script, OK + reply(200, {"poison": True}), reply(200, {"second": True}))


def test_a_client_serves_one_loop_after_another() -> None:
    """The connections of a loop that is over are closed without a word."""
    with serving(OK, OK) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        made = tasked(server.url)
        for _ in range(2):
            assert asyncio.run(spawn(made.notes.public)) == {"ok": True}
        assert lines(made) == 1
        del made
        gc.collect()


def test_a_client_that_is_dropped_leaves_no_connection() -> None:
    """Nor a warning."""

    async def script(_: NotesClient, server: ScriptedServer) -> None:
        made = tasked(server.url)
        await spawn(made.notes.public)
        session: Any = made._engine._session
        (net,) = session._nets.values()
        del made, session
        gc.collect()
        assert not net.lines

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(script, OK)
        gc.collect()


def test_hundreds_of_calls_at_once_all_succeed() -> None:
    """There is no limit to run into but the system's."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        calls = (spawn(made.notes.public) for _ in range(300))
        assert await asyncio.gather(*calls) == [{"ok": True}] * 300

    run(script, *[OK] * 300)


# -- limits and ends ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "words"),
    [(0.1, r"timeout\.total"), (Timeout(read=0.1), "time ran out waiting for")],
)
def test_a_reply_that_does_not_come_ends_in_time(timeout: Any, words: str) -> None:
    """By the call's limit, or that of one read."""
    began = time.monotonic()
    with pytest.raises(APITimeoutError, match=words):
        raise asked(waits(), timeout=timeout)
    assert time.monotonic() - began < 2


def test_cancelling_a_task_closes_the_connection_it_waits_on() -> None:
    """Before the head; the client is as good as new."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        task = asyncio.create_task(spawn(made.notes.public))
        while not server.received:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (lines(made), made._engine.under_way) == (0, 0)
        assert await spawn(made.notes.public) == {"ok": True}

    run(script, waits(), OK)


def test_cancelling_a_read_of_a_stream_closes_it() -> None:
    """Its rest would be the next call's answer."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        stream = await spawn(made.notes.create, stream=True)
        await spawn(next, stream)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(spawn(next, stream), 0.05)
        assert (lines(made), made._engine.under_way) == (0, 0)

    run(script, waits(chunked(EVENT, end=False)))


def test_cancelling_while_it_connects_leaves_nothing() -> None:
    """A full backlog leaves the handshake hanging."""

    async def script() -> None:
        with full_backlog() as url, tasked(url) as made:
            task = asyncio.create_task(spawn(made.notes.public))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert made._engine.under_way == 0

    asyncio.run(script())


@pytest.mark.parametrize("timeout", [0.1, Timeout(connect=0.1)])
def test_a_connection_nobody_accepts_ends_in_time(timeout: Any) -> None:
    """Nothing was sent, which the error says."""

    async def script() -> None:
        with full_backlog() as url, tasked(url, timeout=timeout, max_retries=0) as made:
            with pytest.raises(APITimeoutError) as caught:
                await spawn(made.notes.public)
            assert not caught.value.started

    asyncio.run(script())


@contextlib.contextmanager
def full_backlog() -> Iterator[str]:
    """Where a connection is not made, nor refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("by", ["client", "stream"])
def test_closing_from_a_thread_wakes_who_reads(by: str) -> None:
    """At once, with an error that says so."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        stream = await spawn(made.notes.create, stream=True)
        await spawn(next, stream)
        reading = asyncio.create_task(spawn(next, stream))
        await asyncio.sleep(0)
        await asyncio.to_thread((made if by == "client" else stream).close)
        with pytest.raises(CancelledError):
            await reading

    run(script, waits(chunked(EVENT, end=False)))


def test_a_stream_that_is_dropped_leaves_no_connection() -> None:
    """The event loop would know it for ever."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        stream = await spawn(made.notes.create, stream=True)
        await spawn(next, stream)
        del stream
        gc.collect()
        assert lines(made) == 0

    run(script, waits(chunked(EVENT, end=False)))


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_a_stream_is_live_in_every_framing(framing: str) -> None:
    """An event is given out while the next one is not sent yet."""
    go = threading.Event()
    kind = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    second = b'data: {"type":"stop"}\n\n'
    heads = {
        "chunked": kind + b"Transfer-Encoding: chunked\r\n\r\n",
        "length": kind + b"Content-Length: %d\r\n\r\n" % len(EVENT + second),
        "close": kind + b"\r\n",
    }

    def framed(data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if framing == "chunked" else data

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(heads[framing] + framed(EVENT))
        go.wait(5)
        conn.sendall(framed(second))
        conn.recv(1)

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        stream = await spawn(made.notes.create, stream=True)
        assert (await spawn(next, stream)).type == "a"
        go.set()
        assert (await spawn(next, stream)).type == "stop"

    run(script, step)


# -- uploads -----------------------------------------------------------------------


def test_a_file_is_sent_in_pieces_and_again() -> None:
    """Whole, and from its start for another attempt."""
    content = bytes(range(256)) * 2_000

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        await spawn(made.notes.upload, io.BytesIO(content))
        first, second = server.received
        assert content in first.body
        assert first.body == second.body

    run(script, moved("/v2/files"), OK)


def test_an_iterable_is_sent_chunked() -> None:
    """Its length is not known."""

    async def script(made: NotesClient, server: ScriptedServer) -> None:
        await spawn(made.notes.upload, iter([b"one", b"", b"two"]))
        assert b"onetwo" in server.received[0].body

    run(script, OK)


def test_an_answer_in_the_middle_of_an_upload_is_heard() -> None:
    """A server that takes no more says why before it hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.recv(1000)
            conn.sendall(reply(413, {"type": "error"}, {"Connection": "close"}))

    thread = threading.Thread(target=refuse, daemon=True)
    thread.start()
    made = tasked(f"http://127.0.0.1:{listener.getsockname()[1]}", max_retries=0)
    with listener, made, pytest.raises(APIStatusError) as caught:
        asyncio.run(spawn(made.notes.upload, b"x" * (8 << 20)))
    thread.join(5)
    assert caught.value.status_code == 413


def test_who_takes_nothing_of_an_upload_is_not_waited_for() -> None:
    """timeout.write is how long."""
    over = threading.Event()

    def idle(conn: socket.socket, request: Received) -> None:
        over.wait(5)

    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = tasked(url, max_retries=0, timeout=Timeout(write=0.1))
    with listener, made, pytest.raises(APITimeoutError):
        asyncio.run(spawn(made.notes.upload, b"x" * (32 << 20)))


# -- the environment ---------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy gets the whole URL and its own credential; no_proxy goes round it."""

    async def script(proxy: ScriptedServer) -> None:
        with tasked("http://127.0.0.2:9") as made:
            assert await spawn(made.notes.public) == {"ok": True}

    with serving(OK) as proxy, serving(OK) as server:
        url = proxy.url.replace("http://", "http://user:proxypw@")
        monkeypatch.setenv("http_proxy", url)
        asyncio.run(script(proxy))
        (seen,) = proxy.received
        assert seen.target == "http://127.0.0.2:9/v1/public"
        assert seen.headers["proxy-authorization"].startswith("Basic ")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with tasked(server.url) as made:
            asyncio.run(spawn(made.notes.public))
        assert len(server.received) == len(proxy.received) == 1


def test_an_environment_may_change_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is read again; the proxy that it names is used."""
    with serving(OK) as proxy:
        changing = Changing(os.environ, http_proxy=proxy.url)
        monkeypatch.setattr(os, "environ", changing)
        with tasked("http://127.0.0.2:9") as made:
            assert asyncio.run(spawn(made.notes.public)) == {"ok": True}
        assert (len(proxy.received), changing.changes) == (1, 0)


def test_tls_goes_through_a_proxy_by_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECT first; the proxy never sees the key."""
    refusal = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
    with serving(refusal) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with tasked("https://127.0.0.2:9", max_retries=0) as made:
            with pytest.raises(APIConnectionError):
                asyncio.run(spawn(made.notes.run, "n1"))
        (request,) = proxy.received
    assert (request.method, request.target) == ("CONNECT", "127.0.0.2:9")
    assert KEY.encode() not in request.head


def test_a_bundle_of_the_environment_is_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A company's own authority works; nobody else's does."""
    listener, handshakes, thread = tls(OK)
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with tasked(url) as made, pytest.raises(APIConnectionError, match="was refused"):
        asyncio.run(spawn(made.notes.public))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(DATA / "localhost.pem"))
    with tasked(url) as made:
        assert asyncio.run(spawn(made.notes.public)) == {"ok": True}
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    assert handshakes == ["failed", "done"]


def test_a_bundle_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a mistake of the set-up: said at once, with the path."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with tasked("https://127.0.0.1:9") as made:
        with pytest.raises(APIConnectionError, match=r"/nowhere/ca\.pem") as caught:
            asyncio.run(spawn(made.notes.public))
    assert not caught.value.retryable


# -- a session of the user's own ---------------------------------------------------


def test_a_session_of_the_users_own_is_asked() -> None:
    """With its headers; streams, redirects and errors are as ever."""

    async def main() -> None:
        gone = hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
        steps = [OK, moved("/x"), OK, waits(chunked(EVENT, end=False)), gone]
        with serving(*steps) as server:
            own = aiohttp.ClientSession(headers={"X-Own": "1"})
            async with own:
                made = adopt(client(server.url, session=own, max_retries=0))
                assert await spawn(made.notes.public) == {"ok": True}
                assert await spawn(made.notes.upload, io.BytesIO(b"x")) == {"ok": True}
                stream = await spawn(made.notes.create, stream=True)
                assert (await spawn(next, stream)).type == "a"
                await asyncio.to_thread(stream.close)
                with pytest.raises(APIConnectionError, match="ended early"):
                    await spawn(made.notes.public)
            assert server.received[0].headers["x-own"] == "1"
            assert server.received[0].headers["user-agent"].startswith("specwire/")

    asyncio.run(main())


def test_a_session_of_the_users_own_keeps_the_deadline() -> None:
    """The call ends in time, and so does its connection."""

    async def main() -> None:
        with serving(waits()) as server:
            async with aiohttp.ClientSession() as own:
                made = adopt(client(server.url, session=own, timeout=0.1))
                with pytest.raises(APITimeoutError, match=r"timeout\.total"):
                    await spawn(made.notes.public)

    asyncio.run(main())


def test_a_mock_of_aiohttp_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that replace the method all its requests go through see ours."""
    seen: list[Any] = []

    async def answer(self: Any, method: str, url: Any, **_: Any) -> Any:
        seen.append((method, str(url)))
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(aiohttp.ClientSession, "_request", answer)
    with tasked("http://127.0.0.1:9", max_retries=0) as made:
        with pytest.raises(APIConnectionError, match="hung up"):
            asyncio.run(spawn(made.notes.public))
    assert seen == [("GET", "http://127.0.0.1:9/v1/public")]
