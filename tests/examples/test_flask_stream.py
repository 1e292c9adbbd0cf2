"""The guide's streaming example, with Flask and without."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import make_server
from wsgiref.util import setup_testing_defaults

import pytest

from specwire import Client

from ..ledger.runs import client_of
from ..scripted import Received, chunked, reply, serving
from .loading import example

module = example("flask_stream")
CHUNK = b'data: {"blockId":"b1","chunk":"One"}\n\n'
FINAL = b'data: {"event":"final","data":{"success":true,"output":{"n":1}}}\n\n'
MARK = b'data: "[DONE]"\n\n'
OUT = ("b1", "One")


def frames(text: str) -> list[Any]:
    """What a browser's EventSource would hand out; the mark is last."""
    parts = [part.removeprefix("data: ") for part in text.split("\n\n")]
    assert parts[-2:] == ["[DONE]", ""]
    return [json.loads(part) for part in parts[:-2]]


def called(app: Callable[..., Any], path: str, query: str = "") -> tuple[str, Any]:
    """Status and iterable of a WSGI call."""
    environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query}
    setup_testing_defaults(environ)
    said: list[str] = []
    body = app(environ, lambda status, headers: said.append(status))
    return said[0], body


def test_a_run_becomes_events(client: Client) -> None:
    """Against the sandbox: chunks, the result, the mark."""
    found = frames("".join(module.events(client, "wf_1", "Hello")))
    assert len(found) > 2
    assert all(set(frame) == {"blockId", "chunk"} for frame in found[:-1])
    assert (found[-1]["event"], found[-1]["success"]) == ("done", True)
    assert "Hello" in "".join(frame["chunk"] for frame in found[:-1])


def test_what_is_asked_upstream() -> None:
    """The message at the root, beside the members that ask for a stream."""
    with serving(chunked(CHUNK, FINAL, MARK)) as server:
        text = "".join(module.events(client_of(server.url), "wf_1", "Hi"))
    assert server.received[0].json() == {
        "message": "Hi",
        "stream": True,
        "selectedOutputs": ["agent1.content"],
    }
    assert frames(text) == [
        {"blockId": "b1", "chunk": "One"},
        {"event": "done", "success": True, "output": {"n": 1}, "metadata": None},
    ]


@pytest.mark.parametrize(
    "upstream",
    [
        chunked(CHUNK, b'data: {"event":"error","error":"block broke"}\n\n'),
        chunked(CHUNK, end=False),
        chunked(CHUNK),
    ],
    ids=["error", "cut", "no end"],
)
def test_a_failure_is_an_event(
    upstream: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """What had arrived is passed on, then an error, and the mark; the cause is logged
    and not shown to the visitor."""
    with serving(upstream) as server:
        found = frames("".join(module.events(client_of(server.url), "wf_1", "Hi")))
    assert found == [
        {"blockId": "b1", "chunk": "One"},
        {"event": "error", "error": "the workflow failed"},
    ]
    assert capsys.readouterr().err.startswith("workflow wf_1: ")


def test_a_refusal_is_an_event() -> None:
    """So is an error status; nothing escapes from the generator."""
    with serving(reply(401, {"error": "Unauthorized: sk-1"})) as server:
        found = frames("".join(module.events(client_of(server.url), "wf_1", "Hi")))
    assert found == [{"event": "error", "error": "the workflow failed"}]


def test_the_plain_application_streams() -> None:
    """Each event is handed on when it arrives: the first before the second is sent."""
    go_on = threading.Event()

    def upstream(conn: socket.socket, request: Received) -> None:
        conn.sendall(chunked(CHUNK, end=False))
        assert go_on.wait(10)
        rest = chunked(FINAL, MARK)
        conn.sendall(rest[rest.index(b"\r\n\r\n") + 4 :])

    with serving(upstream) as server:
        app = module.wsgi_app(client_of(server.url), "wf_1")
        status, body = called(app, "/stream-workflow", "message=a%20b")
        pieces = iter(body)
        first = next(pieces)
        go_on.set()
        rest = b"".join(pieces)
    assert status == "200 OK"
    assert json.loads(first[6:]) == {"blockId": "b1", "chunk": "One"}
    assert b'"event": "done"' in rest
    assert server.received[0].json()["message"] == "a b"


def test_the_plain_application_knows_one_path() -> None:
    """Another path is not found and runs nothing."""
    with serving() as server:
        app = module.wsgi_app(client_of(server.url), "wf_1")
        assert called(app, "/other")[0] == "404 Not Found"
    assert server.received == []


def test_a_browser_that_leaves_ends_the_run() -> None:
    """Its server closes the generator at the next event, and that the connection to
    the workflow, which would have gone on for ever."""
    left = threading.Event()

    def upstream(conn: socket.socket, request: Received) -> None:
        piece = CHUNK.replace(b"One", b"x" * 4096)
        try:
            conn.sendall(chunked(piece, end=False))
            while True:
                conn.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        except OSError:
            left.set()

    with serving(upstream) as server:
        app = module.wsgi_app(client_of(server.url), "wf_1")
        with make_server("127.0.0.1", 0, app, module.Server) as front:
            front.handle_error = lambda *_: None  # type: ignore[method-assign]
            thread = threading.Thread(target=front.serve_forever, args=(0.01,))
            thread.start()
            with socket.create_connection(front.server_address[:2]) as browser:  # type: ignore[arg-type]
                browser.sendall(b"GET /stream-workflow HTTP/1.1\r\nHost: x\r\n\r\n")
                assert browser.recv(100).startswith(b"HTTP/1.0 200")
            assert left.wait(10)
            front.shutdown()
            thread.join(10)


def test_the_flask_application_streams() -> None:
    """With Flask: the same events, typed as an event stream, and closed on leaving."""
    pytest.importorskip("flask")
    with serving(chunked(CHUNK, FINAL, MARK), chunked(CHUNK, end=False)) as server:
        app = module.flask_app(client_of(server.url), "wf_1").test_client()
        reply = app.get("/stream-workflow?message=Hi")
        assert reply.mimetype == "text/event-stream"
        assert frames(reply.text)[-1]["event"] == "done"
        streamed = app.get("/stream-workflow", buffered=False)
        assert b"One" in next(streamed.response)
        streamed.close()
    assert server.received[0].json()["message"] == "Hi"
