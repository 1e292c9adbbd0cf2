"""Asking through an ``aiohttp.ClientSession`` of the user's, or one that a mock plays.

Its connector, trace configs and default headers are used as they are. Redirects are
not followed by it, and bodies are not decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import aiohttp
from yarl import URL

from ..core.lease import CHUNK, Arriving, Terms
from ..core.wire import Headers
from .bridge import spawn, wait
from .held import Hold
from .session import BROKEN, Asked, pieces_of

_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class _Lent(Hold[aiohttp.ClientResponse]):
    def settimeout(self, seconds: float) -> None:
        connection = self.got and self.got.connection
        if connection and connection.protocol:
            connection.protocol.read_timeout = seconds


class LentOpened(Arriving):
    """A reply that aiohttp has read the head of."""

    broken = (AttributeError, *BROKEN)

    def __init__(
        self, response: aiohttp.ClientResponse, hold: _Lent, terms: Terms
    ) -> None:
        self._response = response
        self._hold = hold
        status, headers = response.status, _headers(response)
        super().__init__(status, headers, _body(response), terms)

    def _give_back(self) -> None:
        self._response.release()

    def _under_way(self) -> bool:
        return self._response.connection is not None

    def leave(self) -> None:
        self._hold.leave()

    def __del__(self) -> None:
        if self._under_way():
            self.leave()  # aiohttp would show the URL, with a key in it


def ask(session: aiohttp.ClientSession, asked: Asked, terms: Terms) -> LentOpened:
    """Send ``asked``; the reply's head is here when this returns."""
    lease, _, _, connect_s, read_s = terms
    limits = aiohttp.ClientTimeout(None, sock_connect=connect_s, sock_read=read_s)
    asked.headers.pop("Transfer-Encoding", None)  # aiohttp says it
    hold = _Lent(
        session.request(
            asked.method,
            URL(asked.url, encoded=True),
            data=content(asked.body),
            headers=asked.headers,
            skip_auto_headers=_NOT_ADDED,
            allow_redirects=False,
            auto_decompress=False,
            timeout=limits,
            max_line_size=CHUNK,
            max_field_size=CHUNK,
        ),
        aiohttp.ClientResponse.close,
    )
    lease.attach(hold, hold)
    lease.sent = True
    try:
        return LentOpened(wait(hold.reply()), hold, terms)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        lease.sent = False
        raise


def content(body: Any) -> Any:
    """``body`` as libraries for tasks take it."""
    return body if body is None or isinstance(body, bytes) else _given(body)


async def _given(body: Any) -> AsyncIterator[bytes]:
    """What ``body``, a file or an iterable, gives."""
    pieces = pieces_of(body)
    while (piece := await spawn(next, pieces, None)) is not None:
        yield piece


def _headers(response: aiohttp.ClientResponse) -> Headers:
    raw = getattr(response, "raw_headers", None)
    if not raw:
        return Headers.of(response.headers.items())
    return Headers.of((k.decode("latin-1"), v.decode("latin-1")) for k, v in raw)


def _body(response: aiohttp.ClientResponse) -> Iterator[bytes]:
    content = response.content
    while data := content.read_nowait(-1) or wait(content.readany()):
        yield data
