"""One call: what it sends, what it makes of the reply, and what it refuses."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from specwire.core import resource as r
from specwire.core import results
from specwire.core.types import ReplyDict, ReplyText
from specwire.errors import (
    APIConnectionError,
    APIStatusError,
    DecodeError,
    RequestValidationError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import NOTE, NotesClient, Row, pack
from tests.core.sample import client as make
from tests.scripted import reply

OK = reply(200, {"ok": True})


def ask(client: NotesClient, result: results.Result, **record: Any) -> Any:
    """Call an operation of the moment with ``result``."""
    operation: r.Operation[Any] = r.Operation(
        "notes.ask", "notes", record.pop("method", "GET"), "/v1/ask", result, **record
    )
    return client.notes._call(operation, {}, *pack({}))


def test_a_result_knows_its_reply(play: Play) -> None:
    """Status, id, attempts and time are on the returned object."""
    client, _ = play(reply(200, NOTE, {"Request-Id": "req_1"}))
    note = client.notes.create()
    assert note._reply.status_code == 200
    assert note._reply.attempts == 1
    assert note._reply.elapsed_s > 0
    assert note._reply.headers["content-type"] == "application/json"
    assert note._request_id == "req_1"


def test_plain_json_is_plain_data_with_a_reply(play: Play) -> None:
    """A dict stays a dict."""
    client, _ = play(reply(200, {"a": 1}))
    value = client.notes.run("n1")
    assert type(value) is ReplyDict
    assert value == {"a": 1}


ODD = {
    "html": (b"<html><h1>Login</h1>", "text/html; charset=utf-8", "is not JSON"),
    "empty": (b"", "application/json", "is empty; expected JSON"),
    "cut": (b'{"id": "n1", "con', "application/json", "is not JSON"),
    "null": (b"null", "application/json", "expected an object, got null"),
    "list": (b"[]", "application/json", "expected an object, got an array"),
    "other": (b'{"id": 3}', "application/json", "is of another shape"),
    "digits": (b'{"id": %s}' % (b"9" * 10_000), "application/json", "is not JSON"),
    "utf-8": (b'{"id": "\xff"}', "application/json", "is not JSON"),
    "brackets": (b"[" * 100_000, "application/json", "nested too deeply"),
    "nan": (b"NaN", "application/json", "NaN is not JSON"),
    "two": (b"{} {}", "application/json", "is not JSON"),
    "nul": (b"\0", "", "is not JSON"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_reply_that_is_no_answer_is_a_decode_error(play: Play, name: str) -> None:
    """It shows status, content type, first bytes and request id; no retry."""
    body, kind, problem = ODD[name]
    wire = reply(200, body, {"Request-Id": "req_9"}, content_type=kind)
    client, server = play(wire, wire)
    with pytest.raises(DecodeError) as caught:
        client.notes.create()
    error, text = caught.value, str(caught.value)
    assert text.startswith("notes.create: the reply ")
    assert problem in text
    assert f"status 200, content-type {kind or 'none'}" in text
    assert f"starts {body[:20]!r}"[:-1] in text
    assert text.endswith("is the base URL the API's? request req_9")
    assert (error.status_code, error.content_type) == (200, kind)
    assert (error.request_id, error.attempts) == ("req_9", 1)
    assert len(server.received) == 1


def test_the_place_of_a_wrong_member_is_on_the_error(play: Play) -> None:
    """As a JSON Pointer, with what came parsed."""
    client, _ = play(reply(200, {**NOTE, "usage": {"input_tokens": "x"}}))
    with pytest.raises(DecodeError) as caught:
        client.notes.create()
    assert caught.value.pointer == "/usage/input_tokens"
    assert caught.value.body["usage"] == {"input_tokens": "x"}


def test_a_reply_larger_than_the_bound_is_refused(play: Play) -> None:
    """64 MiB; more is a stream's business."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    client, _ = play(hang_up(head, bytes(67_200_000)))
    with pytest.raises(DecodeError, match="is larger than 67108864 bytes"):
        client.notes.create()


def test_the_bound_of_a_reply_is_the_clients_to_set(play: Play) -> None:
    """It counts what was decompressed, and copies of the client share it."""
    coding = {"Content-Encoding": "gzip"}
    body = gzip.compress(b" " * 2_000 + json.dumps(NOTE).encode())
    client, _ = play(reply(200, body, coding), reply(200, NOTE), max_body_bytes=1_000)
    with pytest.raises(DecodeError, match="is larger than 1000 bytes"):
        client.notes.create()
    assert client.with_options(max_retries=0).notes.create().id == "n1"


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "1"])
def test_a_bound_that_cannot_be_is_refused(size: Any) -> None:
    """Where it is given."""
    with pytest.raises((TypeError, ValueError), match="max_body_bytes"):
        make(max_body_bytes=size)


@pytest.mark.parametrize(
    "status", [(204, b""), (200, b"ignored"), (202, b'{"a": 1}')], ids=str
)
def test_no_content_is_none(play: Play, status: tuple[int, bytes]) -> None:
    """Whatever the body is."""
    client, _ = play(reply(*status))
    assert ask(client, results.Nothing()) is None


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ('text/plain; charset="utf-8"', "é".encode(), "é"),
        ("text/plain", b"a\xff", "a\ufffd"),
        ("text/plain; charset=nonsense", b"a", "a"),
        ("text/plain; charset=hex", b"a", "a"),
    ],
)
def test_text_is_decoded_by_its_charset(
    play: Play, kind: str, body: bytes, text: str
) -> None:
    """An unknown one is read as UTF-8, and nothing fails."""
    client, _ = play(reply(200, body, content_type=kind))
    value = ask(client, results.Text())
    assert type(value) is ReplyText
    assert value == text


@pytest.mark.parametrize(
    ("status", "expected"), [(200, 1), (201, None), (202, "t"), (206, 1)]
)
def test_a_status_may_have_its_own_result(
    play: Play, status: int, expected: Any
) -> None:
    """Exact first, then the class of hundreds, else like the first."""
    client, server = play(reply(status, b"1" if expected == 1 else b"t"))
    table = {
        "200": results.Json(lambda: int),
        "201": results.Nothing(),
        "202": results.Text(),
    }
    assert ask(client, results.ByStatus(table)) == expected
    assert server.received[0].headers["accept"] == "application/json, */*"


def test_a_class_of_statuses_may_have_its_own_result(play: Play) -> None:
    """2XX is any success."""
    client, _ = play(reply(203, b"t"))
    table = {"200": results.Json(lambda: int), "2XX": results.Text()}
    assert ask(client, results.ByStatus(table)) == "t"


def test_a_list_of_models_is_a_list_with_a_reply(play: Play) -> None:
    """Any type expression can be a result."""
    client, _ = play(reply(200, [{"n": 1}]))
    rows = ask(client, results.Json(lambda: list[Row]))
    assert rows == [Row(n=1)]
    assert rows._request_id is None


@pytest.mark.parametrize("status", [300, 304, 301])
def test_a_redirect_without_a_place_is_an_error(play: Play, status: int) -> None:
    """There is nowhere to go."""
    client, _ = play(reply(status), max_retries=0)
    with pytest.raises(APIStatusError, match="nowhere") as caught:
        client.notes.public()
    assert caught.value.status_code == status


# -- bodies ------------------------------------------------------------------------


def test_an_upload_is_sent_with_its_length(play: Play, tmp_path: Path) -> None:
    """A path is read while it is sent; fields come first."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    client, server = play(OK)
    client.notes.upload(path, title="t")
    (request,) = server.received
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert int(request.headers["content-length"]) == len(request.body)
    assert "transfer-encoding" not in request.headers
    assert request.body.index(b'name="title"') < request.body.index(b'name="file"')
    assert b'filename="a.txt"' in request.body
    assert b"\r\n\r\ncontent\r\n" in request.body


@pytest.mark.parametrize("kind", ["bytes", "path", "file", "tuple", "list"])
def test_an_upload_is_sent_whole_again(
    play: Play, clock: FakeClock, tmp_path: Path, kind: str
) -> None:
    """The second attempt carries every byte of the first."""
    content = bytes(range(256)) * 1_000
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    client, server = play(reply(503), hang_up(), OK, _clock=clock)
    with open(path, "rb") as file:
        value: Any = {
            "bytes": content,
            "path": path,
            "file": file,
            "tuple": ("b.bin", content, "x/y"),
            "list": [content[:1_000], content],
        }[kind]
        client.notes.upload(value)
    first, second, third = (request.body for request in server.received)
    assert first == second == third
    assert content in first


def test_an_upload_that_cannot_be_read_again_is_sent_once(
    play: Play, clock: FakeClock
) -> None:
    """The first failure is the caller's; nothing half is sent."""
    client, server = play(reply(503), OK, _clock=clock)
    with pytest.raises(APIStatusError) as caught:
        client.notes.upload(piece for piece in (b"a", b"b"))
    assert caught.value.status_code == 503
    (request,) = server.received
    assert request.headers["transfer-encoding"] == "chunked"
    assert b"\r\n\r\nab\r\n" in request.body


def test_a_file_that_cannot_be_read_is_the_callers_error(play: Play) -> None:
    """It is no broken connection, and is not tried again."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if size == 0:
                return b""
            raise OSError(5, "the disk is gone")

    client, _ = play(OK)
    with pytest.raises(RequestValidationError, match="the disk is gone") as caught:
        client.notes.upload(Broken(b"abc"))
    assert caught.value.attempts == 1
    frames = [str(entry.path) for entry in caught.traceback]
    assert not any("site-packages/requests" in name for name in frames)


def test_a_callers_file_stays_open(play: Play) -> None:
    """Who opened it closes it."""
    file = io.BytesIO(b"abc")
    client, _ = play(OK)
    client.notes.upload(file)
    assert not file.closed


@pytest.mark.parametrize(
    ("media", "value", "body", "kind"),
    [
        ("text/plain", "é", "é".encode(), "text/plain; charset=utf-8"),
        ("application/octet-stream", b"\0\1", b"\0\1", "application/octet-stream"),
        ("application/octet-stream", bytearray(b"a"), b"a", "application/octet-stream"),
        (
            "application/octet-stream",
            io.BytesIO(b"f"),
            b"f",
            "application/octet-stream",
        ),
        ("application/merge-patch+json", {"a": 1}, b'{"a":1}', None),
        (
            "application/x-www-form-urlencoded",
            {"a": [1, 2], "b": "x y", "c": None, "d": {"e": True}, "f": False},
            b"a=1&a=2&b=x+y&d=%7B%22e%22%3Atrue%7D&f=false",
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_other_media_types_are_sent_as_they_are(
    play: Play, media: str, value: Any, body: bytes, kind: str | None
) -> None:
    """Text, bytes, files, forms and JSON by another name."""
    client, server = play(OK)
    operation: r.Operation[Any] = r.Operation(
        "notes.put", "notes", "PUT", "/x", results.Nothing(), body="body", media=media
    )
    client.notes._call(operation, {"body": value}, *pack({}))
    (request,) = server.received
    assert request.body == body
    assert request.headers["content-type"] == (kind or media)


def test_a_body_of_the_wrong_kind_is_refused(play: Play) -> None:
    """The message says what the media type takes."""
    client, server = play(OK)
    operation: r.Operation[Any] = r.Operation(
        "notes.put",
        "notes",
        "PUT",
        "/x",
        results.Nothing(),
        body="body",
        media="application/pdf",
    )
    with pytest.raises(RequestValidationError, match="expected bytes, str or an open"):
        client.notes._call(operation, {"body": 3}, *pack({}))
    assert server.received == []


def test_a_post_without_a_body_says_so(play: Play) -> None:
    """Content-Length: 0, which some servers insist on."""
    client, server = play(reply(204))
    ask(client, results.Nothing(), method="POST")
    assert server.received[0].headers["content-length"] == "0"


def test_cookie_parameters_are_sent(play: Play) -> None:
    """Those of the operation, and no others."""
    client, server = play(reply(204))
    operation: r.Operation[Any] = r.Operation(
        "notes.ask",
        "notes",
        "GET",
        "/x",
        results.Nothing(),
        cookies={"a": "a", "b": "b", "c": "c"},
    )
    client.notes._call(operation, {"a": 1, "b": None, "c": True}, *pack({}))
    assert server.received[0].headers["cookie"] == "a=1; c=true"


def test_a_refused_connection_is_one_error_of_ours(clock: FakeClock) -> None:
    """It names the place and the reason, and keeps the system's error as cause."""
    from tests.core.sample import client

    with client(_clock=clock) as made, pytest.raises(APIConnectionError) as caught:
        made.notes.public()
    assert "no connection to http://127.0.0.1:1: Connection refused" in str(
        caught.value
    )
    assert type(caught.value.__cause__) is ConnectionRefusedError
    assert caught.value.__cause__.__traceback__ is None


def test_a_name_that_does_not_resolve_is_an_error_of_ours(clock: FakeClock) -> None:
    """No exception of another library comes out."""
    from tests.core.sample import client

    made = client("https://nowhere.invalid", _clock=clock, max_retries=0)
    with made, pytest.raises(APIConnectionError, match=r"nowhere\.invalid:443"):
        made.notes.public()
