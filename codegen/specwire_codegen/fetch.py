"""One GET with strict limits: what ``--allow-url`` may do on the network, and no more.

A host is resolved once and the address that was judged is the one connected to, so a
name that changes its mind (DNS rebinding) gains nothing. No proxy, no cookie, no
credential and no ``.netrc`` has a part in it. Redirects are counted and judged like the
first address; the whole, with all of them, has one deadline.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

from attrs import frozen

from . import __version__
from .url import BadUrl, NotFetched, Url, join

SIZE = 64 * 1024 * 1024
SECONDS = 30.0
REDIRECTS = 5
_HEADERS = {
    "User-Agent": f"specwire-codegen/{__version__}",
    "Accept": "application/json, application/yaml, text/yaml, */*;q=0.5",
    # Anything else would need a limit of its own for what is unpacked.
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_MOVED = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class _Private(Exception):
    """The host has only addresses that may not be asked."""


@frozen
class Fetched:
    """A whole reply, and whether a private address gave it."""

    raw: bytes
    private: bool


@frozen
class _Reply:
    raw: bytes
    location: str | None
    private: bool


MayBePrivate = Callable[[Url], bool]


def fetch(
    url: Url, *, may_be_private: MayBePrivate, seconds: float = SECONDS
) -> Fetched:
    """What stands at ``url``; raises :class:`NotFetched`.

    ``may_be_private`` is asked for each address on the way that leads to a machine that
    the public network does not reach. After a public one it is not asked any more.
    """
    deadline = time.monotonic() + seconds
    was_public = False
    for _ in range(REDIRECTS + 1):
        allowed = not was_public and may_be_private(url)
        try:
            reply = _get(url, deadline, private=allowed)
        except _Private as error:
            hint = f"--allow-private {url.host} asks it all the same"
            if was_public:
                hint = "and a public one redirects to it"
            raise NotFetched(f"{error}; {hint}", unreachable=True) from error
        if reply.location is None:
            return Fetched(reply.raw, reply.private)
        was_public = was_public or not reply.private
        url = redirected(url, reply.location)
    raise NotFetched(f"it is redirected more than {REDIRECTS} times")


def redirected(url: Url, location: str) -> Url:
    """Where a redirect leads; raises :class:`NotFetched` where nobody follows."""
    try:
        target = join(url, location)
    except BadUrl as error:
        raise NotFetched(f"it is redirected, and {error}") from error
    if url.scheme == "https" and target.scheme == "http":
        raise NotFetched("it is redirected from https to http")
    return target


def is_private(address: str) -> bool:
    """Whether the public network does not reach an address.

    Loopback, link-local, private, reserved and multicast ones, and those written into
    an IPv6 address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64 or int(ip) < 2**32:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_private(str(inner))
        if ip.is_site_local or ip in _NAT64_LOCAL:
            return True
    return not ip.is_global or ip.is_multicast or ip.is_reserved


def _get(url: Url, deadline: float, *, private: bool) -> _Reply:
    try:
        with _watched(_connected(url, deadline, private=private), deadline) as sock:
            address = sock.getpeername()[0]
            return _asked(url, sock, is_private(address))
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        if time.monotonic() >= deadline:
            raise NotFetched("it takes too long", unreachable=True) from error
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotFetched(f"no answer: {said}", unreachable=True) from error


def _connected(url: Url, deadline: float, *, private: bool) -> socket.socket:
    """A connection to an address of the host that may be asked."""
    found = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    allowed = [one for one in found if private or not is_private(str(one[4][0]))]
    if not allowed:
        raise _Private(f"{url.host} is a private address ({found[0][4][0]})")
    for number, (family, kind, protocol, _, address) in enumerate(allowed, 1):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.01, deadline - time.monotonic()))
            sock.connect(address)
        except OSError:
            sock.close()
            if number == len(allowed):
                raise
        else:
            return _secured(sock, url.host) if url.scheme == "https" else sock
    raise AssertionError("unreachable")


def _secured(sock: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


@contextlib.contextmanager
def _watched(sock: socket.socket, deadline: float) -> Iterator[socket.socket]:
    """A socket that is shut down at the deadline, however slowly bytes drip in."""

    def end() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.01, deadline - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield sock
        if time.monotonic() >= deadline:
            raise TimeoutError("late")
    finally:
        timer.cancel()
        sock.close()


def _asked(url: Url, sock: socket.socket, private: bool) -> _Reply:
    connection = http.client.HTTPConnection(url.host, url.port)
    connection.sock = sock
    host = url.text.split("/")[2]
    connection.putrequest("GET", url.target, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": host, **_HEADERS}.items():
        connection.putheader(name, value)
    connection.endheaders()
    with connection.getresponse() as response:
        if response.status in _MOVED:
            return _Reply(b"", response.getheader("Location") or "", private)
        if response.status != 200:
            raise NotFetched(f"the server answers {response.status}")
        packed = response.getheader("Content-Encoding", "identity").strip().lower()
        if packed not in ("", "identity"):
            raise NotFetched("the reply is packed, which was not asked for")
        return _Reply(_body(response), None, private)


def _body(response: http.client.HTTPResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read(65536):
        chunks.append(chunk)
        size += len(chunk)
        if size > SIZE:
            raise NotFetched(f"it is larger than {SIZE // 1024 // 1024} MB")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(chunks)
