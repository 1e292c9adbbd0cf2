"""The transport of async clients: requests and replies as in a thread, over aiohttp.

This is synchronous code, run through the bridge: where it has to wait, the task does.
What is sent and how replies are read is decided in the core.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import weakref
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict

from ..core.lease import (
    CHUNK,
    Arriving,
    Connections,
    Head,
    Terms,
    final_head,
    framed,
    prepare,
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

    def __init__(self, head: Head, line: Line, place: Place, terms: Terms) -> None:
        self._line: Line | None = line
        self._place = place
        pieces = _body(line, head)
        super().__init__(head.status, Headers(head.lower), pieces, terms)

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
        self.leave()


def _body(line: Line, head: Head) -> Iterator[bytes]:
    whole = line.reusable
    line.reusable = False
    _, rest = yield from framed(line.read1, head.chunked, head.length)
    line.reusable = whole and not head.will_close and not rest


class AsyncSession(Connections):
    """The connections of one async client; each event loop has its own."""

    broken = BROKEN

    def __init__(
        self, session: aiohttp.ClientSession | None = None, ways: Ways | None = None
    ) -> None:
        super().__init__()
        self._given = session
        self._ways = ways or Ways()
        self._nets: dict[asyncio.AbstractEventLoop, Net] = {}
        weakref.finalize(self, _let_go, self._nets)

    def _prepared(
        self, request: Request, method: str, url: str, credential: Credential
    ) -> Asked:
        required()
        asked = Asked()
        headers = CIMultiDict(request.headers)
        prepare(asked, headers, request, method, url, credential)
        return asked

    def _opened(self, asked: Asked, terms: Terms) -> Arriving:
        try:
            return self._replied(asked, terms)
        except BROKEN:
            raise
        except BaseException as error:
            raise error.with_traceback(None) from None  # frames hold the key
        finally:
            asked.__dict__.clear()  # those that are left as well

    def _replied(self, asked: Asked, terms: Terms) -> Arriving:
        """The reply to ``asked``, of a session of aiohttp's or over a line of ours."""
        lent = self._lent()
        if lent is None:
            return self._ask(asked, terms)
        from .lent import ask

        return ask(lent, asked, terms)

    def _ask(self, asked: Asked, terms: Terms) -> Arriving:
        lease, _, url, connect_s, read_s = terms
        place = self._net().place(url)
        line = place.pooled() or wait(place.connected(lease, connect_s))
        try:
            line.read_s = read_s
            lease.attach(line, line)
            pieces = _pieces(_head_of(asked, place), asked)
            lease.sent = True
            line.reusable = all(line.write(piece, lease.write_s) for piece in pieces)
            head, _ = final_head(line, asked.method)
        except BaseException:
            line.drop()
            raise
        return AsyncOpened(head, line, place, terms)

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
        net = self._nets.get(loop)
        if net is None:
            for other in [each for each in self._nets if each.is_closed()]:
                self._nets.pop(other).close()
            net = self._nets[loop] = Net(loop, self._ways)
        return net

    def _forked(self) -> None:
        _of_parents.append(self._nets.copy())
        self._nets.clear()

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


def _pieces(head: bytes, asked: Asked) -> Iterator[bytes]:
    """What is sent, a head and a short body at once; a server may hang up between."""
    body = asked.body
    if isinstance(body, bytes) and len(body) <= CHUNK:
        yield head + body
        return
    yield head
    if isinstance(body, bytes):
        yield body
    elif body is not None:
        chunked = "transfer-encoding" in asked.headers
        for piece in pieces_of(body):
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
        if chunked:
            yield b"0\r\n\r\n"


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
