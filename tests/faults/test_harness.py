"""The fault table's own machinery: a client that is wrong is found to be wrong."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from .case import Case, Expect, Outcome, Setup
from .client import Library, unknown
from .dialects import Messages
from .run import hung, judge, listening, lost, run
from .script import Close, Drip, Hold, Pause, Reset, Script, play
from .script import http as reply
from .server import FaultServer, Seen

pytestmark = pytest.mark.timed

GOOD = reply(200, b"hello", kind="text/plain")


class Careless(Library):
    """Does all that it should not: follows, repeats, shows the key, swallows errors."""

    name = "careless"
    package = "careless"
    can = frozenset({"call"})
    dialect = Messages()
    exact = True

    def make(self, setup: Setup) -> Setup:
        return setup

    def close(self, client: Setup) -> None:
        """Nothing is kept."""

    def slept(self, client: Setup) -> list[float]:
        return [100.0] if client.retries == 99 else []

    def kind(self, error: BaseException) -> str:
        return "connection" if isinstance(error, OSError) else unknown(error)

    def call(self, client: Setup) -> str:
        place: str | None = client.base_url
        for _ in range(client.retries + 1):
            assert place is not None
            host = urlsplit(place).netloc
            connection = http.client.HTTPConnection(host, timeout=client.read)
            with contextlib.closing(connection):
                key = {"x-api-key": client.key}
                connection.request("POST", "/v1/messages", b"{}", key)
                answer = connection.getresponse()
                place = answer.headers.get("Location") or place
                body = answer.read()
            if answer.status == 401:
                raise RuntimeError(f"{client.key} is wrong")
            if answer.status < 300:
                break
        return body.decode()


@pytest.fixture(autouse=True, scope="module")
def _listening() -> Iterator[None]:
    with listening():
        yield


def tried(script: Script, expect: Expect = Expect(), **more: Any) -> list[str]:  # noqa: B008
    """What is found to be wrong with the careless client."""
    case = Case("harness", "a case", script, expect, **more)
    return judge(case, run(case, Careless()), Careless())


def test_what_is_right_is_found_right() -> None:
    """A good answer to one request."""
    assert tried(play(GOOD), Expect(requests=(1, 1), attempts=1)) == []


@pytest.mark.parametrize(
    ("script", "expect", "found"),
    [
        (play(GOOD), Expect(("connection",)), "expected connection, got ok"),
        (play(reply(200, "bye")), Expect(), "expected 'hello', got 'bye'"),
        (play(Close()), Expect(), "expected ok, got connection"),
        (play(reply(401)), Expect(("connection",)), "the key stands in"),
        (play(reply(401)), Expect(("connection",)), "got untyped builtins.Runtime"),
        (play(reply(503)), Expect(value=""), "3 requests arrived, expected"),
        (play([Pause(0.3), GOOD]), Expect(seconds=0.1), "may take 0.1"),
        (play(GOOD), Expect(attempts=2), "1 requests arrived, expected 2"),
        (play(GOOD), Expect(items=("a",)), "expected items"),
        (play(GOOD), Expect(slept=((1, 2),)), "waited [], expected"),
        (play(GOOD), Expect(checks=("no_get", "same_idempotency_key")), "keys of"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_found(script: Script, expect: Expect, found: str) -> None:
    """Each rule of the judge can fail."""
    if expect.value == "":
        expect = replace(expect, requests=(1, 2))
    assert any(found in problem for problem in tried(script, expect))


def test_a_key_that_is_taken_elsewhere_is_found() -> None:
    """The second server sees it, and the case says so."""
    away = play(reply(307, b"", {"Location": "@OTHER@/v1/messages"}))
    problems = tried(away, Expect(checks=("nothing_elsewhere",)), other=play(GOOD))
    assert "the key went to another origin" in problems
    assert "1 requests went to another origin" in problems


def test_a_case_that_hangs_is_given_up() -> None:
    """It is judged by what was there by then."""
    case = Case("harness", "a hang", play(Hold()), Expect(seconds=-3.5))
    outcome = run(case, Careless())
    assert outcome.kind == "hang" or outcome.seconds > 0.4
    assert hung(case, Outcome(kind="hang"))
    assert hung(case, Outcome(kind="ok", slept=[1e9]))


def test_a_silent_loss_is_told_from_an_error() -> None:
    """Only what looks well is lost silently."""
    broken = Case("harness", "x", Script(), Expect(("connection",)))
    assert lost(broken, Outcome(kind="ok"))
    assert not lost(broken, Outcome(kind="timeout"))
    part = Case("harness", "x", Script(), Expect(value="ab"))
    assert lost(part, Outcome(kind="ok", value="a"))
    assert not lost(part, Outcome(kind="ok", value="ab"))


# -- the server --------------------------------------------------------------------


def talk(server: FaultServer, *requests: bytes) -> bytes:
    """What comes back for the bytes of some requests, until the end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        got = b""
        for request in requests:
            sock.sendall(request)
        with contextlib.suppress(OSError):  # it may have been reset already
            sock.shutdown(socket.SHUT_WR)
        try:
            while data := sock.recv(65536):
                got += data
        except ConnectionResetError:
            got += b"RESET"
        return got


def asked(path: str = "/", body: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (
        path.encode(),
        len(body),
        body,
    )


def test_replies_come_in_order_and_the_last_one_repeats() -> None:
    """Every byte is the script's."""
    with FaultServer(play(b"one", [b"two", Drip(b"three", size=2)])) as server:
        assert talk(server, asked(), asked(), asked()) == b"onetwothreetwothree"


def test_a_path_may_have_replies_of_its_own() -> None:
    """The longest one that fits counts."""
    paths = {"/a": play(b"a").replies, "/a/b": play(b"b").replies}
    with FaultServer(Script(play(b"other").replies, paths=paths)) as server:
        assert talk(server, asked("/a"), asked("/a/b/c"), asked("/c")) == b"abother"


def test_every_request_is_logged_with_its_time_and_bytes() -> None:
    """Also the ones whose body did not come."""
    with FaultServer(play(b"x")) as server:
        talk(server, asked("/a?b=1", b"body"), asked("/c", b"more")[:-1])
        server.wait_requests(2)
        first, second = server.log
    assert isinstance(first, Seen)
    assert (first.method, first.target, first.path) == ("POST", "/a?b=1", "/a")
    assert (first.body, first.whole, second.whole) == (b"body", True, False)
    assert first.headers == {"content-length": "4"}
    assert first.at <= second.at


def test_a_reset_is_a_reset() -> None:
    """And a close is not."""
    with FaultServer(play(Reset())) as server:
        assert talk(server, asked()) == b"RESET"
    with FaultServer(play(Close())) as server:
        assert talk(server, asked()) == b""


def test_marks_are_filled_in_and_lengths_follow() -> None:
    """A body that names the server is as long as it says."""
    with FaultServer(play(reply(200, "@SELF@ @LAST@"))) as server:
        got = talk(server, asked("/a/thing"))
    text = f"http://127.0.0.1:{server.port} thing".encode()
    assert got.endswith(b"\r\n\r\n" + text)
    assert b"Content-Length: %d\r\n" % len(text) in got


def test_closing_the_server_ends_what_waits() -> None:
    """No thread of it outlives a case."""
    server = FaultServer(Script(greet=((Hold(),),)))
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        server.wait_idle(9, 0)
        server._until(lambda: server.connections == 1, 5)
        server.close()
        assert sock.recv(1) == b""
