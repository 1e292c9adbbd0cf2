"""Other people's tools: responses, requests_mock, a session of the user's own."""

from __future__ import annotations

import gzip
import io
import json
import threading
from typing import Any

import pytest
import requests
import requests_mock
import responses
from requests.adapters import BaseAdapter, HTTPAdapter

from specwire.errors import (
    APIConnectionError,
    APITimeoutError,
    DecodeError,
    NotFoundError,
    RateLimitError,
    StreamError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play
from tests.core.sample import KEY, NOTE, NotesClient, client
from tests.scripted import chunked, reply

URL = "http://127.0.0.1:1"
EVENTS = b'data: {"type":"text","text":"a"}\n\ndata: {"type":"stop"}\n\n'
SSE = "text/event-stream"


@pytest.fixture
def made(clock: FakeClock) -> Any:
    with client(URL, _clock=clock) as it:
        yield it


# -- responses ---------------------------------------------------------------------


@responses.activate
def test_responses_answers_a_call(made: NotesClient) -> None:
    """It sees the request as it would have been sent."""
    responses.post(f"{URL}/v1/notes", json=NOTE, headers={"request-id": "r1"})
    note = made.notes.create(text="é")
    assert (note.id, note._request_id) == ("n1", "r1")
    request = responses.calls[0].request
    assert json.loads(request.body) == {"model": "m", "text": "é"}
    assert request.headers["x-api-key"] == KEY


@responses.activate
def test_responses_answers_a_stream(made: NotesClient) -> None:
    """Event by event, with its end mark checked."""
    responses.post(f"{URL}/v1/notes", body=EVENTS, content_type=SSE)
    assert [e.type for e in made.notes.create(stream=True)] == ["text", "stop"]
    responses.replace("POST", f"{URL}/v1/notes", body=EVENTS[:40], content_type=SSE)
    with pytest.raises(StreamError):
        list(made.notes.create(stream=True))


@responses.activate
def test_responses_answers_lines_and_downloads(made: NotesClient) -> None:
    """Whatever is read as it arrives."""
    responses.get(f"{URL}/v1/rows", body=b'{"n":1}\n', content_type="application/jsonl")
    responses.get(f"{URL}/v1/raw", body=b"raw", content_type="image/png")
    assert [row.n for row in made.notes.rows()] == [1]
    assert made.notes.raw().read() == b"raw"


@responses.activate
def test_responses_answers_pages_and_uploads(made: NotesClient) -> None:
    """Queries are matched as they are sent."""
    first = {"data": [{"n": 1}], "has_more": True, "last_id": "a"}
    match = responses.matchers.query_param_matcher
    responses.get(f"{URL}/v1/notes", json=first, match=[match({})])
    responses.get(
        f"{URL}/v1/notes", json={"data": []}, match=[match({"after_id": "a"})]
    )
    responses.post(f"{URL}/v1/files", json={"ok": True})
    assert [row.n for row in made.notes.list()] == [1]
    assert made.notes.upload(b"content") == {"ok": True}


@responses.activate
def test_responses_answers_errors_and_attempts(
    made: NotesClient, clock: FakeClock
) -> None:
    """Statuses become errors, and each attempt is a call of its own."""
    responses.post(f"{URL}/v1/notes", status=429, headers={"Retry-After": "3"})
    responses.post(f"{URL}/v1/notes", status=500)
    responses.post(f"{URL}/v1/notes", json=NOTE)
    responses.get(f"{URL}/v1/public", status=404, json={"error": {"message": "no"}})
    assert made.notes.create()._reply.attempts == 3
    assert clock.slept[0] >= 3
    with pytest.raises(NotFoundError, match="status 404: no"):
        made.notes.public()


@responses.activate
@pytest.mark.parametrize(
    ("raised", "expected", "started"),
    [
        (requests.ConnectionError("x"), APIConnectionError, True),
        (requests.ConnectTimeout("x"), APITimeoutError, False),
        (requests.ReadTimeout("x"), APITimeoutError, True),
        (requests.exceptions.ChunkedEncodingError("x"), APIConnectionError, True),
        (requests.exceptions.SSLError("x"), APIConnectionError, True),
        (requests.exceptions.InvalidURL("x"), APIConnectionError, False),
        (ConnectionResetError(104, "reset"), APIConnectionError, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_responses_raises_what_requests_raises(
    raised: Exception, expected: type[Exception], started: bool
) -> None:
    """All of it is wrapped."""
    responses.get(f"{URL}/v1/public", body=raised)
    with client(URL, max_retries=0) as made, pytest.raises(expected) as caught:
        made.notes.public()
    assert type(caught.value) is expected
    assert caught.value.started is started  # type: ignore[attr-defined]


@responses.activate
def test_an_address_that_responses_does_not_know_is_a_connection_error(
    made: NotesClient,
) -> None:
    """As a server that is not there."""
    with pytest.raises(APIConnectionError):
        made.notes.public()


@responses.activate
def test_responses_follows_our_rules_of_redirects(made: NotesClient) -> None:
    """Within the origin only."""
    responses.get(f"{URL}/v1/public", status=307, headers={"Location": "/new"})
    responses.get(f"{URL}/new", json={"ok": True})
    assert made.notes.public() == {"ok": True}


@responses.activate
def test_responses_sends_no_html_through(made: NotesClient) -> None:
    """A wrong shape is a DecodeError here too."""
    responses.post(f"{URL}/v1/notes", body="<html>", content_type="text/html")
    with pytest.raises(DecodeError):
        made.notes.create()


# -- requests_mock -----------------------------------------------------------------


def test_requests_mock_answers_every_kind_of_call(made: NotesClient) -> None:
    """JSON, streams, lines, downloads."""
    with requests_mock.Mocker() as mock:
        mock.post(f"{URL}/v1/notes", json=NOTE)
        mock.get(f"{URL}/v1/raw", content=b"raw")
        mock.get(f"{URL}/v1/rows", content=b'{"n":1}\n')
        assert made.notes.create().id == "n1"
        assert made.notes.raw().read() == b"raw"
        assert [row.n for row in made.notes.rows()] == [1]
        mock.post(f"{URL}/v1/notes", content=EVENTS, headers={"Content-Type": SSE})
        events = list(made.notes.create(stream=True))
        assert [event.type for event in events] == ["text", "stop"]
        assert mock.request_history[0].headers["x-api-key"] == KEY


def test_requests_mock_answers_errors(made: NotesClient, clock: FakeClock) -> None:
    """Statuses, attempts and exceptions."""
    with requests_mock.Mocker() as mock:
        answers: Any = [{"status_code": 503}, {"json": {"ok": True}}]
        mock.get(f"{URL}/v1/public", answers)
        assert made.notes.public() == {"ok": True}
        mock.get(f"{URL}/v1/public", status_code=429, json={})
        with pytest.raises(RateLimitError):
            made.notes.public()
        mock.get(f"{URL}/v1/public", exc=requests.ConnectTimeout)
        with pytest.raises(APITimeoutError):
            made.notes.public()


# -- a session of the user's own ---------------------------------------------------


class Canned(BaseAdapter):
    """An adapter that answers by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self.timeout: Any = None

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        self.sent.append(request)
        self.timeout = options["timeout"]
        response = requests.Response()
        response.status_code = 200
        response.headers["Content-Type"] = "application/json"
        response.raw = io.BytesIO(b'{"ok": true}')
        response.url = request.url
        return response

    def close(self) -> None:
        self.closed = True


def test_an_adapter_of_the_users_own_is_used() -> None:
    """The session is taken as it is, and closed with the client."""
    session, adapter = requests.Session(), Canned()
    session.mount("http://", adapter)
    with client(URL, session=session, timeout=30) as made:
        assert made.notes.run("n1") == {"ok": True}
    assert adapter.sent[0].headers["x-api-key"] == KEY
    assert adapter.timeout[0] == 5.0
    assert adapter.timeout[1] <= 30.0
    assert adapter.closed


def test_a_hook_of_the_users_session_may_read_the_body(play: Play) -> None:
    """What it has read and decoded is what the call gets."""
    session = requests.Session()
    seen: list[Any] = []
    adapter = HTTPAdapter()
    plain = adapter.build_response

    def reading(request: Any, response: Any) -> requests.Response:
        built = plain(request, response)
        seen.append(built.content)
        return built

    adapter.build_response = reading  # type: ignore[method-assign]
    session.mount("http://", adapter)
    body = gzip.compress(b'{"ok": true}')
    made, _ = play(reply(200, body, {"Content-Encoding": "gzip"}), session=session)
    assert made.notes.public() == {"ok": True}
    assert seen == [b'{"ok": true}']


def test_a_session_of_the_users_own_reaches_the_server(play: Play) -> None:
    """JSON, streams and uploads go over it; its cookies and its auth do not."""
    session = requests.Session()
    session.headers["X-Session"] = "1"
    session.auth = ("user", "pw")
    session.cookies.set("a", "b")
    events = chunked(EVENTS, headers="Set-Cookie: c=d\r\n")
    made, server = play(
        reply(200, NOTE), events, reply(200, {"ok": True}), session=session
    )
    made.notes.create()
    list(made.notes.create(stream=True))
    made.notes.upload(b"content")
    assert server.connections == 1
    for request in server.received:
        assert "cookie" not in request.headers
        assert "authorization" not in request.headers
        assert request.headers["x-api-key"] == KEY


def test_a_session_of_the_users_own_keeps_the_deadline(play: Play) -> None:
    """A dripping body is cut on its connection as well."""
    over = threading.Event()

    def drip(conn: Any, request: Any) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while not over.wait(0.05):
            conn.sendall(b" ")

    made, _ = play(drip, session=requests.Session(), timeout=0.3)
    with pytest.raises(APITimeoutError, match=r"timeout\.total"):
        made.notes.public()
    over.set()


def test_a_session_of_the_users_own_does_not_follow_redirects(play: Play) -> None:
    """Our rules hold: nothing goes to another origin."""
    moved = reply(307, b"", {"Location": "http://127.0.0.1:1/other"})
    made, server = play(moved, session=requests.Session(), max_retries=0)
    with pytest.raises(Exception, match="which was not followed"):
        made.notes.public()
    assert len(server.received) == 1


def test_retries_of_the_users_adapter_are_its_own_business(play: Play) -> None:
    """urllib3's errors of giving up are wrapped as well."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=1))
    with client(URL, session=session, max_retries=0) as made:
        with pytest.raises(APIConnectionError, match="Connection refused") as caught:
            made.notes.public()
    assert not caught.value.started


# -- vcrpy -------------------------------------------------------------------------


def test_vcrpy_records_and_plays_back(play: Play, tmp_path: Any) -> None:
    """One request goes out; the second is answered from the cassette."""
    vcr = pytest.importorskip("vcr")
    cassette = str(tmp_path / "notes.yaml")
    made, server = play(reply(body=json.dumps(NOTE).encode()))
    recorder = vcr.VCR(filter_headers=["x-api-key"], record_mode="once")
    for _ in range(2):
        with recorder.use_cassette(cassette):
            assert made.notes.create(text="a").id == "n1"
    assert len(server.received) == 1
    assert KEY not in (tmp_path / "notes.yaml").read_text()


def test_after_vcrpy_the_connections_are_ours_again(play: Play, tmp_path: Any) -> None:
    """A recorder that was used leaves nothing behind in the pool."""
    vcr = pytest.importorskip("vcr")
    ok = reply(body=json.dumps(NOTE).encode())
    made, server = play(ok, ok)
    with vcr.use_cassette(str(tmp_path / "notes.yaml")):
        made.notes.create()
    assert made.notes.create().id == "n1"
    assert len(server.received) == 2
