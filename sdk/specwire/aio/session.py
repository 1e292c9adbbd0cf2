"""The transport of async clients: requests and replies as in a thread, over aiohttp.

This is synchronous code, run through the bridge: where it has to wait, the task does.
What is sent and how replies are read is decided in the core.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import os
import re
import weakref
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict

from ..core.errors import SpecwireError
from ..core.failures import connection_error
from ..core.lease import (
    CHUNK,
    MAX_HOPS,
    Arriving,
    Head,
    Lease,
    final_head,
    framed,
    onward,
    prepare,
    too_many_hops,
    understood,
)
from ..core.wire import Headers, Request
from .bridge import bridged, required, wait
from .places import Net, Place, Ways

if TYPE_CHECKING:
    from ..core.auth import Credential
    from .line import Line

BROKEN: Final = (
    aiohttp.ClientError,
    asyncio.TimeoutError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
_REQUEST: Final = aiohttp.ClientSession._request
_TARGET: Final = re.compile(r"[!-~]+").fullmatch
_UNSAFE: Final = re.compile(r"[\r\n\0]").search
_of_parents: list[Any] = []
"""What a forked process has of its parent: never touched, so never collected."""


class Asked:
    """A request as it is sent, with its key; not kept."""

    method: str
    url: str
    headers: CIMultiDict[str]
    body: Any


class AsyncOpened(Arriving):
    """A reply over a connection of ours."""

    broken = BROKEN

    def __init__(
        self, head: Head, line: Line, place: Place, lease: Lease, where: str, url: str
    ) -> None:
        self._line: Line | None = line
        self._place = place
        headers = Headers(head.lower)
        pieces = _body(line, head)
        super().__init__(head.status, headers, pieces, lease, where, url)

    def _give_back(self) -> None:
        line, self._line = self._line, None
        if line is not None and line.reusable:
            self._place.keep(line)
        elif line is not None:
            line.leave()

    def _under_way(self) -> bool:
        return self._line is not None

    def leave(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    def __del__(self) -> None:
        # The event loop knows the connection: nobody would ever close it.
        if self._line is not None:
            self._line.leave()


def _body(line: Line, head: Head) -> Iterator[bytes]:
    whole = line.reusable
    line.reusable = False
    _, rest = yield from framed(line.read1, head.chunked, head.length)
    line.reusable = whole and not head.will_close and not rest


def _received(line: Line, method: str) -> Head:
    """The head of the reply; an odd one is read by the standard library."""
    head, _ = final_head(line)
    return understood(head, method) or _odd(head, method)


class _Written:
    """A head that stands in for a socket."""

    def __init__(self, head: bytes) -> None:
        self._head = head

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._head)


class InvalidHeader(http.client.HTTPException):
    """A reply says two things at once; named as urllib3 names it."""


def _odd(head: bytes, method: str) -> Head:
    reply: Any = http.client.HTTPResponse(_Written(head), method=method)  # type: ignore[arg-type]
    reply.begin()
    pairs = reply.headers.items()
    lower = dict(Headers.of(pairs).lower)
    chunked = bool(reply.chunked)
    said = "" if chunked else lower.get("content-length", "")
    if len({part.strip() for part in said.split(",")}) > 1:
        raise InvalidHeader("two lengths that differ")
    closes = bool(reply.will_close)
    return Head(reply.status, reply.reason, pairs, lower, chunked, reply.length, closes)


class AsyncSession:
    """The connections of one async client; each event loop has its own."""

    def __init__(
        self, session: aiohttp.ClientSession | None = None, ways: Ways | None = None
    ) -> None:
        self._given = session
        self._ways = ways or Ways()
        self._pid = os.getpid()
        self._nets: dict[asyncio.AbstractEventLoop, Net] = {}
        self._finalizer = weakref.finalize(self, _let_go, self._nets)

    def send(
        self,
        request: Request,
        credential: Credential,
        lease: Lease,
        *,
        where: str,
        connect_s: float | None,
        read_s: float | None,
    ) -> Arriving:
        """Send ``request`` and return as soon as the headers of the reply are here.

        :raises APIConnectionError: where no reply came.
        """
        required()
        url, method = request.url, request.method
        for _ in range(MAX_HOPS):
            failure: SpecwireError | None = None
            asked = Asked()
            try:
                headers = CIMultiDict(request.headers)
                prepare(asked, headers, request, method, url, credential)
                opened = self._opened(asked, lease, where, url, connect_s, read_s)
            except SpecwireError as error:
                # The request's body could not be read. Frames of ours hold the key.
                failure = error.with_traceback(None)
            except BROKEN as error:
                failure = connection_error(where, error, lease, url)
            except BaseException as error:
                raise error.with_traceback(None) from None  # as above
            finally:
                asked.__dict__.clear()  # a traceback would hold the key
                headers = None  # type: ignore[assignment]
            if failure is not None:
                raise failure
            target = onward(opened, request, method, url)
            if target is None:
                return opened
            url, method = target
        raise too_many_hops(where)

    def _opened(
        self,
        asked: Asked,
        lease: Lease,
        where: str,
        url: str,
        connect_s: float | None,
        read_s: float | None,
    ) -> Arriving:
        """The reply to ``asked``, whose head is here."""
        lent = self._lent()
        if lent is None:
            return self._ask(asked, lease, where, url, connect_s, read_s)
        from .lent import ask

        return ask(lent, asked, lease, where, url, connect_s, read_s)

    def _ask(
        self,
        asked: Asked,
        lease: Lease,
        where: str,
        url: str,
        connect_s: float | None,
        read_s: float | None,
    ) -> Arriving:
        place = self._net().place(url)
        line = place.pooled() or wait(place.connected(lease, connect_s))
        try:
            line.read_s = read_s
            lease.attach(line, line)
            head = _head_of(asked, place)
            lease.sent = True
            line.reusable = _sent(line, head, asked, lease.write_s)
            reply = _received(line, asked.method)
        except BaseException:
            line.drop()
            raise
        return AsyncOpened(reply, line, place, lease, where, url)

    def _lent(self) -> aiohttp.ClientSession | None:
        """A session of aiohttp's to ask: the user's, or where a mock replaces it."""
        if self._given is not None:
            return self._given
        if aiohttp.ClientSession._request is _REQUEST:
            return None
        net = self._net()
        if net.lent is None:
            jar = aiohttp.DummyCookieJar()
            net.lent = aiohttp.ClientSession(cookie_jar=jar, connector=net.connector)
        return net.lent

    def _net(self) -> Net:
        loop = asyncio.get_running_loop()
        if self._pid != os.getpid():
            self._after_fork()
        net = self._nets.get(loop)
        if net is None:
            for other in [each for each in self._nets if each.is_closed()]:
                self._nets.pop(other).close()
            net = self._nets[loop] = Net(loop, self._ways)
        return net

    def _after_fork(self) -> None:
        """A child never touches its parent's connections."""
        _of_parents.append(self._nets)
        self._finalizer.detach()
        self._nets = {}
        self._finalizer = weakref.finalize(self, _let_go, self._nets)
        self._pid = os.getpid()

    def close(self) -> None:
        """Close the connections, from any thread; in a bridge, see it done."""
        if bridged():
            wait(self.aclose())
        elif self._pid == os.getpid():
            _let_go(self._nets)

    async def aclose(self) -> None:
        """Close the connections, and a session that was given, and see it done."""
        self.close()
        if self._given is not None:
            await self._given.close()
        await asyncio.sleep(0)  # the loop closes what was aborted


def _let_go(nets: dict[asyncio.AbstractEventLoop, Net]) -> None:
    for loop in list(nets):
        nets.pop(loop).close()


# -- the request -------------------------------------------------------------------


def _head_of(asked: Asked, place: Place) -> bytes:
    """The request line and the headers.

    :raises ValueError: where one cannot be sent.
    """
    target = asked.url[len(place.origin) :] or "/"
    if not _TARGET(target):
        target = quote(target, safe="!#$%&'()*+,/:;=?@[]~\\|^`{}\"<>")
    if place.proxied:
        target = place.origin + target
    lines = [f"{asked.method} {target} HTTP/1.1"]
    if "host" not in asked.headers:
        lines.append(f"Host: {place.host}")
    lines += [f"{name}: {value}" for name, value in asked.headers.items()]
    if place.proxied and place.for_proxy:
        lines.append(f"Proxy-Authorization: {place.for_proxy}")
    if any(map(_UNSAFE, lines)):
        raise ValueError("a header holds a line feed or a NUL")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def _sent(line: Line, head: bytes, asked: Asked, write_s: float | None) -> bool:
    """Send the request; false where the server hung up before its end."""
    body = asked.body
    if body is None:
        return line.write(head, write_s)
    if isinstance(body, bytes):
        if len(body) <= CHUNK:
            return line.write(head + body, write_s)
        return line.write(head, write_s) and line.write(body, write_s)
    chunked = "transfer-encoding" in asked.headers
    if not line.write(head, write_s):
        return False
    for piece in pieces_of(body):
        framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
        if not line.write(framed, write_s):
            return False
    return not chunked or line.write(b"0\r\n\r\n", write_s)


def pieces_of(body: Any) -> Iterator[bytes]:
    """What ``body``, a file or an iterable, gives; read beside the event loop."""
    loop = asyncio.get_running_loop()
    file = hasattr(body, "read")
    take = partial(body.read, CHUNK) if file else partial(next, iter(body), None)
    while (piece := wait(loop.run_in_executor(None, take))) is not None:
        if piece:
            yield piece.encode() if isinstance(piece, str) else piece
        elif file:
            break
