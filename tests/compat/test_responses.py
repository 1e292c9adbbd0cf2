"""``with_raw_response`` and ``with_streaming_response`` of the drop-in client."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import errors
from specwire.compat.anthropic import Anthropic
from specwire.compat.anthropic.exchange import HTTPResponse, StreamAlreadyConsumed
from specwire.core.paging import Page
from specwire.core.stream import Stream
from specwire.models import Message
from specwire.sandbox import Sandbox
from tests.samples import message
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

KEY = "sk-ant-very-secret"
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
MESSAGE = message('{"a": 1}')
NAMED = {"request-id": "req_1", "X-Twice": "a"}
ANSWER = reply(body=MESSAGE, headers=NAMED)
START = (
    b'data: {"type":"message_start","message":%s}\n\n' % json.dumps(MESSAGE).encode()
)
STOP = b'event: message_stop\r\ndata: {"type":"message_stop"}\r\n\r\n'
ERROR = b'data: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n'


@contextlib.contextmanager
def asking(*script: Step, **options: Any) -> Iterator[tuple[Anthropic, ScriptedServer]]:
    with serving(*script) as server:
        with Anthropic(api_key=KEY, base_url=server.url, **options) as client:
            yield client, server


@pytest.fixture
def anthropic(box: Sandbox) -> Iterator[Anthropic]:
    key, url = box.api_keys["anthropic"], box.base_urls["anthropic"]
    with Anthropic(api_key=key, base_url=url) as made:
        yield made


# -- raw ---------------------------------------------------------------------------


def test_a_raw_reply_has_what_came_and_how() -> None:
    """Status, headers in any case, the request's name, the body as text and bytes."""
    with asking(ANSWER) as (client, server):
        raw = client.messages.with_raw_response.create(**ASK)
    assert (raw.status_code, raw.headers["REQUEST-ID"]) == (200, "req_1")
    assert (raw.request_id, raw.method) == ("req_1", "POST")
    assert raw.url == f"{server.url}/v1/messages"
    assert json.loads(raw.text) == json.loads(raw.content) == raw.json() == MESSAGE
    assert raw.read() == raw.content
    assert isinstance(raw.elapsed, dt.timedelta)
    assert raw.http_version == "HTTP/1.1"
    assert raw.is_closed


def test_a_raw_reply_is_parsed_when_it_is_asked_for() -> None:
    """A body of another shape is seen by ``parse()``, not by the call."""
    with asking(reply(body={"odd": KEY})) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
        assert raw.json() == {"odd": KEY}
        with pytest.raises(errors.DecodeError) as caught:
            raw.parse()
    assert KEY not in str(caught.value)


def test_what_was_parsed_is_parsed_once() -> None:
    """Twice the same object, with the reply's name on it."""
    with asking(ANSWER) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
    message = raw.parse()
    assert isinstance(message, Message)
    assert message is raw.parse()
    assert message._request_id == "req_1"


def test_retries_are_counted() -> None:
    """As many as went before the attempt that was answered."""
    busy = reply(529, headers={"retry-after": "0"})
    with asking(busy, busy, ANSWER) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
    assert raw.retries_taken == 2


def test_an_error_is_raised_as_usual() -> None:
    """By either way, before there is a reply to look at."""
    bad = reply(400, {"error": {"type": "invalid_request_error", "message": "no"}})
    with asking(bad, bad) as (client, _):
        with pytest.raises(errors.BadRequestError):
            client.messages.with_raw_response.create(**ASK)
        with pytest.raises(errors.BadRequestError):
            with client.messages.with_streaming_response.create(**ASK):
                pass


def test_the_request_is_shown_without_its_credentials() -> None:
    """Neither the client's key nor what a caller puts into the headers."""
    own = {"Authorization": f"Bearer {KEY}", "X-Own": "1"}
    with asking(ANSWER) as (client, server):
        raw = client.messages.with_raw_response.create(**ASK, extra_headers=own)
    assert server.received[0].headers["x-api-key"] == KEY
    assert raw.http_request.headers["authorization"] == "***"
    assert raw.http_request.headers["x-own"] == "1"
    assert json.loads(raw.http_request.content)["model"] == "m"
    assert KEY not in "".join(_public(raw, depth=4))


def _public(value: Any, depth: int) -> Iterator[str]:
    """The text of everything that public names lead to."""
    yield repr(value)
    if depth == 0 or isinstance(value, (str, bytes, int, float, type(None))):
        return
    for name in dir(value):
        if name[0] == "_" or (callable(found := getattr(value, name))):
            continue
        yield from _public(found, depth - 1)
    if hasattr(value, "items"):
        yield repr(list(value.items()))


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (dict, b'{"a": [1]}', {"a": [1]}),
        (list[int], b"[1, 2]", [1, 2]),
        (str, b'{"a": 1}', '{"a": 1}'),
        (bytes, b"\xff", b"\xff"),
        (int, b" 7\n", 7),
        (float, b"0.5", 0.5),
        (bool, b"true", True),
        (bool, b"false", False),
    ],
)
def test_a_reply_is_parsed_to_another_type(
    kind: Any, body: bytes, expected: Any
) -> None:
    """Any type of JSON data, or the plain ones that a text is read as."""
    with asking(reply(body=body)) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
    assert raw.parse(to=kind) == expected


@pytest.mark.parametrize(("kind", "body"), [(int, b"x"), (list[int], b'{"a": 1}')])
def test_a_type_that_does_not_fit_is_an_error_of_ours(kind: Any, body: bytes) -> None:
    """A DecodeError that shows where the reply begins."""
    with asking(reply(body=body)) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
    with pytest.raises(errors.DecodeError, match="of another shape"):
        raw.parse(to=kind)


def test_a_reply_is_parsed_to_a_pydantic_model() -> None:
    """Its own checks decide, and what they raise becomes ours."""
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")
    model = pydantic.create_model("Id", id=(str, ...))
    with asking(ANSWER, reply(body={})) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
        assert raw.parse(to=model).id == "msg_1"
        with pytest.raises(errors.DecodeError):
            client.messages.with_raw_response.create(**ASK).parse(to=model)


def test_the_reply_is_there_in_the_words_of_httpx() -> None:
    """``http_response`` shares the body; ``text`` and ``content`` are its values."""
    with asking(ANSWER) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK)
    response = raw.http_response
    assert isinstance(response, HTTPResponse)
    assert response.is_success
    assert response.request.method == "POST"
    assert response.text == raw.text
    assert response.json() == MESSAGE


# -- where it is found -------------------------------------------------------------

PATHS: dict[str, Callable[[Any], Any]] = {
    "client": lambda c: c.with_raw_response.messages.create(**ASK),
    "resource": lambda c: c.messages.with_raw_response.create(**ASK),
    "beta": lambda c: c.beta.messages.with_raw_response.create(**ASK),
    "beta's own": lambda c: c.beta.with_raw_response.messages.create(**ASK),
    "positional": lambda c: c.models.with_raw_response.retrieve("claude-sonnet-4-5"),
    "counting": lambda c: c.messages.with_raw_response.count_tokens(
        model="m", messages=ASK["messages"]
    ),
    "models": lambda c: c.with_raw_response.models.list(limit=1),
    "batches": lambda c: c.messages.with_raw_response.batches.list(),
    "created batch": lambda c: c.beta.messages.batches.with_raw_response.create(
        requests=[{"custom_id": "a", "params": ASK}]
    ),
    "upload": lambda c: c.beta.files.with_raw_response.upload(file=b"abc"),
    "copy": lambda c: c.with_options(timeout=9).messages.with_raw_response.create(
        **ASK
    ),
}


@pytest.mark.parametrize("path", PATHS)
def test_every_operation_has_a_raw_reply(path: str, anthropic: Anthropic) -> None:
    """From the client, a resource or one below; its value is the plain call's."""
    raw = PATHS[path](anthropic)
    assert raw.status_code == 200
    assert raw.request_id
    assert raw.parse()._request_id == raw.request_id


def test_a_page_leads_on_to_plain_pages(anthropic: Anthropic) -> None:
    """``parse()`` of a list is a page, and iterating it asks for the others."""
    page = anthropic.models.with_raw_response.list(limit=1).parse()
    assert isinstance(page, Page)
    assert [m.id for m in page] == [m.id for m in anthropic.models.list()]


def test_a_helper_has_the_reply_of_its_call() -> None:
    """``parse`` of the raw reply of ``messages.parse`` has the value on it."""
    with asking(ANSWER) as (client, _):
        raw = client.messages.with_raw_response.parse(
            **ASK, output_format=dict[str, int]
        )
    assert raw.request_id == "req_1"
    assert raw.parse().parsed_output == {"a": 1}


def test_what_is_no_single_request_has_no_raw_reply() -> None:
    """``stream`` says so, and what to write instead."""
    with asking() as (client, server):
        with pytest.raises(TypeError, match=r"create\(stream=True\)"):
            client.messages.with_raw_response.stream(**ASK)
    assert server.received == []


@pytest.mark.parametrize("name", ["nope", "_call", "_client"])
def test_a_view_has_operations_only(name: str) -> None:
    """Another name is an AttributeError, and so is a method of the client."""
    with asking() as (client, _):
        for view in (client.messages.with_raw_response, client.with_raw_response):
            with pytest.raises(AttributeError, match=name):
                getattr(view, name)
        assert not hasattr(client.with_raw_response, "close")
        assert not hasattr(client.messages, "nope")


def test_a_view_lists_what_it_has() -> None:
    """``dir()`` of it is that of the resource, and methods keep their signature."""
    with asking() as (client, _):
        view = client.messages.with_streaming_response
        assert {"create", "count_tokens", "batches"} <= set(dir(view))
        assert view.create.__doc__ == client.messages.create.__doc__


def test_only_the_drop_in_client_has_views(client: Any) -> None:
    """The house's own client returns values, which know their reply."""
    assert not hasattr(client, "with_raw_response")
    assert not hasattr(client.messages, "with_raw_response")


# -- streams -----------------------------------------------------------------------


def test_the_raw_reply_of_a_stream_is_here_before_its_events() -> None:
    """Headers at once; ``parse()`` is the stream, which outlives the raw reply."""
    go_on = threading.Event()

    def step(conn: Any, _: Any) -> None:
        whole = chunked(START, STOP, headers="request-id: req_1\r\n")
        conn.sendall(whole[:-20])
        assert go_on.wait(5)
        conn.sendall(whole[-20:])

    with asking(step) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK, stream=True)
        assert raw.request_id == "req_1"
        stream = raw.parse()
        del raw
        go_on.set()
        assert isinstance(stream, Stream)
        assert [e.type for e in stream] == ["message_start", "message_stop"]


def test_the_body_of_a_stream_may_be_read_first() -> None:
    """Then it is kept, and ``parse()`` reads what was kept."""
    with asking(chunked(START, STOP)) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK, stream=True)
        assert raw.content == START + STOP
        assert [e.type for e in raw.parse()] == ["message_start", "message_stop"]


def test_an_error_as_the_first_event_is_tried_again() -> None:
    """The stream of a raw reply is the stream of a plain call."""
    with asking(chunked(ERROR), chunked(START, STOP)) as (client, server):
        raw = client.messages.with_raw_response.create(**ASK, stream=True)
        assert [e.type for e in raw.parse()] == ["message_start", "message_stop"]
    assert len(server.received) == 2


def test_a_stream_has_items_of_another_type() -> None:
    """``to=Stream[T]`` reads each event as a ``T``."""
    with asking(chunked(STOP)) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK, stream=True)
        assert list(raw.parse(to=Stream[dict[str, str]])) == [{"type": "message_stop"}]


def test_no_stream_is_made_of_what_is_none() -> None:
    """A TypeError says that the operation streams nothing."""
    with asking(reply(body={"input_tokens": 1})) as (client, _):
        raw = client.messages.with_raw_response.count_tokens(
            model="m", messages=ASK["messages"]
        )
        with pytest.raises(TypeError, match="no stream"):
            raw.parse(to=Stream[dict[str, Any]])


# -- streaming ---------------------------------------------------------------------


def test_a_streaming_reply_asks_on_entering() -> None:
    """Nothing is sent before ``with``."""
    with asking(ANSWER) as (client, server):
        manager = client.messages.with_streaming_response.create(**ASK)
        assert server.received == []
        with manager as response:
            assert response.parse().id == "msg_1"


READ: dict[str, Callable[[Any], Any]] = {
    "read": lambda r: r.read(),
    "bytes": lambda r: b"".join(r.iter_bytes()),
    "bytes of a size": lambda r: b"".join(r.iter_bytes(3)),
    "text": lambda r: r.text().encode(),
    "texts": lambda r: "".join(r.iter_text()).encode(),
    "texts of a size": lambda r: "".join(r.iter_text(2)).encode(),
    "lines": lambda r: "".join(r.iter_lines()).encode(),
    "json": lambda r: json.dumps(r.json()).encode(),
}


@pytest.mark.parametrize("way", READ)
def test_a_streaming_reply_is_read_in_many_ways(way: str) -> None:
    """All see the same body, and afterwards the connection is the next call's."""
    body = json.dumps(MESSAGE).encode()
    with asking(reply(body=body), reply(body=body)) as (client, server):
        for _ in range(2):
            with client.messages.with_streaming_response.create(**ASK) as response:
                assert not response.is_closed
                assert READ[way](response) == body
                assert response.is_closed
        assert server.connections == 1
        assert client._engine._busy == set()


def test_the_body_is_not_waited_for_before_it_is_asked_for() -> None:
    """Headers are here while the server has not sent the rest."""
    go_on = threading.Event()

    def step(conn: Any, _: Any) -> None:
        conn.sendall(ANSWER[:-9])
        assert go_on.wait(5)
        conn.sendall(ANSWER[-9:])

    with asking(step) as (client, _):
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert response.headers["request-id"] == "req_1"
            go_on.set()
            assert response.parse().id == "msg_1"


def test_leaving_early_closes() -> None:
    """The rest of the body is not read; the next call has a connection of its own."""
    with asking(chunked(START, STOP, end=False), ANSWER) as (client, server):
        with client.messages.with_streaming_response.create(
            **ASK, stream=True
        ) as response:
            assert next(response.iter_lines()).startswith("data: ")
        assert response.is_closed
        assert client._engine._busy == set()
        client.messages.create(**ASK)
        assert server.connections == 2


def test_leaving_ends_a_stream_that_was_made_of_the_body() -> None:
    """It is the ``with`` that holds the connection."""
    with asking(chunked(START, STOP)) as (client, _):
        with client.messages.with_streaming_response.create(
            **ASK, stream=True
        ) as response:
            stream = response.parse()
            assert next(stream).type == "message_start"
        assert client._engine._busy == set()


def test_a_body_that_was_iterated_comes_once() -> None:
    """Asking again says so; what was read whole is kept."""
    with asking(ANSWER, ANSWER) as (client, _):
        with client.messages.with_streaming_response.create(**ASK) as response:
            list(response.iter_bytes())
            with pytest.raises(StreamAlreadyConsumed):
                response.read()
        with client.messages.with_streaming_response.create(**ASK) as response:
            response.read()
            assert response.json() == response.parse(to=dict) == MESSAGE


def test_a_body_that_breaks_off_is_an_error_with_its_request() -> None:
    """A connection error that names it, not one of an HTTP library."""

    def step(conn: Any, _: Any) -> None:
        conn.sendall(ANSWER[:-9])

    with asking(step) as (client, _):
        with client.messages.with_streaming_response.create(**ASK) as response:
            with pytest.raises(errors.APIConnectionError) as caught:
                response.read()
    assert caught.value.request_id == "req_1"
    assert caught.value.attempts == 1


def test_a_body_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """``max_body_bytes`` holds for ``read()``; iterating has no bound."""
    with asking(ANSWER, ANSWER) as (client, _):
        monkeypatch.setattr(client._engine, "max_body_bytes", 10)
        with client.messages.with_streaming_response.create(**ASK) as response:
            with pytest.raises(errors.DecodeError, match="larger than 10 bytes"):
                response.parse()
        with client.messages.with_streaming_response.create(**ASK) as response:
            assert len(b"".join(response.iter_bytes())) > 10


def test_lines_end_as_http_has_it() -> None:
    """LF, CRLF or CR, also where one is cut in two; never at what JSON may hold."""
    pieces = (b"a\r", b"\nb\n", b"\nc\r", b"d\xe2", b"\x80\xa8e\x85", b"\r")
    with asking(chunked(*pieces)) as (client, _):
        with client.messages.with_streaming_response.create(
            **ASK, stream=True
        ) as response:
            lines = list(response.iter_lines())
    assert lines == ["a", "b", "", "c", "d\u2028e\ufffd"]


def test_a_file_is_written_as_it_arrives(anthropic: Anthropic, tmp_path: Path) -> None:
    """By the raw reply of a download, and by the streaming one."""
    made = anthropic.beta.files.upload(file=b"abc" * 1000)
    raw = anthropic.beta.files.with_raw_response.download(made.id)
    raw.write_to_file(tmp_path / "a")
    with anthropic.beta.files.with_streaming_response.download(made.id) as response:
        response.stream_to_file(tmp_path / "b", chunk_size=100)
    assert (
        (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"abc" * 1000
    )


def test_results_of_a_batch_are_lines(anthropic: Anthropic) -> None:
    """The raw reply is that of the rows themselves."""
    batches = anthropic.messages.batches
    batch = batches.create(requests=[{"custom_id": "a", "params": ASK}])
    batches.wait(batch.id, first_delay=0.01)
    with batches.with_streaming_response.results(batch.id) as response:
        assert [json.loads(line)["custom_id"] for line in response.iter_lines()] == [
            "a"
        ]
    rows = batches.with_raw_response.results(batch.id).parse()
    assert [row.custom_id for row in rows] == ["a"]


def test_a_raw_reply_that_nobody_reads_gives_its_connection_up() -> None:
    """When it is dropped."""
    with asking(chunked(START, end=False)) as (client, _):
        raw = client.messages.with_raw_response.create(**ASK, stream=True)
        assert client._engine._busy
        del raw
        assert client._engine._busy == set()


# -- downloads ---------------------------------------------------------------------


def test_a_download_can_be_read_twice() -> None:
    """What was asked for whole is kept, in every form."""
    kind = "text/plain; charset=latin-1"
    with asking(reply(body=b"a\n\xe9", content_type=kind)) as (client, _):
        file = client.beta.files.download("file_1")
        assert file.read() == file.content == b"".join(file.iter_raw()) == b"a\n\xe9"
        assert file.text == "a\n\u00e9"
        assert file.text("latin-1") == "a\n\u00e9"
        assert list(file.iter_lines()) == ["a", "\u00e9"]
        assert (file.encoding, file.charset_encoding) == ("iso8859-1", "iso8859-1")
        assert file.response.status_code == 200


def test_a_download_is_written_without_being_held(tmp_path: Path) -> None:
    """And again from what was read, if it was."""
    with asking(reply(body=b"[1]"), reply(body=b"[1]")) as (client, _):
        file = client.beta.files.download("file_1")
        assert file.write_to_file(tmp_path / "a") == 3
        assert file._kept is None
        file = client.beta.files.download("file_1")
        assert file.json() == [1]
        file.stream_to_file(tmp_path / "b", chunk_size=2)
        assert file.write_to_file(tmp_path / "c", resume=True) == 3
    texts = [(tmp_path / name).read_bytes() for name in "abc"]
    assert texts == [b"[1]"] * 3


def test_a_download_of_the_house_stays_a_download(client: Any) -> None:
    """The drop-in changes nothing outside itself."""
    made = client.files.upload(file=b"abc")
    assert client.files.download(made.id).text() == "abc"
