"""A key is in nothing that is shown, logged, raised or pickled."""

from __future__ import annotations

import gzip
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from specwire import Answer, Hook
from specwire.core import auth, results
from specwire.core import resource as r
from specwire.core.client import BaseClient
from specwire.core.wire import Reply
from specwire.errors import SpecwireError
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import KEY, client, pack
from tests.scripted import chunked, reply, serving

ECHO = f"your key {KEY} is wrong"


class Refusing(Hook):
    def after_attempt(self, call: Any, outcome: Any) -> None:
        raise RuntimeError("no")


def failures(play: Play) -> Iterator[tuple[str, Any]]:
    """Every way a call of ours can end badly, as (name, function)."""
    wires: dict[str, Any] = {
        "401 echo": reply(401, {"error": {"message": ECHO, "type": KEY, "code": KEY}}),
        "401 text": reply(401, ECHO, content_type="text/plain"),
        "401 header": reply(401, b"", {"www-authenticate": f'Key "{KEY}"'}),
        "500": reply(500),
        "redirect": reply(302, b"", {"Location": f"http://other.example/?k={KEY}"}),
        "html echo": reply(200, f"<html>{ECHO}", content_type="text/html"),
        "cut echo": reply(200, f"<html>{'x' * 35}{KEY}"),
        "shape echo": reply(200, {"id": 3, "content": [ECHO]}),
        "content type": reply(200, b"", content_type=f"text/{KEY}"),
        "hung up": hang_up(),
        "cut": hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        "no HTTP": hang_up(f"nonsense {KEY}\r\n\r\n".encode()),
        "gzip": reply(200, gzip.compress(b"{}")[:-1], {"Content-Encoding": "gzip"}),
    }
    for name, wire in wires.items():
        made, _ = play(wire, max_retries=0)
        yield name, made.notes.create
    event = f'data: {{"error": {{"message": "{ECHO}"}}}}\n\n'.encode()
    for name, wire in {
        "error event": chunked(b"event: error\n" + event),
        "odd event": chunked(b"data: {" + KEY.encode() + b"\n\n"),
        "cut stream": hang_up(chunked(b"data: {}\n\n", end=False)),
        "no stream": reply(200, ECHO),
    }.items():
        made, _ = play(wire, max_retries=0)
        yield name, lambda made=made: list(made.notes.create(stream=True))
    made, _ = play(reply(200, f"{{{KEY}\n", content_type="application/x-jsonl"))
    yield "odd line", lambda: list(made.notes.rows())
    yield "refused", client(max_retries=0).notes.create
    yield "bad key", lambda: client(api_keys={"notes": KEY + "\n"})
    hooked, _ = play(reply(200, {}), hooks=[Refusing()])
    yield "hook", hooked.notes.create
    limited = client("http://127.0.0.1:1", timeout=1e-9, max_retries=0)
    yield "no time", limited.notes.create


def shown(error: BaseException) -> Iterator[str]:
    """Everything of an error that somebody may print, log or send."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        waiting += [current.__cause__, current.__context__]
        yield str(current)
        yield repr(current)
        yield repr(current.args)
        yield repr({name: repr(value) for name, value in vars(current).items()})
        yield from getattr(current, "__notes__", ())
        headers = getattr(current, "headers", None)
        yield repr(dict(headers)) if headers is not None else ""
        for frame, _ in traceback.walk_tb(current.__traceback__):
            if "/specwire/" in frame.f_code.co_filename:
                yield repr(frame.f_locals)
                yield repr([vars(v) for v in frame.f_locals.values() if _plain(v)])
    if isinstance(error, SpecwireError):
        yield repr(pickle.dumps(error))


def _plain(value: Any) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, (type, BaseClient))


def test_no_failure_shows_the_key(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """Text, arguments, attributes, causes, frames, pickles and the log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    names = []
    for name, call in failures(play):
        with pytest.raises(Exception) as caught:
            call()
        for text in shown(caught.value):
            assert KEY not in text, name
            assert KEY[:12] not in text, name
        names.append(name)
    assert len(names) >= 20
    assert KEY not in caplog.text


def test_a_refused_header_is_not_quoted() -> None:
    """A key may have been put in the place of a name or a value."""
    for headers in ({"X": f"{KEY}\n"}, {f"{KEY}:": "1"}, {f"{KEY}\n": "1"}):
        with client() as made, pytest.raises(SpecwireError) as caught:
            made.notes.create(extra_headers=headers)
        assert KEY not in str(caught.value) + repr(vars(caught.value))
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_what_a_call_returns_does_not_hold_the_key(play: Play) -> None:
    """Neither the object nor its reply, shown or pickled."""
    made, _ = play(reply(200, {"a": 1}))
    value = made.notes.run("n1")
    assert KEY not in repr(value._reply) + repr(value._reply.url)
    assert KEY.encode() not in pickle.dumps(value._reply)


def test_a_stream_does_not_show_the_key(play: Play) -> None:
    """Nor what it is made of."""
    made, _ = play(chunked(b'data: {"type":"stop"}\n\n'))
    with made.notes.create(stream=True) as stream:
        parts = [vars(stream), vars(stream._decoder), vars(stream._opened)]
    assert KEY not in repr(parts)


def test_a_second_keys_echo_is_blotted_out_too(play: Play) -> None:
    """Each scheme's own key may be the one that is repeated."""
    keys = {"notes": KEY, "notes.bearer": "tok-0123456789"}
    made, _ = play(reply(401, "tok-0123456789 and " + KEY), api_keys=keys)
    with pytest.raises(SpecwireError) as caught:
        made.notes.create()
    assert str(caught.value) == "notes.create: status 401: *** and ***"


class QueryClient(BaseClient):
    """A service that wants its key in the query, and one that wants Basic."""

    _services = {
        name: auth.Service(
            name,
            base_url="http://127.0.0.1:1",
            schemes={"key": scheme},
            auth=(("key",),),
        )
        for name, scheme in {
            "query": auth.ApiKey("query", "key"),
            "basic": auth.Basic(),
        }.items()
    }


def asked(name: str) -> r.Operation[Any]:
    return r.Operation(f"{name}.ask", name, "GET", "/v1/a/", results.Json(lambda: Any))


def test_a_key_in_the_query_is_on_no_object_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is in what is sent, and nowhere else: not in urllib3's log either."""
    caplog.set_level(logging.DEBUG)
    keys = {"query": KEY}
    with serving(reply(200, {"a": 1}), reply(400), hang_up()) as server:
        urls = {"query": server.url}
        with QueryClient(api_keys=keys, base_urls=urls, max_retries=0) as made:
            value = r.Resource(made)._call(asked("query"), {}, *pack({}))
            assert KEY not in repr(value._reply.url)
            for _ in range(2):
                with pytest.raises(SpecwireError) as caught:
                    r.Resource(made)._call(asked("query"), {}, *pack({}))
                assert all(KEY not in text for text in shown(caught.value))
    assert [each.target for each in server.received] == [f"/v1/a/?key={KEY}"] * 3
    assert "GET /v1/a/ HTTP/1.1" in caplog.text
    assert KEY not in caplog.text


@responses.activate
def test_a_key_in_the_query_is_seen_by_mocks() -> None:
    """They stand where the request is whole."""
    responses.get("http://127.0.0.1:1/v1/a/", json={"a": 1})
    with QueryClient(api_keys={"query": KEY}) as made:
        r.Resource(made)._call(asked("query"), {}, *pack({}))
    assert responses.calls[0].request.url.endswith(f"/v1/a/?key={KEY}")


def test_a_key_in_the_query_goes_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There the whole URL is sent."""
    with serving(reply(200, {"a": 1})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        urls = {"query": "http://127.0.0.2:9"}
        with QueryClient(api_keys={"query": KEY}, base_urls=urls) as made:
            r.Resource(made)._call(asked("query"), {}, *pack({}))
    assert proxy.received[0].target == f"http://127.0.0.2:9/v1/a/?key={KEY}"


def test_the_form_that_basic_sends_is_blotted_out() -> None:
    """A proxy may repeat the header as it came."""
    keys = {"basic": "user:long-password"}

    class Echo(Hook):
        def before_attempt(self, call: Any) -> Any:
            return Answer(Reply(401, body=b"got dXNlcjpsb25nLXBhc3N3b3Jk"))

    with QueryClient(api_keys=keys, hooks=[Echo()], max_retries=0) as made:
        with pytest.raises(SpecwireError, match=r"got \*\*\*"):
            r.Resource(made)._call(asked("basic"), {}, *pack({}))


def test_retries_do_not_show_the_key_either(play: Play, clock: FakeClock) -> None:
    """Each attempt's error is in the last one's context."""
    steps = [reply(503, ECHO), hang_up(), reply(429, ECHO)]
    made, _ = play(*steps, _clock=clock)
    with pytest.raises(SpecwireError) as caught:
        made.notes.create()
    assert all(KEY not in text for text in shown(caught.value))
