"""A server at a URL: headers, streams and their breaks, sessions, and faults."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from specwire import CancelToken
from specwire.errors import (
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    CancelledError,
    CircuitOpenError,
    DecodeError,
    InternalServerError,
    NotFoundError,
    SpecwireError,
    StreamError,
)
from specwire.mcp import MCPClient, MCPError
from specwire.resilience import CircuitBreaker
from specwire.testing import FakeClock

from ..scripted import Received, ScriptedServer, chunked, reply, serving
from .servers import ACCEPTED, at_url, begin, event, result, text

ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "sdk")}
CALL = 2
"""The id of the first request behind the handshake."""
ANSWER = result(CALL, text("done"))


def silent(conn: socket.socket, request: Received) -> None:
    """Say nothing until the client hangs up."""
    conn.recv(1)


def bodies(server: ScriptedServer) -> list[Any]:
    return [json.loads(each.body) for each in server.received if each.body]


def methods(server: ScriptedServer) -> list[str]:
    return [each.get("method", "answer") for each in bodies(server)]


# -- what is sent ----------------------------------------------------------------------


def test_the_headers_of_a_session() -> None:
    """Both media types are accepted; session and revision are said once they are known,
    the credential always."""
    with at_url(reply(200, ANSWER), token="t-secret-1") as (client, server):
        assert client.call_tool("x").text == "done"
    first, second, third, last = server.received
    for each in server.received:
        assert each.target == "/mcp"
        assert each.headers["authorization"] == "Bearer t-secret-1"
        assert each.headers["accept"] == "application/json, text/event-stream"
    assert "mcp-session-id" not in first.headers
    assert "mcp-protocol-version" not in first.headers
    for each in (second, third, last):
        assert each.headers["mcp-session-id"] == "s1"
        assert each.headers["mcp-protocol-version"] == "2025-06-18"
    assert [each.method for each in server.received] == [*["POST"] * 3, "DELETE"]


@pytest.mark.parametrize("rest", ["", "/", "/mcp/", "/mcp?key={x}", "?a=b", "/a//b"])
def test_the_url_stays_as_it_is(rest: str) -> None:
    """Slashes, a query and braces are no templates."""
    with serving(*begin(session="")) as server:
        with MCPClient(server.url + rest) as client:
            client.connect()
    wanted = rest if rest.startswith("/") else f"/{rest}"
    targets = {each.target for each in server.received}
    assert targets == {wanted.replace("{", "%7B").replace("}", "%7D")}
    assert len(server.received) == 2  # without a session, none is ended


@pytest.mark.parametrize(
    "url", ["ftp://x", "x", "http://", "http://a b/", "http://x/#f", "http://u:p@x/"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="URL"):
        MCPClient(url)


def test_nothing_is_loaded_before_it_is_used() -> None:
    """``import specwire`` and ``specwire.mcp`` load no part of it; a process needs no
    HTTP library."""
    code = (
        "import sys, specwire, specwire.mcp\n"
        "def ours(): return {m for m in sys.modules if m.startswith('specwire.mcp.')}\n"
        "assert not ours()\n"
        "client = specwire.mcp.MCPClient(['x'])\n"
        "assert 'specwire.mcp.http' not in ours() and 'requests' not in sys.modules\n"
        "assert not {'jsonschema', 'asyncio', 'ssl'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=ENV)


def test_shared_hooks_tell_servers_apart() -> None:
    """A circuit that opens for one server lets the calls of another through."""
    breaker = CircuitBreaker(failure_threshold=1)
    with serving(*[reply(500)] * 2) as bad, at_url(hooks=[breaker]) as (good, _):
        client = MCPClient(bad.url, hooks=[breaker], max_retries=0)
        with pytest.raises(InternalServerError):
            client.connect()
        with pytest.raises(CircuitOpenError):
            client.connect()
        assert good.protocol_version == "2025-06-18"


def test_a_credential_is_never_shown() -> None:
    """Not in what it prints as, and not in an error that quotes the server."""
    body = {"error": "who is t-secret-1? and h-secret-2"}
    settings = {"token": "t-secret-1", "headers": {"X-Key": "h-secret-2"}}
    with serving(reply(401, body)) as server:
        client = MCPClient(f"{server.url}/mcp", **settings)
        with pytest.raises(AuthenticationError) as caught:
            client.connect()
    assert server.received[0].headers["x-key"] == "h-secret-2"
    assert "secret" not in f"{caught.value} {caught.value.body} {client!r}"
    error = {"code": -1, "message": "no t-secret-1", "data": {"x": ["h-secret-2"]}}
    refusal = {"jsonrpc": "2.0", "id": CALL, "error": error}
    with at_url(reply(200, refusal), **settings) as (client, _):
        with pytest.raises(MCPError) as refused:
            client.call_tool("x")
    assert str(refused.value).endswith("(-1): no ***")
    assert refused.value.data == {"x": ["***"]}


# -- what comes ------------------------------------------------------------------------


def test_a_stream_brings_more_than_the_answer() -> None:
    """Progress is told, a request is answered by a POST of its own, then the answer."""
    token = {"progressToken": CALL, "progress": 0.5, "total": 1, "message": "half"}
    progress = {"method": "notifications/progress", "params": token}
    asked = {"id": "q", "method": "sampling/createMessage", "params": {"n": 1}}
    stream = chunked(
        event({"jsonrpc": "2.0", **progress}),
        event({"jsonrpc": "2.0", **asked}),
        event(result(99, {})),
        event(ANSWER),
    )
    told: list[Any] = []
    handlers = {"sampling/createMessage": lambda params: {"got": params}}
    with at_url(stream, ACCEPTED, handlers=handlers) as (client, server):
        found = client.call_tool("x", on_progress=lambda *facts: told.append(facts))
        assert found.text == "done"
    assert told == [(0.5, 1, "half")]
    assert bodies(server)[2]["params"]["_meta"] == {"progressToken": CALL}
    assert bodies(server)[3] == result("q", {"got": {"n": 1}})


def test_the_end_of_the_answer_frees_the_connection() -> None:
    """A stream that stays open behind the answer is not waited for."""
    stream = chunked(event(ANSWER), end=False)
    with at_url(stream) as (client, _):
        assert client.call_tool("x", timeout=20).text == "done"


def test_a_stream_that_broke_is_gone_on_with() -> None:
    """Behind the last event that came, with its id; the tool is not called again."""
    notice = {"jsonrpc": "2.0", "method": "notifications/x"}
    script = [
        chunked(event("", "e0", retry=0), event(notice, "e1"), end=False),
        chunked(event("", "e2", retry=0)),
        chunked(event(ANSWER, "e3")),
    ]
    with at_url(*script) as (client, server):
        assert client.call_tool("x").text == "done"
    asked = [each for each in server.received if each.method == "GET"]
    assert [each.headers["last-event-id"] for each in asked] == ["e1", "e2"]
    assert {each.headers["mcp-session-id"] for each in asked} == {"s1"}
    assert methods(server).count("tools/call") == 1


def test_the_server_says_how_long_to_wait_before() -> None:
    """``retry`` of the stream is waited out, within the call's time limit."""
    clock = FakeClock()
    script = [chunked(event("", "e0", retry=7000)), chunked(event(ANSWER))]
    with at_url(*script, _clock=clock) as (client, _):
        client.call_tool("x")
        assert clock.slept == [7.0]


def test_a_stream_that_never_brings_anything_is_given_up() -> None:
    """Breaks without an event between them are bounded; the last pause that the server
    asked for holds for all."""
    script = [chunked(event("", "e0", retry=0)), *[chunked(b": hi\n\n")] * 20]
    with at_url(*script) as (client, server), pytest.raises(StreamError):
        client.call_tool("x")
    assert sum(each.method == "GET" for each in server.received) == 6


@pytest.mark.parametrize("end", [True, False])
def test_a_stream_without_ids_is_not_gone_on_with(end: bool) -> None:
    """The tool may have run: it is not called again."""
    with at_url(chunked(event(result(9, {})), end=end)) as (client, server):
        with pytest.raises(StreamError):
            client.call_tool("x")
    assert methods(server).count("tools/call") == 1


HUGE = {"jsonrpc": "2.0", "id": CALL, "result": {"x": "x" * 20_000}}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply(202), "does not answer the request 2"),
        (reply(200, result(7, {})), "does not answer the request 2"),
        (reply(200, result("2", {})), "does not answer the request 2"),  # type: ignore[arg-type]
        (reply(200, []), "does not answer the request 2"),
        (reply(200, "{"), "is not JSON"),
        (reply(200, {"id": CALL}), "is not JSON-RPC"),
        (reply(200, "<html>", content_type="text/html"), "is not JSON"),
        (reply(200, HUGE), "larger than 10000 bytes"),
        (chunked(event(HUGE)), "larger one"),
        (chunked(event("nonsense")), "is not JSON"),
    ],
)
def test_a_reply_of_another_shape_is_a_decode_error(answer: bytes, told: str) -> None:
    """What is no answer to the request is said to be none, and not held if large."""
    with at_url(answer, max_message_bytes=10_000) as (client, _):
        with pytest.raises(DecodeError, match=told):
            client.call_tool("x")


def test_a_refusal_may_come_with_an_error_status() -> None:
    """A JSON-RPC error that names the request is one whatever its status is."""
    error = {"code": -32602, "message": "no such tool"}
    body = {"jsonrpc": "2.0", "id": CALL, "error": error}
    with at_url(reply(400, body)) as (client, _):
        with pytest.raises(MCPError, match="no such tool") as caught:
            client.call_tool("x")
    assert isinstance(caught.value.__cause__, APIStatusError)


def test_an_odd_session_is_refused() -> None:
    """A session id is visible ASCII; another could not be sent back."""
    script = begin(session="a b")
    with (
        serving(*script) as server,
        pytest.raises(SpecwireError, match="visible ASCII"),
    ):
        MCPClient(server.url).connect()


# -- sessions --------------------------------------------------------------------------

LOST = reply(404, {"jsonrpc": "2.0", "id": None, "error": {"code": -32001}})


def test_a_session_that_is_lost_is_begun_again() -> None:
    """Once, and the request is sent again: the server has not begun it."""
    script = [LOST, *begin(3, "s2"), reply(200, result(4, text("done")))]
    with at_url(*script) as (client, server):
        assert client.call_tool("x").text == "done"
    again = server.received[3:6]
    assert methods(server)[3] == "initialize"
    assert "mcp-session-id" not in again[0].headers
    assert [each.headers["mcp-session-id"] for each in again[1:]] == ["s2", "s2"]


def test_a_session_that_is_lost_twice_is_an_error() -> None:
    """Then the server's own answer is raised."""
    with at_url(LOST, *begin(3, "s2"), LOST) as (client, _):
        with pytest.raises(NotFoundError):
            client.call_tool("x")


def test_many_threads_begin_one_session() -> None:
    """The handshake is made once, whoever comes first."""

    def answer(conn: socket.socket, request: Received) -> None:
        id = request.json()["id"]
        conn.sendall(reply(200, result(id, {}), {"Connection": "close"}))

    script = [*begin(), *[answer] * 8, reply(200)]
    with serving(*script) as server, MCPClient(server.url) as client:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.ping(), range(8)))
    assert methods(server).count("initialize") == 1


def test_after_closing_nothing_is_sent() -> None:
    """Closing twice ends one session; a later call says that the client is closed."""
    with at_url() as (client, server):
        client.close()
        client.close()
        with pytest.raises(CancelledError, match="the client is closed"):
            client.ping()
    assert [each.method for each in server.received].count("DELETE") == 1


@pytest.mark.parametrize("status", [405, 500])
def test_a_server_that_ends_no_session_does_no_harm(status: int) -> None:
    """Closing never raises."""
    with serving(*begin(), reply(status)) as server:
        MCPClient(server.url).connect().close()
    assert server.received[-1].method == "DELETE"


# -- limits and repeats ----------------------------------------------------------------


def test_a_call_that_takes_too_long_is_cancelled_there() -> None:
    """Its time limit holds, and the server is told which request is over."""
    told = threading.Event()

    def notice(conn: socket.socket, request: Received) -> None:
        told.set()
        conn.sendall(ACCEPTED)

    with at_url(silent, notice) as (client, server):
        with pytest.raises(APITimeoutError):
            client.call_tool("x", timeout=0.1)
        assert told.wait(20)
        params = {"requestId": CALL, "reason": "time-out"}
        assert bodies(server)[-1]["params"] == params


def test_a_token_ends_a_call() -> None:
    """A call that is cancelled from another thread returns at once."""
    token, asked = CancelToken(), threading.Event()

    def wait(conn: socket.socket, request: Received) -> None:
        asked.set()
        conn.recv(1)

    with at_url(wait, ACCEPTED, reply(200)) as (client, _):
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(client.call_tool, "x", cancel_token=token)
            assert asked.wait(20)
            token.cancel()
            with pytest.raises(CancelledError, match="user_request"):
                call.result(20)


def test_what_is_safe_is_repeated() -> None:
    """A list is asked for again after a failure; a tool is not called again."""
    page = reply(200, result(CALL, {"tools": []}))
    failed = reply(500, {})
    with at_url(failed, page, failed, _clock=FakeClock()) as (client, server):
        assert client.list_tools() == []
        with pytest.raises(InternalServerError):
            client.call_tool("x")
    assert methods(server)[2:] == ["tools/list", "tools/list", "tools/call"]


def test_no_other_server_is_asked() -> None:
    """A redirect to another origin is an error; on the same one it is followed."""
    with serving() as other:
        away = reply(307, headers={"Location": f"{other.url}/mcp"})
        near = reply(307, headers={"Location": "/elsewhere"})
        script = [near, reply(200, ANSWER), away]
        with at_url(*script, token="t-secret-1") as (client, server):
            assert client.call_tool("x").text == "done"
            with pytest.raises(APIStatusError):
                client.call_tool("x")
        assert server.received[3].target == "/elsewhere"
        assert other.connections == 0


# -- what the server says between calls ------------------------------------------------


def test_a_listener_hears_what_is_said_between_calls() -> None:
    """Over a GET of its own, which is gone on with after a break."""
    changed = threading.Event()
    notice = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
    streams = [chunked(event("", "e1", retry=0)), chunked(event(notice), end=False)]
    script = [*begin(), *streams, reply(405), reply(200)]
    with serving(*script) as server:
        on_change = {"on_change": lambda kind: changed.set()}
        with MCPClient(server.url, listen=True, **on_change) as client:  # type: ignore[arg-type]
            client.connect()
            assert changed.wait(20)
        asked = [each for each in server.received if each.method == "GET"]
        assert asked[1].headers["last-event-id"] == "e1"


def test_a_server_that_says_nothing_between_calls() -> None:
    """405 to the GET is an ordinary answer: no error, and it is not asked again."""
    heard = threading.Event()

    def refuse(conn: socket.socket, request: Received) -> None:
        conn.sendall(reply(405, headers={"Connection": "close"}))
        heard.set()

    script = [*begin(), refuse, reply(200, result(CALL, {})), reply(200)]
    with serving(*script) as server, MCPClient(server.url, listen=True) as client:
        assert heard.wait(20)
        client.ping()


@pytest.mark.parametrize(
    "settings",
    [{"env": {}}, {"cwd": "."}, {"on_stderr": print}],
)
def test_a_url_takes_no_settings_of_a_command(settings: Any) -> None:
    """And the other way round."""
    with pytest.raises(TypeError, match="is for a command"):
        MCPClient("http://127.0.0.1:9", **settings)
    with pytest.raises(TypeError, match="is for a URL"):
        MCPClient(["x"], token="t-1")
