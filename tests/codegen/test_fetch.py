"""One GET with strict limits: redirects, size, time, and which addresses are asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from specwire_codegen import fetch as fetching
from specwire_codegen.fetch import fetch, is_private, redirected
from specwire_codegen.url import BadUrl, NotFetched, join, read_url

from .serving import serving


def get(url: str, *, seconds: float = 5.0) -> bytes:
    found = fetch(read_url(url), may_be_private=lambda url: True, seconds=seconds)
    return found.raw


@contextmanager
def saying(raw: bytes, *, hang: bool = False) -> Iterator[str]:
    """A server that answers one connection with these bytes."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(raw)
                if hang:
                    done.wait(10)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        finally:
            done.set()
            thread.join()


def test_redirects_are_followed_and_counted() -> None:
    """A few are fine, a circle is not."""
    with serving({"/a": 301, "/b": 307, "/c": b"x", "/loop": 302}) as pages:
        pages.moved = {"/a": "b", "/b": f"{pages.url}/c", "/loop": "/loop"}
        assert get(f"{pages.url}/a") == b"x"
        with pytest.raises(NotFetched, match="more than 5 times"):
            get(f"{pages.url}/loop")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://h/", "from https to http"),
        ("ftp://h/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("https://a:b@h/", "user name"),
        ("//h:0/", "no host"),
    ],
)
def test_redirects_that_nobody_follows(target: str, said: str) -> None:
    """Never to another scheme, never to less safety, never with credentials."""
    with pytest.raises(NotFetched, match=said):
        redirected(read_url("https://example.com/x"), target)


def test_the_address_connected_to_is_the_one_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name is resolved once, so it cannot change its mind in between."""
    asked = []

    def resolve(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        address = ("127.0.0.1", port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    with serving({"/x": b"x"}) as pages:
        port = pages.url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        url = read_url(f"http://example.com:{port}/x")
        with pytest.raises(NotFetched, match=r"private address \(127\.0"):
            fetch(url, may_be_private=lambda url: False)
        assert pages.asked == []
        assert fetch(url, may_be_private=lambda url: True).private
    assert asked == ["example.com", "example.com"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::80ff:fffe"),
    ],
)
def test_private_addresses(address: str) -> None:
    """Loopback, private, link-local, reserved, and those inside IPv6 addresses."""
    assert is_private(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"]
)
def test_public_addresses(address: str) -> None:
    """What anybody can reach may be asked."""
    assert not is_private(address)


def test_a_reply_that_is_too_large_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on what arrives, whatever the headers say."""
    monkeypatch.setattr(fetching, "SIZE", 1000)
    with (
        serving({"/x": b"x" * 5000}) as pages,
        pytest.raises(NotFetched, match="large"),
    ):
        get(f"{pages.url}/x")
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 5000) as url:
        with pytest.raises(NotFetched, match="larger"):
            get(url)


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", b"HTTP/1.1 200 OK\r\nX-", b""],
)
def test_the_whole_has_a_deadline(raw: bytes) -> None:
    """A server that stops in the middle is left, wherever that is."""
    with saying(raw, hang=True) as url, pytest.raises(NotFetched, match="too long"):
        get(url, seconds=0.1)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"no http at all\r\n\r\n",
        b"",
    ],
)
def test_half_a_reply_is_none(raw: bytes) -> None:
    """What was cut off is never taken for the document."""
    with saying(raw) as url, pytest.raises(NotFetched, match="no answer"):
        get(url)


def test_packed_replies_are_refused() -> None:
    """What is unpacked has no limit, so nothing is."""
    with serving({"/x": b"x"}) as pages:
        pages.headers["/x"] = {"Content-Encoding": "gzip"}
        with pytest.raises(NotFetched, match="packed"):
            get(f"{pages.url}/x")


# -- addresses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTPS://Example.COM:443/a/../b", "https://example.com/b"),
        ("http://h", "http://h/"),
        ("http://h:8080/a//b/?q=1#frag", "http://h:8080/a/b/?q=1"),
        ("http://[::1]:80/x", "http://[::1]/x"),
    ],
)
def test_one_spelling_for_one_address(text: str, expected: str) -> None:
    """Case, default ports, dots and fragments do not make another document."""
    assert read_url(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ftp://h/",
            "file:///x",
            "http://",
            "http:///x",
            "http://a@h/",
            "http://h:x/",
        ),
        *("http://h:99999/", "http://h/\n", "http://h/\u00e9", "http://\u00e9/"),
        *("http://[::1/", "http://h%00/", "http://h\\x/", "https://" + "h" * 3000),
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Anything else is refused before anybody is asked."""
    with pytest.raises(BadUrl):
        read_url(text)


def test_references_are_joined_and_escaped() -> None:
    """As a browser would; what was escaped stays as it is."""
    base = read_url("https://h/v1/api.yaml?x=1")
    assert join(base, "a b/\u00e9.yaml#/x").text == "https://h/v1/a%20b/%C3%A9.yaml"
    assert join(base, "/c%20d.yaml").text == "https://h/c%20d.yaml"
    assert join(base, "#/x").text == base.text
