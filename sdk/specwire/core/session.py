"""The transport: requests, and what it does not give. The only import of requests.

One ``requests.Session`` per client, shared by its threads. Requests are prepared here,
not by requests: no netrc, no cookies, no merged headers. Redirects stay on the origin
and keep the method. Bodies are read live with ``read1``, decoded and checked. Every
failure becomes one of :mod:`specwire.core.errors`; nothing of requests or urllib3
escapes, and no exception holds the prepared request with its key.

Longer than most modules: connections, replies and the session are one walk, which a
test counts in files.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import connection
from urllib3.util.ssl_ import create_urllib3_context

from .auth import Credential
from .certificates import trusting
from .connecting import SOCKET_OPTIONS, connected
from .environment import steady
from .lease import (
    CHUNK,
    Arriving,
    Connections,
    Lease,
    Terms,
    final_head,
    framed,
    origin_text,
    prepare,
)
from .wire import Headers, Request

POOL_SIZE: Final = 100
_FAILURES: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
_current = threading.local()
_CREATE: Final = connection.create_connection


# -- the head of a reply -------------------------------------------------------------

_FIELD: Final = re.compile(
    r"[!#-'*+\-.^-z|~0-9A-Z]+: (?!@@@)[\t\x20-\x7e\x80-\xff]*"
).fullmatch
_READ_BY_URLLIB3: Final = (
    "connection",
    "content-encoding",
    "content-length",
    "location",
    "retry-after",
    "transfer-encoding",
)


class _Fields(http.client.HTTPMessage):
    """Header fields that are looked up, where the standard class searches for each.

    urllib3 makes a mapping of its own of ``items``, so these are only what it reads.
    """

    def __init__(self, pairs: list[tuple[str, str]], lower: dict[str, str]) -> None:
        super().__init__()
        self._headers = pairs
        self.lower = lower

    def items(self) -> list[tuple[str, str]]:
        lower = self.lower
        return [(name, lower[name]) for name in _READ_BY_URLLIB3 if name in lower]

    def get_all(self, name: str, failobj: Any = None) -> Any:
        return super().get_all(name, failobj) if name.lower() in self.lower else failobj


class _Response(http.client.HTTPResponse):
    """A reply whose head is read in one piece."""

    _ahead = 0
    """Bytes after the head that came with it and were not read yet."""

    def begin(self) -> None:
        method: str = self._method  # type: ignore[attr-defined]
        head, self._ahead = final_head(self.fp, method)
        self.version = head.version
        self.code = self.status = head.status
        self.reason = head.reason
        self.headers = self.msg = _Fields(head.pairs, head.lower)
        self.chunked = head.chunked
        self.chunk_left = None
        self.length = head.length
        self.will_close = head.will_close

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives, without its framing.

        :raises HTTPException: where it ends before it is complete.
        """
        file: Any = self.fp
        taken, rest = yield from framed(file.read1, self.chunked, self.length)
        # What nobody asked for would be taken for the answer to the next request.
        self.will_close = self.will_close or rest > 0 or self._ahead > taken
        self.close()


# -- connections that tell the call which socket it is on --------------------------


class _Calm:
    """Leaves a time-out that is set as it is: setting it again is a system call."""

    __slots__ = ()

    def settimeout(self, seconds: float | None) -> None:
        if seconds != self.gettimeout():  # type: ignore[attr-defined]
            super().settimeout(seconds)  # type: ignore[misc]


class _Socket(_Calm, socket.socket):
    __slots__ = ()


class _SecureSocket(_Calm, ssl.SSLSocket):
    pass


class _Tracked:
    """Hands its socket to the lease of the thread that is using it."""

    lease: Lease | None = None
    sock: Any
    response_class: type[http.client.HTTPResponse] = _Response
    _waits = False
    """Whether a head that is sent now waits for its body."""
    _head = b""

    def _new_conn(self) -> Any:
        lease = getattr(_current, "lease", None)
        ours = connection.create_connection is _CREATE  # programs put their own there
        if lease is not None and ours:
            sock = self._open(lease)
        else:
            sock = super()._new_conn()  # type: ignore[misc]
        if sock.__class__ is socket.socket:
            sock.__class__ = _Socket
        if lease is not None:
            lease.attach(self, sock)
        return sock

    def _open(self, lease: Lease) -> socket.socket:
        """As urllib3 opens it, but ``lease`` can end the attempt."""

        def begun(sock: Any) -> bool:
            lease.attach(self, sock)
            return lease.ended is None

        conn: Any = self
        host, timeout = conn._dns_host.strip("[]"), conn.timeout
        if timeout is not None and not isinstance(timeout, (int, float)):
            timeout = socket.getdefaulttimeout()
        try:
            host.encode("idna")
        except UnicodeError:
            raise LocationParseError(f"'{host}', label empty or too long") from None
        try:
            return connected(
                (host, conn.port),
                connection.allowed_gai_family(),
                timeout,
                source=conn.source_address,
                options=conn.socket_options or (),
                begun=begun,
            )
        except socket.gaierror as error:
            raise NameResolutionError(conn.host, conn, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(conn, "the connection timed out") from error
        except OSError as error:
            raise NewConnectionError(conn, f"no connection: {error}") from error

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        lease = getattr(_current, "lease", None)
        if lease is not None:
            url += _current.hidden
            if self.sock is None:
                self.connect()  # type: ignore[attr-defined]
            lease.attach(self, self.sock)
            # urllib3 sends under the connect limit; the write limit is another.
            self.timeout = lease.write_s
            lease.sent = True
            body = kwargs.get("body")
            self._waits = body.__class__ is bytes and 0 < len(body) <= CHUNK
        try:
            return super().request(method, url, *args, **kwargs)  # type: ignore[misc]
        finally:
            self._waits, self._head = False, b""

    def putheader(self, header: Any, *values: Any) -> None:
        line = f"{header}: {values[0]}" if len(values) == 1 else ""
        if _FIELD(line):  # the rest is for urllib3 to encode, skip or refuse
            self._output(line.encode("latin-1"))  # type: ignore[attr-defined]
        else:
            super().putheader(header, *values)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """Write ``data``; a head and a short body go out as one."""
        if self._waits:
            self._waits, self._head = False, data
            return
        if self._head:
            data, self._head = self._head + data, b""
        super().send(data)  # type: ignore[misc]


class _HTTP(_Tracked, HTTPConnection):
    pass


class _HTTPS(_Tracked, HTTPSConnection):
    pass


def _class_of(pool: Any, plain: type, ours: type) -> Any:
    """``ours``, unless a recorder has put a class of its own into urllib3's pools."""
    return property(
        lambda _: ours if pool.ConnectionCls is plain else pool.ConnectionCls
    )


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _class_of(urllib3.HTTPConnectionPool, HTTPConnection, _HTTP)


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _class_of(urllib3.HTTPSConnectionPool, HTTPSConnection, _HTTPS)


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


# -- requests, without what is done for each call again -----------------------------


class _NoCookies(RequestsCookieJar):
    """Keeps nothing and adds nothing: a service's cookie is never sent back."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass

    def add_cookie_header(self, request: Any) -> None:
        pass


_no_cookies: Final = _NoCookies()


class _Answer(requests.Response):
    """requests' response; ``headers`` are those that the connection has read."""

    cookies = _no_cookies
    _content: Any = False
    _content_consumed = False
    _next = encoding = None

    def __init__(self, request: Any, raw: Any) -> None:
        self.request, self.raw, self.url = request, raw, request.url
        self.status_code, self.reason = raw.status, raw.reason
        self.history = []
        fields = getattr(getattr(raw, "_original_response", None), "msg", None)
        if isinstance(fields, _Fields):
            self.headers: Any = Headers(fields.lower)
        else:
            self.headers = _headers_of(raw, raw.headers)


def _headers_of(raw: Any, merged: Any) -> Headers:
    """urllib3's headers, where a name may stand twice; else those that are at hand."""
    pairs = getattr(getattr(raw, "headers", None), "iteritems", merged.items)
    return Headers.of(pairs())


def _blank_context() -> ssl.SSLContext:
    context = create_urllib3_context()
    context.sslsocket_class = _SecureSocket
    return context


class _Adapter(HTTPAdapter):
    """requests' adapter over our connections; ``send`` stays as it is, for mocks.

    What ``send`` asks for at each call and cannot change between two of them is kept:
    the pool of an origin, and the certificates (reading them takes 16 ms).
    """

    def __init__(self, kept: int) -> None:
        self._pools: dict[Any, Any] = {}
        self._contexts: dict[Any, Any] = {}
        super().__init__(pool_connections=POOL_SIZE, pool_maxsize=kept)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(
            *args, **kwargs, socket_options=SOCKET_OPTIONS, blocksize=CHUNK
        )
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        # SOCKS has pools of its own; without them it would be gone round.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def close(self) -> None:
        self._pools.clear()
        super().close()

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        if proxies:
            return super().get_connection_with_tls_context(
                request, verify, proxies, cert
            )
        key = (origin_text(request.url), verify, cert)
        pool = self._pools.get(key)
        if pool is None or pool.pool is None:
            pool = self._pools[key] = super().get_connection_with_tls_context(
                request, verify, proxies, cert
            )
        return pool

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        host: Any
        settings: Any
        host, settings = super().build_connection_pool_key_attributes(
            request, verify, cert
        )
        if host["scheme"] == "https" and verify and cert is None:
            context = self._context(verify)
            kept = context.verify_mode if context is verify else settings["cert_reqs"]
            settings = {"cert_reqs": kept, "ssl_context": context}
        return host, settings

    def _context(self, verify: Any) -> Any:
        """The TLS settings for one bundle of certificates, made once, or the user's."""
        if isinstance(verify, ssl.SSLContext):
            return verify
        context = self._contexts.get(verify)
        if context is None:
            context = trusting(verify, _blank_context)
            self._contexts[verify] = context
        return context

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # urllib3 would read the certificates into the shared context again.
        if conn.conn_kw.get("ssl_context") is None and conn.scheme == "https":
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def request_url(self, request: Any, proxies: Any) -> str:
        url: str = request.url
        if proxies:
            url = super().request_url(request, proxies)
        else:
            url = url[len(origin_text(url)) :] or "/"
        # urllib3 logs the URL: a key in the query is added where it is sent.
        hidden = request.url[len(_current.url) :]
        if not hidden or not url.endswith(hidden):
            return url
        _current.hidden = hidden
        return url[: -len(hidden)]

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        return _Answer(req, resp)


class _Session(requests.Session):
    """requests' session that follows nothing and keeps no cookie."""

    def __init__(self, kept: int = POOL_SIZE) -> None:
        super().__init__()
        adapter = _Adapter(kept)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies = _no_cookies

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nothing: requests would read the body of a redirect, however large."""


# -- what was opened ---------------------------------------------------------------


class Opened(Arriving):
    """A reply over one of requests' connections."""

    broken = (AttributeError, *_FAILURES)

    def __init__(self, response: requests.Response, terms: Terms) -> None:
        # Only raw is kept: the response knows the request, and that holds the key.
        self._raw = raw = response.raw
        coded = True
        content: Any = getattr(response, "_content", False)
        if content is not False:
            # A hook or an adapter of the user's has read and decoded it already.
            self._raw, coded = io.BytesIO(content or b""), False
        terms.lease.adopt(getattr(raw, "connection", None))
        source = getattr(raw, "_original_response", None)
        self._source = source if isinstance(source, _Response) and source.fp else None
        pieces = self._source.pieces() if self._source else _pieces(self._raw)
        headers: Any = response.headers
        if not isinstance(headers, Headers):
            headers = _headers_of(raw, headers)
        status = int(response.status_code)
        super().__init__(status, headers, pieces, terms, coded=coded)

    def _give_back(self) -> None:
        if self._source is not None and self._source.will_close:
            self._raw.close()
        if hasattr(self._raw, "release_conn"):
            self._raw.release_conn()

    def _under_way(self) -> bool:
        return getattr(self._raw, "connection", None) is not None

    def leave(self) -> None:
        raw = self._raw
        try:
            # An unread rest would be the next call's answer: close, do not reuse.
            raw.close()
            raw.release_conn()
        except self.broken:
            pass


def _pieces(raw: Any) -> Iterator[bytes]:
    """The body of a reply that came over no connection of ours."""
    # Adapters of the user's may hand out any file, and recorders what looks like one.
    if isinstance(raw, urllib3.response.BaseHTTPResponse):
        while data := raw.read1(CHUNK, decode_content=False):
            yield data
    else:
        while data := raw.read(CHUNK):
            yield data


class Session(Connections):
    """The connections of one client."""

    broken = _FAILURES

    def __init__(self, session: requests.Session | None = None) -> None:
        super().__init__()
        self._own = session is None
        self._session = session if session is not None else _Session()
        self._settings: dict[Any, Mapping[str, Any]] = {}

    def _prepared(
        self, request: Request, method: str, url: str, credential: Credential
    ) -> requests.PreparedRequest:
        asked = requests.PreparedRequest()
        asked._cookies = _no_cookies  # type: ignore[attr-defined]
        prepare(asked, _Sent(request.headers), request, method, url, credential)
        return asked

    def _opened(self, asked: requests.PreparedRequest, terms: Terms) -> Opened:
        url = terms.url
        _current.lease, _current.url, _current.hidden = terms.lease, url, ""
        try:
            response = self._session.send(
                asked,
                stream=True,
                timeout=(terms.connect_s, terms.read_s),
                allow_redirects=False,
                **self._environment(url),
            )
        finally:
            _current.lease, _current.hidden = None, ""
            del asked  # as where it comes from
        return Opened(response, terms)

    def _forked(self) -> None:
        if self._own:
            self._session = _Session()
        else:
            self._session.close()

    def close(self) -> None:
        self._session.close()

    def _environment(self, url: str) -> Mapping[str, Any]:
        """Proxies and certificates for ``url``: the session's and the environment's."""
        key = origin_text(url)
        found = self._settings.get(key)
        if found is None:
            merge = self._session.merge_environment_settings
            merged = steady(lambda: merge(url, {}, True, None, None))
            found = {k: merged[k] for k in ("proxies", "verify", "cert")}
            self._settings = {**self._settings, key: found}
        return found


class _Sent(CaseInsensitiveDict[str]):
    """Headers to send, made and copied (by urllib3) at once and not one by one."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._store = {name.lower(): (name, headers[name]) for name in headers}

    def copy(self) -> Any:
        return dict(self._store.values())


def proxy_of(url: str, proxies: Mapping[str, str | None] | None = None) -> str | None:
    """The proxy for ``url``, by the rules of requests.

    :param proxies: by scheme or origin; ``None`` for those of the environment.
    """
    known: Any = proxies
    if known is None:
        known = steady(lambda: requests.utils.get_environ_proxies(url))
    return requests.utils.select_proxy(url, known)
