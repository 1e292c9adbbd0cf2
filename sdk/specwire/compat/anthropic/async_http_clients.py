"""``http_client=`` of the async client: what a program may hand over there.

An ``aiohttp.ClientSession`` is used as it is. An ``httpx.AsyncClient`` is asked for
each request, so that its proxies, transports and hooks go on working. Settings
(:mod:`specwire.compat.httpx`) become connections of our own.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ...aio.bridge import begun, wait
from ...aio.held import Hold
from ...aio.lent import content
from ...aio.places import Ways, usual_context
from ...aio.session import BROKEN, Asked, AsyncSession
from ...core.errors import RequestValidationError
from ...core.lease import Arriving, Terms
from ...core.wire import Headers
from ..httpx import AsyncClient as Settings
from .http_clients import trusting
from .over_httpx import asked_of, translated, translating, usable

if TYPE_CHECKING:
    from ..httpx import Client

_EXPECTED: Final = (
    "http_client: expected an httpx.AsyncClient, an aiohttp.ClientSession or a "
    "specwire.compat.httpx.AsyncClient, got {}; a synchronous one is for Anthropic"
)


def connections(http_client: Any) -> AsyncSession:
    """The transport over ``http_client``, in tasks.

    Whatever that is, a client can be made with it; where it cannot be used, the first
    call says what is expected.
    """
    if http_client is None:
        return AsyncSession()
    if isinstance(http_client, Settings):
        return Configured(http_client)
    if all(iscoroutinefunction(getattr(http_client, n, None)) for n in ("send", "get")):
        return OverHttpx(http_client)
    if hasattr(http_client, "connector") and hasattr(http_client, "trace_configs"):
        return AsyncSession(http_client)
    return Refused(http_client)


class Refused(AsyncSession):
    """In the place of connections that cannot be used."""

    def __init__(self, http_client: Any) -> None:
        super().__init__()
        kind = type(http_client)
        self._kind = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"

    def send(self, *_: Any, **__: Any) -> NoReturn:
        raise RequestValidationError(_EXPECTED.format(self._kind))


class Configured(AsyncSession):
    """Connections of our own with the settings of a program."""

    def __init__(self, given: Client) -> None:
        limits = given.limits
        kept = limits.max_keepalive_connections or limits.max_connections
        super().__init__(
            ways=Ways(
                proxies=given.proxies or (None if given.trust_env else {}),
                context=lambda: _context(given),
                **({"kept": kept} if kept else {}),
            )
        )
        self._headers = given.headers

    def _replied(self, asked: Asked, terms: Terms) -> Arriving:
        for name, value in self._headers.items():
            asked.headers.setdefault(name, value)
        return super()._replied(asked, terms)


def _context(given: Client) -> ssl.SSLContext:
    usual = given.verify is True
    context = usual_context() if usual else trusting(given.verify)
    if given.cert:
        parts = given.cert if isinstance(given.cert, (tuple, list)) else (given.cert,)
        context.load_cert_chain(*parts)
    return context


# -- a client of httpx -------------------------------------------------------------


class OverHttpx(AsyncSession):
    """An ``httpx.AsyncClient`` of the program's, asked for each request."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._client = client

    def _replied(self, asked: Asked, terms: Terms) -> Arriving:
        usable(self._client, self._pid)
        lease, _, _, connect, read = terms
        body = content(asked.body)
        request = asked_of(self._client, asked, body, connect, read, lease.write_s)
        sending = self._client.send(request, stream=True, follow_redirects=False)
        hold: Hold[Any] = Hold(sending, _leave)
        lease.attach(hold, hold)
        del request, sending  # the key is in them
        with translating():
            response = wait(hold.reply())
        lease.sent = True
        return HttpxOpened(response, hold, terms)

    def _forked(self) -> None:
        usable(self._client, self._pid)

    async def aclose(self) -> None:
        await super().aclose()
        if self._pid == os.getpid():
            await self._client.aclose()


class HttpxOpened(Arriving):
    """A reply that httpx has read the head of."""

    broken = BROKEN

    def __init__(self, response: Any, hold: Hold[Any], terms: Terms) -> None:
        self._response = response
        self._hold = hold
        # A hook of the program's has read it, or a mock had it at hand: decoded.
        known = response.is_stream_consumed or response.is_closed
        super().__init__(
            response.status_code,
            Headers.of(response.headers.multi_items()),
            iter((response.content,)) if known else self._arrives(),
            terms,
            coded=not known,
        )

    def _arrives(self) -> Iterator[bytes]:
        chunks = self._response.aiter_raw()
        while True:
            with translating():
                chunk = wait(asyncio.wait_for(anext(chunks, None), self._hold.read_s))
            if chunk is None:
                return
            if chunk:
                yield chunk

    def _give_back(self) -> None:
        self._hold.lease = None  # the connection is the next call's

    def _under_way(self) -> bool:
        return not self._response.is_closed

    def leave(self) -> None:
        self._hold.leave()


def _leave(response: Any) -> None:
    """Close ``response``, in the loop."""
    if not response.is_closed:
        begun(asyncio.get_running_loop(), _closed(response))


async def _closed(response: Any) -> None:
    try:
        await response.aclose()
    except Exception as error:
        if translated(error) is None:
            raise
