"""The connections of an async client in one event loop, by origin.

aiohttp's connector opens them: addresses, proxies, TLS. What is idle is kept here, and
thrown away as soon as its server hangs up.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import Final
from urllib.request import getproxies

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from ..core.certificates import named, trusting
from ..core.environment import steady
from ..core.lease import Lease, origin_text
from .held import Hold
from .line import Line, Wire

_KEPT: Final = 1_000
_UNLIMITED: Final = aiohttp.ClientTimeout(total=None)


class Ways:
    """How connections are made and kept.

    :param proxies: the proxies by scheme or origin, as requests names them; ``None``
        for those of the environment.
    :param context: makes the TLS settings; ``None`` for the usual ones.
    :param kept: how many idle connections of one origin are kept.
    """

    def __init__(
        self,
        *,
        proxies: Mapping[str, str | None] | None = None,
        context: Callable[[], ssl.SSLContext] | None = None,
        kept: int = _KEPT,
    ) -> None:
        self._proxies = proxies
        self.context = context or usual_context
        self.kept = kept

    def proxy(self, url: str) -> str | None:
        """The proxy for ``url``.

        :raises OSError: for one that aiohttp cannot use.
        """
        if not (steady(getproxies) if self._proxies is None else self._proxies):
            return None
        from ..core.session import proxy_of  # the rules are those of requests

        proxy = proxy_of(url, self._proxies)
        if not proxy:
            return None
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        scheme = proxy.partition("://")[0].lower()
        if scheme not in ("http", "https"):
            raise OSError(
                f"{scheme} is no kind of proxy that an async client can use; give it "
                "an http or https proxy"
            )
        return proxy


class Place:
    """One origin, and the idle connections to it.

    :ivar host: what the Host header says.
    :ivar proxied: the whole URL is asked for, of a proxy.
    """

    def __init__(self, net: Net, url: str) -> None:
        self._net = net
        self.origin = origin_text(url)
        self.idle: dict[Line, None] = {}
        proxy = net.ways.proxy(url)
        secure = self.origin.startswith("https:")
        self._asked = aiohttp.ClientRequest(
            "GET",
            URL(self.origin),
            loop=net.loop,
            ssl=net.context() if secure else True,
            proxy=None if proxy is None else URL(proxy),
        )
        self.host = self._asked.headers["Host"]
        self.proxied = proxy is not None and not secure

    @property
    def for_proxy(self) -> str | None:
        """The credential that the proxy asks for with each request."""
        return self._asked.headers.get("Proxy-Authorization")

    def pooled(self) -> Line | None:
        """An idle connection that is open still."""
        while self.idle:
            line, _ = self.idle.popitem()
            if line.fresh():
                return line
            line.drop()
        return None

    def keep(self, line: Line) -> None:
        """``line`` is free again."""
        line.lease = None
        if len(self.idle) < self._net.ways.kept and line.idle:
            self.idle[line] = None
        else:
            line.drop()

    async def connected(self, lease: Lease, connect_s: float | None) -> Line:
        """A new connection, unless ``lease`` ends before it is made."""
        making = self._net.connector.connect(self._asked, [], _UNLIMITED)
        hold = Hold(making, Connection.close)
        lease.attach(hold, hold)
        try:
            line = Line(await hold.reply(connect_s), self._gone)
        except asyncio.TimeoutError:
            raise aiohttp.ConnectionTimeoutError from None
        self._net.lines.add(line)
        return line

    def _gone(self, line: Line) -> None:
        self.idle.pop(line, None)
        self._net.lines.discard(line)


class Net:
    """What a client has open in one event loop; made while that runs."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ways: Ways) -> None:
        self.loop = loop
        self.ways = ways
        # What is idle is kept here, not there.
        self.connector = aiohttp.TCPConnector(limit=0, force_close=True)
        self.connector._factory = lambda: Wire(loop)  # type: ignore[assignment]
        self.lines: set[Line] = set()
        self._places: dict[str, Place] = {}
        self._context: ssl.SSLContext | None = None
        self.lent: aiohttp.ClientSession | None = None

    def place(self, url: str) -> Place:
        key = origin_text(url)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = Place(self, url)
        return found

    def context(self) -> ssl.SSLContext:
        """The TLS settings; reading the certificates takes a while."""
        if self._context is None:
            self._context = self.ways.context()
        return self._context

    def close(self) -> None:
        """Close all connections, from any thread, also after the loop."""
        if self.lent is not None:
            self.lent.detach()
        for line in list(self.lines):
            line.leave()


def usual_context() -> ssl.SSLContext:
    """TLS settings that trust whom the environment says, or else the usual ones."""
    return trusting(named(), _blank_context)


def _blank_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    return context
