"""``http_client=`` of the drop-in client: httpx, requests, settings, and odd things."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from specwire import errors
from specwire.compat import httpx as settings
from specwire.compat.anthropic import Anthropic, DefaultHttpxClient
from specwire.compat.anthropic.http_clients import timeout_of
from specwire.core.types import UNSET, Timeout
from tests.core.conftest import hang_up
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

httpx = pytest.importorskip("httpx", reason="httpx is not installed")
respx = pytest.importorskip("respx", reason="respx is not installed")

KEY = "sk-ant-very-secret"
API = "https://api.anthropic.com/v1/messages"
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
COUNT: dict[str, Any] = {"model": "m", "messages": ASK["messages"]}
ANSWER = reply(body={"input_tokens": 7}, headers={"request-id": "req_1"})
CERTIFICATES = Path(__file__).parents[1] / "faults" / "certs"
GOOD = str(CERTIFICATES / "good.pem")
AUTHORITY = str(CERTIFICATES / "ca.pem")
UNSAFE = pytest.mark.filterwarnings("ignore:Unverified")
START = b'data: {"type":"ping"}\n\ndata: {"type":"content_block_stop","index":0}\n\n'
STOP = b'data: {"type":"message_stop"}\n\n'


@contextlib.contextmanager
def asking(
    *script: Step, client: Any = None, **options: Any
) -> Iterator[tuple[Anthropic, ScriptedServer]]:
    """A drop-in client over ``client``, an httpx.Client if none is given."""
    client = httpx.Client() if client is None else client
    with serving(*script) as server:
        options.setdefault("max_retries", 0)
        with Anthropic(
            api_key=KEY, base_url=server.url, http_client=client, **options
        ) as made:
            yield made, server


# -- httpx.Client ------------------------------------------------------------------


def test_a_call_goes_through_an_httpx_client() -> None:
    """With our headers over its own, and a key that the server gets."""
    own = httpx.Client(headers={"X-Own": "1", "User-Agent": "own"})
    with asking(ANSWER, client=own) as (client, server):
        counted = client.messages.count_tokens(**COUNT)
    (asked,) = server.received
    assert counted.input_tokens == 7
    assert counted._request_id == "req_1"
    assert asked.headers["x-api-key"] == KEY
    assert asked.headers["x-own"] == "1"
    assert asked.headers["user-agent"].startswith("specwire/")
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert asked.json() == COUNT


def test_events_arrive_live() -> None:
    """One is handed out while the server has not sent the next."""
    go_on = threading.Event()

    def step(conn: Any, _: Any) -> None:
        first, rest = chunked(START, end=False), chunked(STOP).partition(b"\r\n\r\n")[2]
        conn.sendall(first)
        assert go_on.wait(5)
        conn.sendall(rest)

    with asking(step) as (client, _):
        stream = client.messages.create(**ASK, stream=True)
        assert next(stream).type == "content_block_stop"
        go_on.set()
        assert [event.type for event in stream] == ["message_stop"]


def test_connections_are_used_again() -> None:
    """After whole bodies, compressed ones and streams read to their end."""
    packed = reply(
        body=gzip.compress(b'{"input_tokens": 7}'),
        headers={"Content-Encoding": "gzip"},
    )
    with asking(ANSWER, packed, chunked(STOP), ANSWER) as (client, server):
        client.messages.count_tokens(**COUNT)
        assert client.messages.count_tokens(**COUNT).input_tokens == 7
        list(client.messages.create(**ASK, stream=True))
        client.messages.count_tokens(**COUNT)
        assert server.connections == 1


def test_leaving_a_stream_early_closes_its_connection() -> None:
    """An unread rest is never the next call's answer."""
    with asking(chunked(START, end=False), ANSWER) as (client, server):
        with client.messages.create(**ASK, stream=True) as stream:
            next(stream)
        assert client.messages.count_tokens(**COUNT).input_tokens == 7
        assert server.connections == 2


def test_an_upload_streams() -> None:
    """In pieces, with its size where that is known and chunked where not."""
    made = {
        "id": "file_1",
        "type": "file",
        "filename": "a",
        "mime_type": "text/plain",
        "size_bytes": 3,
        "created_at": "2026-01-01T00:00:00Z",
    }
    answer = reply(body=made)
    with asking(answer, answer) as (client, server):
        client.beta.files.upload(file=b"abc" * 50_000)
        client.beta.files.upload(file=iter([b"abc"] * 50_000))
    known, unknown = server.received
    assert b"abc" * 50_000 in known.body
    assert b"abc" * 50_000 in unknown.body
    assert int(known.headers["content-length"]) == len(known.body)
    assert "transfer-encoding" not in known.headers
    assert unknown.headers["transfer-encoding"] == "chunked"


def test_an_attempt_is_repeated_with_its_body() -> None:
    """Retries are ours: the whole upload goes out again."""
    made = reply(500), reply(404, {"error": {"message": "x"}})
    with asking(*made, max_retries=1) as (client, server):
        with pytest.raises(errors.NotFoundError):
            client.messages.count_tokens(**COUNT)
    assert server.received[0].body == server.received[1].body


def _held(*pieces: bytes) -> tuple[Step, threading.Event]:
    done = threading.Event()

    def step(conn: Any, _: Any) -> None:
        for piece in pieces:
            conn.sendall(piece)
        done.wait(5)

    return step, done


@pytest.mark.parametrize("sent", [(), (ANSWER[:-5],)])
def test_silence_is_a_timeout_of_ours(sent: tuple[bytes, ...]) -> None:
    """Before the reply and within it, by the call's own ``read``."""
    step, done = _held(*sent)
    with asking(step) as (client, _):
        with pytest.raises(errors.APITimeoutError) as caught:
            client.messages.count_tokens(**COUNT, timeout=Timeout(read=0.05))
        done.set()
    assert KEY not in _whole(caught.value)


def test_the_call_has_a_deadline_over_httpx_too() -> None:
    """A body that drips never trips ``read``; the attempt's limit ends it."""
    done = threading.Event()

    def step(conn: Any, _: Any) -> None:
        conn.sendall(ANSWER[:-15])
        while not done.wait(0.02):
            conn.sendall(b" ")

    with asking(step) as (client, _):
        with pytest.raises(errors.APITimeoutError, match=r"timeout\.attempt"):
            client.messages.count_tokens(**COUNT, timeout=0.3, max_retries=0)
        done.set()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ((), "hung up without an answer"),
        ((ANSWER[:-5],), "ended early"),
        ((chunked(b"{", end=False),), "ended early"),
        ((b"nonsense\r\n\r\n",), "cannot be read"),
    ],
)
def test_a_connection_that_breaks_is_an_error_of_ours(
    sent: tuple[bytes, ...], told: str
) -> None:
    """Of one class and in the same words as with our own connections."""
    with asking(hang_up(*sent)) as (client, _):
        with pytest.raises(errors.APIConnectionError, match=told) as caught:
            client.messages.count_tokens(**COUNT)
    assert not isinstance(caught.value, errors.APITimeoutError)
    assert caught.value.retryable
    assert KEY not in _whole(caught.value)


def test_a_refused_connection_has_not_started() -> None:
    """Its cause is the system's error, without what httpx knew of the request."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Anthropic(
        api_key=KEY,
        base_url=f"http://127.0.0.1:{port}",
        http_client=httpx.Client(),
        max_retries=0,
    ) as client:
        with pytest.raises(errors.APIConnectionError, match="no connection") as caught:
            client.messages.count_tokens(**COUNT)
    assert not caught.value.started
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert caught.value.__cause__.__traceback__ is None
    assert KEY not in _whole(caught.value)


def test_a_stream_that_breaks_is_a_stream_error() -> None:
    """What had arrived comes first."""
    with asking(chunked(START, end=False)) as (client, _):
        stream = client.messages.create(**ASK, stream=True)
        assert next(stream).type == "content_block_stop"
        with pytest.raises(errors.StreamError):
            next(stream)


def test_a_stream_that_is_held_open_behind_its_end_is_not_waited_for() -> None:
    """The end mark is the end, whatever httpx would wait for."""
    step, done = _held(chunked(START, STOP, end=False))
    with asking(step) as (client, _):
        stream = client.messages.create(**ASK, stream=True, timeout=Timeout(read=60))
        began = time.monotonic()
        assert len(list(stream)) == 2
        assert time.monotonic() - began < 5
        done.set()


def test_pings_do_not_keep_a_stream_alive_over_httpx() -> None:
    """``read`` counts what comes of the stream, not bytes."""
    done = threading.Event()

    def step(conn: Any, _: Any) -> None:
        conn.sendall(chunked(START, end=False))
        while not done.wait(0.03):
            conn.sendall(b"8\r\n: ping\n\n\r\n")

    with asking(step) as (client, _):
        stream = client.messages.create(**ASK, stream=True, timeout=Timeout(read=0.2))
        next(stream)
        began = time.monotonic()
        with pytest.raises(errors.APITimeoutError):
            next(stream)
        assert time.monotonic() - began < 5
        done.set()


def test_closing_the_client_ends_a_stream_in_another_thread() -> None:
    """The reader wakes at once, and the httpx client is closed with ours."""
    step, done = _held(chunked(START, end=False))
    own = httpx.Client()
    caught: list[BaseException] = []
    with asking(step, client=own) as (client, _):
        stream = client.messages.create(**ASK, stream=True)
        next(stream)

        def read() -> None:
            try:
                next(stream)
            except errors.SpecwireError as error:
                caught.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        client.close()
        reader.join(5)
        assert not reader.is_alive()
        done.set()
    assert own.is_closed
    assert isinstance(caught[0], errors.CancelledError)


def test_a_closed_httpx_client_is_told_of() -> None:
    """Its own RuntimeError does not come through."""
    own = httpx.Client()
    own.close()
    with asking(client=own) as (client, _):
        with pytest.raises(errors.APIConnectionError, match="is closed") as caught:
            client.messages.count_tokens(**COUNT)
    assert not caught.value.retryable


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_does_not_use_its_parents_connections() -> None:
    """The child's call says that it needs a client of its own."""
    with asking(ANSWER, ANSWER) as (client, server):
        client.messages.count_tokens(**COUNT)
        child = os.fork()
        if child == 0:
            try:
                client.messages.count_tokens(**COUNT)
            except errors.APIConnectionError as error:
                os._exit(0 if "after the fork" in str(error) else 2)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.messages.count_tokens(**COUNT)
        assert server.connections == 1


def test_the_proxy_of_an_httpx_client_is_used() -> None:
    """It gets the whole URL."""
    with serving(ANSWER) as proxy:
        with Anthropic(
            api_key=KEY,
            base_url="http://127.0.0.2:9",
            http_client=httpx.Client(proxy=proxy.url),
        ) as client:
            client.messages.count_tokens(**COUNT)
    assert proxy.received[0].target == "http://127.0.0.2:9/v1/messages/count_tokens"


def test_redirects_are_ours_to_follow() -> None:
    """However the httpx client is set: the key stays with its origin."""
    away = reply(307, headers={"Location": "http://127.0.0.3:9/"})
    with asking(away, client=httpx.Client(follow_redirects=True)) as (client, _):
        with pytest.raises(errors.APIStatusError, match="not followed"):
            client.messages.count_tokens(**COUNT)


def test_a_hook_of_an_httpx_client_may_read_the_reply() -> None:
    """What it has read and decoded is what the call gets."""
    seen: list[Any] = []

    def look(response: Any) -> None:
        seen.append(response.read())

    body = gzip.compress(b'{"input_tokens": 7}')
    packed = reply(body=body, headers={"Content-Encoding": "gzip"})
    own = httpx.Client(event_hooks={"response": [look]})
    with asking(packed, client=own) as (client, _):
        assert client.messages.count_tokens(**COUNT).input_tokens == 7
    assert json.loads(seen[0]) == {"input_tokens": 7}


# -- mocks -------------------------------------------------------------------------


def test_a_mock_transport_answers() -> None:
    """Whole, as a stream, and with an error."""
    kinds = {
        "/v1/messages/count_tokens": httpx.Response(200, json={"input_tokens": 7}),
        "/v1/messages": httpx.Response(
            200, headers={"Content-Type": "text/event-stream"}, content=START + STOP
        ),
        "/v1/models/a": httpx.Response(
            404, json={"error": {"type": "not_found_error"}}
        ),
    }
    transport = httpx.MockTransport(lambda request: kinds[request.url.path])
    with Anthropic(
        api_key=KEY, http_client=httpx.Client(transport=transport)
    ) as client:
        assert client.messages.count_tokens(**COUNT).input_tokens == 7
        assert len(list(client.messages.create(**ASK, stream=True))) == 2
        with pytest.raises(errors.NotFoundError):
            client.models.retrieve("a")


def test_a_transport_that_streams_is_read_live() -> None:
    """Its pieces are the caller's as they come."""

    class Pieces(httpx.SyncByteStream):  # type: ignore[name-defined,misc]
        taken = 0

        def __iter__(self) -> Iterator[bytes]:
            for piece in (START, STOP):
                self.taken += 1
                yield piece

    pieces = Pieces()
    head = {"Content-Type": "text/event-stream"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=head, stream=pieces)
    )
    with Anthropic(
        api_key=KEY, http_client=httpx.Client(transport=transport)
    ) as client:
        stream = client.messages.create(**ASK, stream=True)
        next(stream)
        assert pieces.taken == 1
        next(stream)


def test_respx_answers_and_fails_as_it_is_told() -> None:
    """Time-outs and broken connections of httpx are errors of ours."""
    faults = {
        httpx.ConnectTimeout("x"): errors.APITimeoutError,
        httpx.PoolTimeout("x"): errors.APITimeoutError,
        httpx.ReadTimeout("x"): errors.APITimeoutError,
        httpx.WriteTimeout("x"): errors.APITimeoutError,
        httpx.ConnectError("x"): errors.APIConnectionError,
        httpx.ReadError("x"): errors.APIConnectionError,
        httpx.ProxyError("x"): errors.APIConnectionError,
        httpx.UnsupportedProtocol("x"): errors.APIConnectionError,
        httpx.RemoteProtocolError("x"): errors.APIConnectionError,
        httpx.TooManyRedirects("x"): errors.APIConnectionError,
    }
    with respx.mock:
        route = respx.post(API)
        with Anthropic(
            api_key=KEY, http_client=httpx.Client(), max_retries=0
        ) as client:
            for fault, expected in faults.items():
                route.mock(side_effect=fault)
                with pytest.raises(errors.APIConnectionError) as caught:
                    client.messages.create(**ASK)
                assert type(caught.value) is expected, fault
                assert caught.value.__context__ is None
                assert caught.value.retryable is not isinstance(
                    fault, httpx.UnsupportedProtocol
                )


def test_respx_sees_retries() -> None:
    """Each attempt is a request to it."""
    with respx.mock:
        busy = httpx.Response(529, headers={"retry-after": "0"})
        done = httpx.Response(200, json={"input_tokens": 7})
        route = respx.post(f"{API}/count_tokens").mock(side_effect=[busy, done])
        with Anthropic(api_key=KEY, http_client=httpx.Client()) as client:
            assert client.messages.count_tokens(**COUNT).input_tokens == 7
    assert route.call_count == 2
    assert route.calls[0].request.headers["x-api-key"] == KEY


def test_what_a_mock_says_of_itself_comes_through() -> None:
    """A request that nobody mocked is respx's own AssertionError."""
    with respx.mock, Anthropic(api_key=KEY, http_client=httpx.Client()) as client:
        with pytest.raises(AssertionError):
            client.messages.create(**ASK)


# -- time-outs ---------------------------------------------------------------------


def test_a_timeout_of_httpx_is_taken_everywhere() -> None:
    """For the client, for a copy of it, and for one call."""
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json={"input_tokens": 7})

    own = httpx.Client(transport=httpx.MockTransport(answer))
    limit = httpx.Timeout(9.0, connect=2.0, write=3.0)
    with Anthropic(api_key=KEY, http_client=own, timeout=limit) as client:
        client.messages.count_tokens(**COUNT)
        client.with_options(timeout=httpx.Timeout(4.0)).messages.count_tokens(**COUNT)
        client.messages.count_tokens(**COUNT, timeout=httpx.Timeout(None, read=1.0))
    assert [(t["connect"], t["read"], t["write"]) for t in seen] == [
        (2.0, 9.0, 3.0),
        (4.0, 4.0, 4.0),
        (None, 1.0, None),
    ]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (None, UNSET),
        (httpx.Client(), UNSET),
        (httpx.Client(timeout=7.0), httpx.Timeout(7.0)),
        (settings.Client(), UNSET),
        (settings.Client(timeout=5.0), settings.Timeout(5.0)),
        (settings.Client(timeout=None), None),
        (requests.Session(), UNSET),
    ],
)
def test_a_client_may_bring_its_timeout(client: Any, expected: Any) -> None:
    """The one that it was given; the five seconds that httpx always has are none."""
    assert timeout_of(client) == expected


def test_a_timeout_of_its_own_goes_before_the_clients() -> None:
    """The argument wins; without either it is ten minutes."""
    lent = httpx.Client(timeout=7.0)
    assert Anthropic(api_key=KEY, http_client=lent)._timeout.read == 7.0
    assert Anthropic(api_key=KEY, http_client=lent, timeout=3)._timeout.read == 3.0
    assert Anthropic(api_key=KEY, http_client=httpx.Client())._timeout.read == 600.0


# -- sessions, and what is none ----------------------------------------------------


def test_a_session_of_requests_is_used_as_it_is() -> None:
    """Its adapters answer."""
    session = requests.Session()
    with asking(ANSWER, client=session) as (client, _):
        assert client.messages.count_tokens(**COUNT).input_tokens == 7
        assert client._engine._session is not None
        assert client._engine._session._session is session


@pytest.mark.parametrize(
    "odd", [httpx.AsyncClient(), object(), 3, "http://proxy", {"proxies": {}}]
)
def test_what_cannot_be_used_is_told_by_the_first_call(odd: Any) -> None:
    """The client is made; a call names what is expected and what it got."""
    with Anthropic(api_key=KEY, http_client=odd) as client:
        with pytest.raises(errors.RequestValidationError) as caught:
            client.messages.create(**ASK)
    assert "expected a synchronous httpx.Client" in str(caught.value)
    assert type(odd).__name__ in str(caught.value)


# -- settings ----------------------------------------------------------------------


def test_settings_become_connections() -> None:
    """Headers are sent, but not over our own."""
    own = settings.Client(headers={"X-Own": "1", "user-agent": "own"})
    with asking(ANSWER, ANSWER, client=own) as (client, server):
        client.messages.count_tokens(**COUNT)
        client.messages.count_tokens(**COUNT)
    assert server.received[0].headers["x-own"] == "1"
    assert server.received[0].headers["user-agent"].startswith("specwire/")
    assert server.connections == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda url: {"proxies": url},
        lambda url: {"proxy": url},
        lambda url: {"proxies": {"http://": url}},
        lambda url: {"proxies": {"all://": settings.Proxy(url)}},
        lambda url: {"proxies": {"http://127.0.0.2": url, "all://": "http://no:1"}},
        lambda url: {"proxy": httpx.Proxy(url)},
    ],
)
def test_a_proxy_is_set_in_any_form(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves none to the environment."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(ANSWER) as proxy:
        own = settings.Client(**form(proxy.url))
        with Anthropic(
            api_key=KEY, base_url="http://127.0.0.2:9", http_client=own, max_retries=0
        ) as client:
            client.messages.count_tokens(**COUNT)
    assert proxy.received[0].target == "http://127.0.0.2:9/v1/messages/count_tokens"


def test_a_proxy_gets_its_user_and_password() -> None:
    """As Basic, with odd characters in them."""
    with serving(ANSWER) as proxy:
        own = settings.Client(proxy=settings.Proxy(proxy.url, auth=("u@x", "p:/")))
        with Anthropic(
            api_key=KEY, base_url="http://127.0.0.2:9", http_client=own
        ) as client:
            client.messages.count_tokens(**COUNT)
    assert proxy.received[0].headers["proxy-authorization"] == "Basic dUB4OnA6Lw=="


def test_the_environment_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """``trust_env=False`` goes round a proxy of the environment."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with asking(ANSWER, client=settings.Client(trust_env=False)) as (client, _):
        assert client.messages.count_tokens(**COUNT).input_tokens == 7


def test_limits_say_how_many_connections_are_kept() -> None:
    """Those to keep alive, or else the most there may be."""
    limits = settings.Limits(max_connections=9, max_keepalive_connections=3)
    own = settings.Client(limits=limits)
    with asking(ANSWER, client=own) as (client, _):
        client.messages.count_tokens(**COUNT)
        adapter = client._engine._session._session._made().get_adapter("http://a")
        assert adapter._pool_maxsize == 3


def test_settings_are_no_client() -> None:
    """A request says so, and an option of another kind is refused by name."""
    with pytest.raises(TypeError, match="makes no requests"):
        settings.Client().get("http://a")
    with pytest.raises(TypeError, match=r"'transport'.*real httpx"):
        settings.Client(transport=object())
    with pytest.raises(AttributeError, match="settings only; here is Client"):
        settings.HTTPTransport  # noqa: B018
    assert settings.Client(http2=True, follow_redirects=True).proxies == {}


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((5,), {}),
    ((None,), {}),
    (((1, 2, 3, 4),), {}),
    (((1, 2),), {}),
    ((1,), {"connect": 2}),
    ((5.0,), {"read": None}),
    ((), {"connect": 1, "read": 2, "write": 3, "pool": 4}),
    ((httpx.Timeout(3),), {}),
    ((), {}),
    ((), {"connect": 1}),
]


@pytest.mark.parametrize(("args", "named"), ARGUMENTS)
def test_a_timeout_is_made_as_httpx_makes_it(args: Any, named: Any) -> None:
    """The same values and text, or a refusal where httpx refuses."""
    try:
        theirs = httpx.Timeout(*args, **named)
    except ValueError:
        with pytest.raises(ValueError, match="each of them"):
            settings.Timeout(*args, **named)
        return
    ours = settings.Timeout(*args, **named)
    assert ours.as_dict() == theirs.as_dict()
    assert repr(ours) == repr(theirs)
    assert ours == settings.Timeout(theirs)
    assert hash(ours) == hash(settings.Timeout(theirs))
    assert Timeout.of(ours) == Timeout.of(theirs)


def test_the_usual_client_is_settings_or_a_real_one() -> None:
    """A transport needs the real one; its limits and time-outs are the usual."""
    assert isinstance(DefaultHttpxClient(proxy="http://a"), settings.Client)
    real = DefaultHttpxClient(transport=httpx.HTTPTransport())
    assert isinstance(real, httpx.Client)
    assert real.timeout == httpx.Timeout(600.0, connect=5.0)
    with pytest.raises(TypeError, match="nonsense"):
        DefaultHttpxClient(nonsense=1)


# -- certificates ------------------------------------------------------------------


class SecureServer(ScriptedServer):
    """Behind TLS; ``asks``: it wants a certificate of whoever asks it."""

    def __init__(self, *script: Step, asks: bool) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(GOOD)
        if asks:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(AUTHORITY)
        super().__init__(*script)

    def _serve(self, conn: socket.socket) -> None:
        with contextlib.suppress(OSError):
            super()._serve(self._context.wrap_socket(conn, server_side=True))


@contextlib.contextmanager
def _secure(*, asks: bool = False, **options: Any) -> Iterator[Anthropic]:
    server = SecureServer(ANSWER, asks=asks)
    try:
        with Anthropic(
            api_key=KEY,
            base_url=f"https://127.0.0.1:{server.port}",
            http_client=settings.Client(**options),
            max_retries=0,
        ) as client:
            yield client
    finally:
        server.close()


def _lax() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize(
    "form",
    [
        lambda: AUTHORITY,
        lambda: Path(AUTHORITY),
        lambda: ssl.create_default_context(cafile=AUTHORITY),
        pytest.param(_lax, marks=UNSAFE),
        pytest.param(lambda: False, marks=UNSAFE),
    ],
)
def test_certificates_are_checked_as_the_settings_say(form: Any) -> None:
    """By a bundle, by a context, or not at all."""
    with _secure(verify=form()) as client:
        assert client.messages.count_tokens(**COUNT).input_tokens == 7


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """Where the settings say nothing of it."""
    with _secure() as client:
        with pytest.raises(errors.APIConnectionError, match="certificate"):
            client.messages.count_tokens(**COUNT)


@pytest.mark.parametrize(
    "cert", [GOOD, (GOOD, GOOD), (GOOD, GOOD, "unused")], ids=["one", "pair", "secret"]
)
@pytest.mark.parametrize("own", [False, True], ids=["bundle", "context"])
def test_a_client_shows_its_certificate(cert: Any, own: bool) -> None:
    """In one file, beside its key, or with the key's password."""
    verify = ssl.create_default_context(cafile=AUTHORITY) if own else AUTHORITY
    with _secure(verify=verify, cert=cert, asks=True) as client:
        assert client.messages.count_tokens(**COUNT).input_tokens == 7


def test_a_server_that_wants_a_certificate_gets_none_by_itself() -> None:
    """It hangs up, which is a connection error."""
    with _secure(verify=AUTHORITY, asks=True) as client:
        with pytest.raises(errors.APIConnectionError):
            client.messages.count_tokens(**COUNT)


# -- what an error leads to --------------------------------------------------------


def _whole(error: BaseException) -> str:
    """What a report of ``error`` may show: its text, its causes, their values."""
    parts: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None:
            continue
        parts += [repr(current), repr(vars(current)), repr(current.args)]
        parts.append(repr(getattr(current, "request", None)))
        trace = current.__traceback__
        while trace is not None:
            if "/tests/" not in trace.tb_frame.f_code.co_filename:
                parts += [_shown(value) for value in trace.tb_frame.f_locals.values()]
            trace = trace.tb_next
        waiting += [current.__cause__, current.__context__]
    return "\n".join(parts)


def _shown(value: Any) -> str:
    headers = getattr(value, "headers", None)
    return f"{value!r} {dict(headers) if hasattr(headers, 'keys') else ''}"
