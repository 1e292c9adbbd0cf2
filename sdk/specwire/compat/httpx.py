"""Settings in the words of httpx, for programs that import it only to write them down.

>>> from specwire.compat import httpx
>>> client = Anthropic(  # doctest: +SKIP
...     http_client=httpx.Client(proxy="http://proxy.example.com"),
...     timeout=httpx.Timeout(60.0, connect=5.0),
... )

This is no HTTP client: a :class:`Client` here holds settings, and says so where it is
asked for more. A program that makes requests of its own imports the real httpx, whose
clients and time-outs are taken as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ..core.types import UNSET
from .timeouts import Timeout as Timeout


class Limits:
    """How many connections are kept for the next request.

    That is ``max_keepalive_connections``, or else ``max_connections``: a call never
    waits for another one's connection. ``keepalive_expiry`` is accepted; a connection
    that the server has closed is noticed when it is wanted.
    """

    __slots__ = ("keepalive_expiry", "max_connections", "max_keepalive_connections")

    def __init__(
        self,
        *,
        max_connections: int | None = None,
        max_keepalive_connections: int | None = None,
        keepalive_expiry: float | None = 5.0,
    ) -> None:
        self.max_connections = max_connections
        self.max_keepalive_connections = max_keepalive_connections
        self.keepalive_expiry = keepalive_expiry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Limits) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={getattr(self, name)}" for name in self.__slots__)
        return f"Limits({parts})"


class Proxy:
    """A proxy, where it needs a user and a password beside its URL."""

    def __init__(
        self, url: str, *, auth: tuple[str, str] | None = None, headers: Any = None
    ) -> None:
        if headers:
            raise TypeError("Proxy: headers need a real httpx.Client as http_client")
        self.url = str(url)
        self._auth = auth

    @property
    def address(self) -> str:
        """The URL with user and password in it."""
        if self._auth is None:
            return self.url
        from urllib.parse import quote

        scheme, _, rest = self.url.partition("://")
        user, password = (quote(part, safe="") for part in self._auth)
        return f"{scheme}://{user}:{password}@{rest}"

    def __repr__(self) -> str:
        return "Proxy(...)"


class Client:
    """Settings for ``Anthropic(http_client=...)``: proxies, certificates, headers.

    :param proxy: the proxy's URL or a :class:`Proxy`, for all requests.
    :param proxies: the same, or by the beginning of URLs: ``{"https://": ...}``. It
        goes before ``proxy``; httpx has it no more since 0.28.
    :param verify: ``False``, a file or folder of certificates, or an ``SSLContext``.
    :param cert: a client's certificate: a file, ``(file, key)`` or with a password.
    :param headers: sent with every request, unless the client sends such ones itself.
    :param timeout: the client's, where it is given none of its own.
    :param trust_env: whether the environment may name proxies and certificates.
    :param options: those that mean nothing here (``http1``, ``http2``,
        ``follow_redirects``, ``max_redirects``, ``default_encoding``) are passed over.
    :raises TypeError: for options that only a real ``httpx.Client`` has.
    """

    def __init__(
        self,
        *,
        proxy: Any = None,
        proxies: Any = None,
        verify: Any = True,
        cert: Any = None,
        headers: Any = None,
        timeout: Any = UNSET,
        limits: Any = None,
        trust_env: bool = True,
        **options: Any,
    ) -> None:
        for name in options.keys() - _NO_MATTER:
            raise TypeError(
                f"httpx.{type(self).__name__}: {name!r} is none of the settings that "
                "specwire takes; pass a client of the real httpx as http_client"
            )
        given = proxies if proxies is not None else proxy
        self.proxies = _by_scheme(given)
        self.verify = verify
        self.cert = cert
        self.headers: dict[str, str] = dict(headers or {})
        self.timeout = UNSET if timeout is UNSET else _timeout(timeout)
        self.limits = limits if limits is not None else Limits()
        self.trust_env = trust_env
        self.is_closed = False

    def close(self) -> None:
        """Nothing is open."""
        self.is_closed = True

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _no_client(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(
            "specwire.compat.httpx.Client holds settings and makes no requests; "
            "import the real httpx for those"
        )

    get = post = put = patch = delete = head = options = _no_client
    request = stream = send = build_request = _no_client

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: settings for http_client>"


class AsyncClient(Client):
    """The same for ``AsyncAnthropic(http_client=...)``."""

    async def aclose(self) -> None:
        """Nothing is open."""
        self.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


_NO_MATTER = frozenset(
    ("http1", "http2", "follow_redirects", "max_redirects", "default_encoding")
)


def _timeout(value: Any) -> Timeout | None:
    return None if value is None else Timeout(value)


def _by_scheme(given: Any) -> dict[str, str | None]:
    """Proxies as requests names them: ``all``, ``https``, ``https://host``."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {"all": given}
    found = {}
    for place, proxy in given.items():
        scheme, _, host = place.partition("://")
        address = getattr(proxy, "address", None) or getattr(proxy, "url", proxy)
        name = f"{scheme}://{host}" if host.strip("*") else scheme
        found[name] = None if proxy is None else str(address)
    return found


_WRONG = {"HTTPTransport": "Client(proxy=..., verify=...)"}


def __getattr__(name: str) -> NoReturn:
    instead = f"; here is {_WRONG[name]}" if name in _WRONG else ""
    raise AttributeError(
        f"specwire.compat.httpx has no {name!r}: it holds settings only{instead}"
    )
