"""What the adapter keeps between calls, and what it must not keep."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import urllib3

from specwire.core import session
from specwire.core.lease import Lease
from tests.core.conftest import Play
from tests.core.counting import entered
from tests.core.sample import NOTE
from tests.scripted import reply

OK = reply(body=json.dumps(NOTE).encode())


def adapter_of(made: Any) -> session._Adapter:
    """The adapter that a client sends through, once it has sent something."""
    adapter = made._engine._connect()._session.get_adapter("https://x")
    assert isinstance(adapter, session._Adapter)
    return adapter


def request(url: str) -> requests.PreparedRequest:
    """As much of a request as an adapter asks for."""
    prepared = requests.PreparedRequest()
    prepared.url = url
    return prepared


def test_one_pool_serves_all_calls_to_an_origin(play: Play) -> None:
    """It is looked up once, and the connection in it is used again."""
    made, server = play(OK, OK, OK)
    for _ in range(3):
        made.notes.create()
    assert len(adapter_of(made)._pools) == 1
    assert server.connections == 1


def test_certificates_are_read_once(play: Play) -> None:
    """Reading them costs more than the rest of a new connection."""
    made, _ = play()
    adapter = adapter_of(made)
    one = adapter.get_connection_with_tls_context(request("https://a.test/x"), True)
    two = adapter.get_connection_with_tls_context(request("https://b.test/y"), True)
    assert one is not two
    assert one.conn_kw["ssl_context"] is two.conn_kw["ssl_context"]
    assert one.conn_kw["ssl_context"].verify_mode == ssl.CERT_REQUIRED
    assert one.conn_kw["ssl_context"].check_hostname
    assert one.ca_certs is None


def test_other_settings_have_other_pools(play: Play) -> None:
    """What was opened without a check never serves a call that wants one."""
    made, _ = play()
    adapter = adapter_of(made)
    url = request("https://a.test/x")
    checked = adapter.get_connection_with_tls_context(url, True)
    unchecked = adapter.get_connection_with_tls_context(url, False)
    adapter.cert_verify(unchecked, url.url, False, None)
    adapter.cert_verify(checked, url.url, True, None)
    assert checked is not unchecked
    assert "ssl_context" not in unchecked.conn_kw
    assert unchecked.cert_reqs == "CERT_NONE"
    assert adapter.get_connection_with_tls_context(url, True) is checked


def test_a_bundle_that_is_not_there_is_named(play: Play) -> None:
    """As requests says it, and before anything is sent."""
    made, _ = play()
    with pytest.raises(OSError, match=r"no bundle of certificates at /nowhere\.pem"):
        adapter_of(made).get_connection_with_tls_context(
            request("https://a.test/"), "/nowhere.pem"
        )


def test_a_pool_that_was_closed_is_replaced(play: Play) -> None:
    """Closing requests' session leaves it usable, and so does closing ours."""
    made, server = play(OK, OK)
    made.notes.create()
    adapter_of(made).close()
    made.notes.create()
    assert server.connections == 2


def test_a_class_that_somebody_put_into_the_pools_is_used(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorders replace the connections of urllib3's pools."""

    class Theirs(urllib3.connection.HTTPConnection):
        asked = 0

        def request(self, *args: Any, **kwargs: Any) -> None:
            type(self).asked += 1
            super().request(*args, **kwargs)

    monkeypatch.setattr(urllib3.HTTPConnectionPool, "ConnectionCls", Theirs)
    made, _ = play(OK)
    assert made.notes.create().id == "n1"
    assert Theirs.asked == 1


class Wire:
    """A socket that keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.writes.append(bytes(data))

    def settimeout(self, seconds: float | None) -> None:
        pass


@pytest.fixture
def wire() -> Iterator[tuple[session._HTTP, Wire]]:
    """A connection to nowhere, in a thread whose call uses it."""
    connection, written = session._HTTP("a.test"), Wire()
    connection.sock = written
    now = session._current
    now.lease, now.url, now.hidden = Lease(None, write_s=None), "", ""
    yield connection, written
    now.lease = None


def sent(connection: session._HTTP, body: Any, **headers: str) -> None:
    """What urllib3 asks of a connection for one request."""
    connection.request("POST", "/x", body=body, headers={"Accept": "*/*", **headers})


@pytest.mark.parametrize("size", [1, session.CHUNK])
def test_a_head_and_a_short_body_are_one_write(
    wire: tuple[session._HTTP, Wire], size: int
) -> None:
    """One segment, one TLS record, one wait for other threads."""
    connection, written = wire
    sent(connection, b"b" * size)
    (message,) = written.writes
    assert message.endswith(b"\r\n\r\n" + b"b" * size)


@pytest.mark.parametrize("body", [None, b"", b"b" * (session.CHUNK + 1), [b"b"]])
def test_other_bodies_are_written_after_their_head(
    wire: tuple[session._HTTP, Wire], body: Any
) -> None:
    """A head never waits for what is long, late or not there."""
    connection, written = wire
    sent(connection, body)
    assert written.writes[0].endswith(b"\r\n\r\n")
    assert b"b" not in written.writes[0].partition(b"\r\n\r\n")[2]


def test_usual_fields_are_written_as_urllib3_writes_them(
    wire: tuple[session._HTTP, Wire],
) -> None:
    """Values of Latin-1 as they are; what urllib3 is told to leave out is left out."""
    connection, written = wire
    skipped = urllib3.util.SKIP_HEADER
    sent(connection, b"b", **{"X-A": "caf\xe9 \t1", "User-Agent": skipped})
    assert b"\r\nX-A: caf\xe9 \t1\r\n" in written.writes[0]
    assert b"user-agent" not in written.writes[0].lower()


@pytest.mark.parametrize("value", ["a\r\nX-B: c", "a\nb", "\u20ac"])
def test_an_odd_field_is_refused_and_nothing_is_written(
    wire: tuple[session._HTTP, Wire], value: str
) -> None:
    """The standard library's own check is behind the quick one."""
    connection, written = wire
    with pytest.raises(ValueError):
        sent(connection, b"b", **{"X-A": value})
    assert written.writes == []


def test_a_small_call_enters_few_functions(play: Play) -> None:
    """Less than half of what requests enters; time would depend on the machine."""
    made, server = play(*[OK] * 6)
    body = {"model": "m"}
    with requests.Session() as plain:

        def theirs() -> None:
            plain.post(f"{server.url}/v1/notes", json=body, timeout=5).json()

        for call in (made.notes.create, theirs):
            call()
            call()
        ours, raw = entered(made.notes.create), entered(theirs)
    assert ours < 0.45 * raw, (ours, raw)
