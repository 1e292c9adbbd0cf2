"""The transport: connections, redirects, proxies, certificates, framing."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import ItemsView
from pathlib import Path
from typing import Any

import pytest

from specwire.core.session import POOL_SIZE
from specwire.errors import (
    APIConnectionError,
    APIStatusError,
    DecodeError,
    SpecwireError,
)
from specwire.testing import FakeClock
from tests.core.conftest import Play, hang_up
from tests.core.sample import KEY, NOTE, client
from tests.scripted import Received, reply, serving

DATA = Path(__file__).parent / "data"
OK = reply(200, {"ok": True})


def moved(location: str, status: int = 307) -> bytes:
    return reply(status, b"", {"Location": location})


class Changing(dict[str, str]):
    """An environment of which another thread takes a variable while it is read."""

    changes = 3

    def items(self) -> ItemsView[str, str]:
        if self.changes:
            self.changes -= 1
            raise KeyError("GONE")
        return super().items()


# -- connections -------------------------------------------------------------------


def test_a_connection_is_used_again(play: Play) -> None:
    """Three calls, one connection, without Nagle and with keep-alive."""
    made, server = play(*[OK] * 3)
    for _ in range(3):
        made.notes.public()
    assert server.connections == 1
    adapter = made._engine._session._session.get_adapter("http://h")
    options = adapter.poolmanager.connection_pool_kw["socket_options"]
    assert (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in options
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options


def test_the_pool_holds_a_burst_of_threads(play: Play) -> None:
    """Two bursts of 32 calls need 32 connections, not 64."""
    assert POOL_SIZE >= 100
    together = threading.Barrier(32)

    def answer(conn: socket.socket, request: Received) -> None:
        while True:
            together.wait(5)
            conn.sendall(OK)
            data = b""
            while not data.endswith(b"\r\n\r\n"):
                piece = conn.recv(65536)
                if not piece:
                    return
                data += piece

    made, server = play(*[answer] * 64)
    for _ in range(2):
        threads = [threading.Thread(target=made.notes.public) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert server.connections == 32


def test_a_connection_that_went_stale_is_replaced(play: Play) -> None:
    """The server closed it between two calls: nobody notices."""
    made, server = play(hang_up(OK), OK, max_retries=0)
    made.notes.public()
    pool = made._engine._session._session.get_adapter("http://h").poolmanager
    (conn,) = (c for c in pool.pools[next(iter(pool.pools.keys()))].pool.queue if c)
    assert conn.sock.recv(1, socket.MSG_PEEK) == b""  # the close has arrived
    assert made.notes.public() == {"ok": True}
    assert server.connections == 2


def test_an_unasked_second_answer_is_never_the_next_calls(play: Play) -> None:
    """What comes after a reply belongs to nobody."""
    poison = reply(200, {"poison": True})
    made, _ = play(OK + poison, reply(200, {"second": True}), OK)
    assert made.notes.public() == {"ok": True}
    assert made.notes.public() == {"second": True}
    assert made.notes.public() == {"ok": True}


def test_a_later_second_answer_is_never_the_next_calls(play: Play) -> None:
    """Also when it comes after the first reply was read."""
    go, sent = threading.Event(), threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(OK)
        go.wait(5)
        conn.sendall(reply(200, {"poison": True}))
        sent.set()
        conn.recv(1)

    made, _ = play(step, reply(200, {"second": True}))
    made.notes.public()
    go.set()
    sent.wait(5)
    assert made.notes.public() == {"second": True}


def test_no_cookie_is_kept(play: Play) -> None:
    """What a service sets is not sent back."""
    headers = {"Set-Cookie": "session=1; Path=/"}
    made, server = play(reply(200, {}, headers), OK)
    made.notes.public()
    made.notes.public()
    assert "cookie" not in server.received[1].headers


def test_the_key_is_never_a_header_of_the_session(play: Play) -> None:
    """It is put on each attempt and kept nowhere."""
    made, _ = play(OK)
    made.notes.run("n1")
    session = made._engine._session._session
    assert KEY not in repr(dict(session.headers))
    assert session.auth is None


# -- framing -----------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LEGAL = {
    "http/1.0": b"HTTP/1.0 200 OK\r\n\r\n{}",
    "line feeds only": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "100 first": b"HTTP/1.1 100 Continue\r\n\r\n" + reply(200, {}),
    "103 first": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply(200, {}),
    "two interim": b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n" + reply(200, {}),
    "close-delimited": HEAD + b"\r\n{}",
    "chunk extension": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nT: 1\r\n\r\n",
    "upper case": b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\n\r\n{}",
    "same length twice": HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("name", LEGAL)
def test_odd_but_legal_http_works(play: Play, name: str) -> None:
    """What RFC 9112 allows is read."""
    made, _ = play(hang_up(LEGAL[name]), max_retries=0)
    assert made.notes.public() == {}


BROKEN = {
    "no status": b"nonsense\r\n\r\n",
    "bad status": b"HTTP/1.1 abc OK\r\n\r\n",
    "cut length": HEAD + b"Content-Length: 10\r\n\r\n{}",
    "cut chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "bad chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n",
    "negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n",
    "endless chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 99_999,
    "many headers": HEAD + b"X: 1\r\n" * 1_000 + b"\r\n",
    "long header": HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_framing_is_a_connection_error(play: Play, name: str) -> None:
    """Whatever breaks, one family of errors comes out and it may be tried again."""
    made, _ = play(hang_up(BROKEN[name]), max_retries=0)
    with pytest.raises(APIConnectionError) as caught:
        made.notes.public()
    assert type(caught.value) is APIConnectionError
    assert caught.value.retryable
    assert caught.value.attempts == 1


# -- redirects ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_is_followed_within_the_origin(play: Play, status: int) -> None:
    """With its key, by the same method."""
    made, server = play(moved("/elsewhere?a=b@c", status), reply(200, {"data": []}))
    made.notes.list()
    second = server.received[1]
    assert (second.method, second.target) == ("GET", "/elsewhere?a=b@c")
    assert second.headers["x-api-key"] == KEY


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_is_followed_whole(play: Play, status: int) -> None:
    """Method and body stay, also of an upload."""
    made, server = play(moved("/v2/files", status), OK)
    made.notes.upload(b"content")
    first, second = server.received
    assert (second.method, second.target) == ("POST", "/v2/files")
    assert first.body == second.body


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_never_becomes_a_get(play: Play, status: int) -> None:
    """These would change the method: they are errors, and only one request is made."""
    made, server = play(moved("/other", status), OK)
    with pytest.raises(APIStatusError, match="which was not followed") as caught:
        made.notes.run("n1")
    assert caught.value.status_code == status
    assert [request.method for request in server.received] == ["POST"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_another_origin_is_never_asked(play: Play, status: int) -> None:
    """Another port is another origin; neither request nor key goes there."""
    with serving(OK) as other:
        for target in (other.url, other.url.replace("http:", ""), other.url + "/v1"):
            made, _ = play(moved(f"{target}/x", status), max_retries=0)
            with pytest.raises(APIStatusError, match=f":{other.port}, which was not"):
                made.notes.list()
        assert other.received == []


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/x",
        "http://localhost/x",
        "http://u:p@127.0.0.1/x",
        "//user@127.0.0.1:1/x",
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "http://[::1",
        "http://127.0.0.1:notaport/",
        "",
    ],
)
def test_a_strange_target_is_not_followed(play: Play, location: str) -> None:
    """It is an error status, nothing else."""
    made, server = play(moved(location), max_retries=0)
    with pytest.raises(APIStatusError):
        made.notes.list()
    assert len(server.received) == 1


def test_a_redirect_with_user_information_on_the_origin_is_not_followed(
    play: Play,
) -> None:
    """requests would take it for the credential."""
    made, server = play(max_retries=0)
    server.script.append(moved(f"http://u:p@127.0.0.1:{server.port}/x"))
    with pytest.raises(APIStatusError):
        made.notes.list()
    assert len(server.received) == 1


def test_a_circle_of_redirects_ends(play: Play) -> None:
    """After five hops, with an error that is not tried again."""
    made, server = play(*[moved("/round")] * 20)
    with pytest.raises(APIConnectionError, match="more than 5 redirects") as caught:
        made.notes.list()
    assert not caught.value.retryable
    assert len(server.received) == 5


def test_the_body_of_a_redirect_is_not_read(play: Play) -> None:
    """However much it announces."""
    endless = (
        b"HTTP/1.1 307 T\r\nLocation: /next\r\nContent-Length: 999999999\r\n\r\nxxx"
    )
    made, server = play(endless, reply(200, {"data": []}))
    made.notes.list()
    assert server.connections == 2


# -- the environment ---------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy gets the whole URL; no_proxy goes round it."""
    with serving(OK) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with client("http://127.0.0.2:9") as made:
            assert made.notes.public() == {"ok": True}
        assert proxy.received[0].target == "http://127.0.0.2:9/v1/public"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        made, server = play(OK)
        made.notes.public()
        assert len(server.received) == len(proxy.received) == 1


def test_an_environment_may_change_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is read again; the proxy that it names is used."""
    with serving(OK) as proxy:
        changing = Changing(os.environ, http_proxy=proxy.url)
        monkeypatch.setattr(os, "environ", changing)
        with client("http://127.0.0.2:9") as made:
            assert made.notes.public() == {"ok": True}
        assert (len(proxy.received), changing.changes) == (1, 0)


def test_a_credential_for_the_proxy_stays_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is sent as Proxy-Authorization, and shown in no error."""
    with serving(OK) as proxy:
        url = proxy.url.replace("http://", "http://user:proxypw@")
        monkeypatch.setenv("http_proxy", url)
        with client("http://127.0.0.2:9", max_retries=0) as made:
            made.notes.public()
            with pytest.raises(SpecwireError) as caught:
                made.notes.public()
        assert proxy.received[0].headers["proxy-authorization"].startswith("Basic ")
    assert "proxypw" not in str(caught.value)


def test_tls_goes_through_a_proxy_by_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECT first; the proxy never sees the key."""
    refusal = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
    with serving(refusal) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with client("https://127.0.0.2:9", max_retries=0) as made:
            with pytest.raises(APIConnectionError):
                made.notes.run("n1")
        (request,) = proxy.received
    assert (request.method, request.target) == ("CONNECT", "127.0.0.2:9")
    assert KEY.encode() not in request.head


def test_netrc_is_not_read(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine's entry never adds to or replaces the key."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    made, server = play(OK, OK, api_keys={"notes.bearer": "tok"})
    made.notes.public()
    made.notes.run("n1")
    assert "authorization" not in server.received[0].headers
    assert server.received[1].headers["authorization"] == "Bearer tok"


# -- TLS ---------------------------------------------------------------------------


def tls(step: bytes) -> Any:
    """A step's worth of TLS: handshake, one request, one reply."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "localhost.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    handshakes: list[str] = []

    def run() -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(conn, server_side=True) as wrapped:
                    handshakes.append("done")
                    data = b""
                    while b"\r\n\r\n" not in data:
                        data += wrapped.recv(65536) or b"\r\n\r\n"
                    wrapped.sendall(step)
            except OSError:
                handshakes.append("failed")
                conn.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener, handshakes, thread


def test_a_certificate_nobody_vouches_for_is_refused_once(clock: FakeClock) -> None:
    """Asking again would not make it better."""
    listener, handshakes, thread = tls(OK)
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with client(url, _clock=clock) as made:
        with pytest.raises(APIConnectionError, match="certificate was refused") as e:
            made.notes.run("n1")
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    assert not e.value.retryable
    assert not e.value.started
    assert clock.slept == []
    assert handshakes == ["failed"]


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_trusted(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A company's own authority works as with requests."""
    monkeypatch.setenv(variable, str(DATA / "localhost.pem"))
    listener, handshakes, thread = tls(OK)
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with client(url) as made:
        assert made.notes.public() == {"ok": True}
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    assert handshakes == ["done"]


def test_a_bundle_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a mistake of the set-up: said at once, with the path."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with client("https://127.0.0.1:9") as made:
        with pytest.raises(APIConnectionError, match=r"/nowhere/ca\.pem") as caught:
            made.notes.public()
    assert not caught.value.retryable


def test_plain_http_where_tls_is_expected_is_an_error_of_ours() -> None:
    """The server's first bytes are no handshake."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(OK)
            conn.recv(65536)

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    made = client(f"https://127.0.0.1:{listener.getsockname()[1]}", max_retries=0)
    with listener, made, pytest.raises(APIConnectionError, match="no secure connec"):
        made.notes.public()
    thread.join(5)


def test_the_standard_library_still_reads_heads_as_we_build_on(play: Play) -> None:
    """Interim replies and cut heads are handled on these two methods."""
    assert {"begin", "_read_status"} <= set(vars(http.client.HTTPResponse))


def test_a_wrong_length_for_the_body_never_mixes_replies(play: Play) -> None:
    """More than was announced is not the next reply."""
    long = HEAD + b"Content-Length: 2\r\n\r\n{}" + b'{"more": 1}' * 10
    made, _ = play(long, reply(200, NOTE))
    made.notes.public()
    assert made.notes.create().id == "n1"


def test_a_reply_to_nothing_but_a_long_head_is_bounded(play: Play) -> None:
    """Sixty-four thousand bytes in a line are enough."""
    made, _ = play(hang_up(b"HTTP/1.1 200 " + b"x" * 500_000), max_retries=0)
    with pytest.raises((APIConnectionError, DecodeError)):
        made.notes.public()
