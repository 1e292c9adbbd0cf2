"""Asking through an ``aiohttp.ClientSession`` of the user's, or one that a mock plays.

Its connector, trace configs and default headers are used as they are. Redirects are
not followed by it, and bodies are not decoded.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import aiohttp
from yarl import URL

from ..core.lease import CHUNK, Arriving, Lease
from ..core.wire import Headers
from .bridge import spawn, wait
from .session import BROKEN, Asked, pieces_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

R = TypeVar("R")
_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Hold(Generic[R]):
    """What a lease ends: the attempt to get a reply, then its connection.

    :param give_up: closes a reply, in the loop.
    """

    lease: Lease | None = None
    read_s: float | None = None

    def __init__(
        self, asking: Coroutine[Any, Any, R], give_up: Callable[[R], object]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._give_up = give_up
        self.task = self._loop.create_task(asking)
        self.response: R | None = None

    async def reply(self) -> R:
        """:raises OSError: where it was given up."""
        try:
            await asyncio.wait({self.task})
        except BaseException:
            self.task.add_done_callback(self._unwanted)
            self.task.cancel()
            raise
        if self.task.cancelled():
            raise OSError("given up")
        self.response = self.task.result()
        return self.response

    def shut_down(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._cut, self.lease)
        except RuntimeError:
            pass  # its loop is closed

    def _cut(self, lease: Lease | None) -> None:
        if self.lease is not lease:
            return
        self.task.cancel()
        if self.response is not None:
            self._give_up(self.response)

    def _unwanted(self, task: asyncio.Task[R]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._give_up(task.result())

    def settimeout(self, seconds: float) -> None:
        """How long a read may take from now on."""
        self.read_s = seconds


class _Lent(Hold[aiohttp.ClientResponse]):
    def settimeout(self, seconds: float) -> None:
        connection = self.response and self.response.connection
        if connection and connection.protocol:
            connection.protocol.read_timeout = seconds


class LentOpened(Arriving):
    """A reply that aiohttp has read the head of."""

    broken = (AttributeError, *BROKEN)

    def __init__(
        self, response: aiohttp.ClientResponse, lease: Lease, where: str, url: str
    ) -> None:
        self._response = response
        self._loop = asyncio.get_running_loop()
        super().__init__(
            response.status, _headers(response), _body(response), lease, where, url
        )

    def _give_back(self) -> None:
        self._response.release()

    def _under_way(self) -> bool:
        return self._response.connection is not None

    def leave(self) -> None:
        close = self._response.close
        if asyncio._get_running_loop() is self._loop:
            close()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(close)

    def __del__(self) -> None:
        if not self._loop.is_closed() and self._under_way():
            self.leave()  # aiohttp would show the URL, with a key in it


def ask(
    session: aiohttp.ClientSession,
    asked: Asked,
    lease: Lease,
    where: str,
    url: str,
    connect_s: float | None,
    read_s: float | None,
) -> LentOpened:
    """Send ``asked``; the reply's head is here when this returns."""
    limits = aiohttp.ClientTimeout(None, sock_connect=connect_s, sock_read=read_s)
    asked.headers.pop("Transfer-Encoding", None)  # aiohttp says it
    body = asked.body
    data = body if body is None or isinstance(body, bytes) else sent_by(body)
    hold = _Lent(
        session.request(
            asked.method,
            URL(asked.url, encoded=True),
            data=data,
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
        response = wait(hold.reply())
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        lease.sent = False
        raise
    return LentOpened(response, lease, where, url)


async def sent_by(body: Any) -> AsyncIterator[bytes]:
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
