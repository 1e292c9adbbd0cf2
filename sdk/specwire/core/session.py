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
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import requests
import urllib3
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
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
from .connecting import connected
from .decoding import ACCEPT_ENCODING, DecodingError, decoder
from .errors import APIConnectionError, DecodeError, SpecwireError
from .failures import connection_error, decoding_error, stopped
from .framing import Dechunker
from .lease import Lease
from .wire import (
    Headers,
    Request,
    followed,
    query_string,
    request_id_of,
    with_query,
)

POOL_SIZE: Final = 100
CHUNK: Final = 65_536
_MAX_HOPS: Final = 5
_DRAIN_S: Final = 0.05
_FAILURES: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
_CERTIFICATES: Final = "SPECWIRE_CERTIFICATES"
_current = threading.local()
_CREATE: Final = connection.create_connection


# -- the head of a reply -------------------------------------------------------------

_STATUS_LINE: Final = rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: ([\x20-\x7e]*))?\r\n"
_FIELD_LINES: Final = rb"((?:[!#-'*+\-.^-z|~0-9A-Z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n"
_FIELDS: Final = re.compile(r"([^:]+):[\t ]*([^\r]*)\r\n").findall
_FIELD: Final = re.compile(
    r"[!#-'*+\-.^-z|~0-9A-Z]+: (?!@@@)[\t\x20-\x7e\x80-\xff]*"
).fullmatch
_PLAIN_HEAD: Final = re.compile(_STATUS_LINE + _FIELD_LINES).fullmatch
_INTERIM: Final = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9][0-9]\b").match
_LENGTH: Final = re.compile(r"[0-9]{1,18}").fullmatch
_READ_BY_URLLIB3: Final = (
    "connection",
    "content-encoding",
    "content-length",
    "location",
    "retry-after",
    "transfer-encoding",
)
_MAX_LINE: Final = 65_536
_MAX_FIELDS: Final = 100


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
    """A reply whose head is read in one piece; an odd one is the standard library's."""

    _ahead = 0
    """Bytes after the head that came with it and were not read yet."""

    def begin(self) -> None:
        file: Any = self.fp
        head, self._ahead = _read_head(file)
        while _INTERIM(head):  # the standard library takes 103 for the answer
            head, self._ahead = _read_head(file)
        plain = _PLAIN_HEAD(head)
        if plain is None or not self._understood(*plain.groups()):
            self.fp = io.BytesIO(head)  # type: ignore[assignment]
            try:
                super().begin()
            finally:
                if self.fp is None:
                    file.close()
                else:
                    self.fp = file

    def _understood(self, status: bytes, reason: bytes | None, lines: bytes) -> bool:
        """Take a head without oddities; its framing is that of RFC 9112 section 6.3."""
        pairs: list[tuple[str, str]] = _FIELDS(lines.decode("latin-1"))
        lower = {name.lower(): value for name, value in pairs}
        if len(lower) != len(pairs):
            lower = dict(Headers.of(pairs).lower)
        coding = lower.get("transfer-encoding")
        length = lower.get("content-length")
        if coding not in (None, "chunked") or not (length is None or _LENGTH(length)):
            return False
        if len(pairs) > _MAX_FIELDS or (coding and length):
            return False
        self.version = 11
        self.code = self.status = int(status)
        self.reason = reason.decode().strip() if reason else ""
        self.headers = self.msg = _Fields(pairs, lower)
        self.chunked = coding is not None
        self.chunk_left = None
        self.length = int(length) if length else None
        if status in (b"204", b"304") or self._method == "HEAD":  # type: ignore[attr-defined]
            self.length = 0
        self.will_close = "close" in lower.get("connection", "").lower() or (
            coding is None and self.length is None
        )
        return True

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives, without its framing.

        :raises HTTPException: where it ends before it is complete.
        """
        file: Any = self.fp
        if self.chunked:
            dechunker = Dechunker()
            while not dechunker.finished:
                received = file.read1(CHUNK)
                if not received:
                    raise http.client.IncompleteRead(b"")
                if data := dechunker.feed(received):
                    yield data
                    dechunker.check()
            self._ahead = len(dechunker.rest)
        left = -1 if self.length is None else self.length
        while left and not self.chunked:
            data = file.read1(CHUNK if left < 0 else min(left, CHUNK))
            if not data and left > 0:
                raise http.client.IncompleteRead(b"", left)
            if not data:
                break
            left -= len(data) if left > 0 else 0
            self._ahead -= len(data)
            yield data
        # What nobody asked for would be taken for the answer to the next request.
        self.will_close = self.will_close or self._ahead > 0
        self.close()


def _read_head(file: Any) -> tuple[bytes, int]:
    """The next head as it came, and how many bytes that follow it are here.

    :raises HTTPException: where it is cut or too long.
    """
    ahead = file.peek()
    end = ahead.find(b"\n\r\n") + 3
    if end > 2 and b"\n\n" not in ahead[:end]:
        return file.read(end), len(ahead) - end
    lines: list[bytes] = []
    while True:
        line = file.readline(_MAX_LINE + 1)
        if len(line) > _MAX_LINE:
            raise http.client.LineTooLong("header line")
        if not line.endswith(b"\n"):
            # The standard library takes a cut for the end.
            raise http.client.RemoteDisconnected("the head of the reply was cut")
        lines.append(line)
        if line in (b"\r\n", b"\n"):
            return b"".join(lines), 0
        if len(lines) > _MAX_FIELDS + 1:
            raise http.client.HTTPException(f"got more than {_MAX_FIELDS} headers")


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


# No delay for small writes, and probes that notice a peer which vanished.
_PROBES: Final = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
_SOCKET_OPTIONS: Final = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _PROBES.items()
        if hasattr(socket, name)
    ),
]


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
            *args, **kwargs, socket_options=_SOCKET_OPTIONS, blocksize=CHUNK
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
        key = (_origin_text(request.url), verify, cert)
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
        if context is None and verify is True and os.environ.get(_CERTIFICATES):
            from .certificates import chosen

            context = self._contexts[verify] = chosen()
        if context is None:
            place = DEFAULT_CA_BUNDLE_PATH if verify is True else verify
            if not os.path.exists(place):
                raise OSError(f"there is no bundle of certificates at {place}")
            context = create_urllib3_context()
            context.sslsocket_class = _SecureSocket
            folder = os.path.isdir(place)
            context.load_verify_locations(*((None, place) if folder else (place, None)))
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
            url = url[len(_origin_text(url)) :] or "/"
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


def _origin_text(url: str) -> str:
    """The scheme and authority of an absolute URL, as they are written."""
    end = url.find("/", 8)
    return url if end < 0 else url[:end]


# -- what was opened ---------------------------------------------------------------


class Opened:
    """A reply whose headers are here and whose body is still on the wire."""

    def __init__(
        self, response: requests.Response, lease: Lease, where: str, url: str
    ) -> None:
        # Only raw is kept: the response knows the request, and that holds the key.
        self._raw = raw = response.raw
        self._coded = True
        content: Any = getattr(response, "_content", False)
        if content is not False:
            # A hook or an adapter of the user's has read and decoded it already.
            self._raw, self._coded = io.BytesIO(content or b""), False
        lease.adopt(getattr(raw, "connection", None))
        source = getattr(raw, "_original_response", None)
        self._source = source if isinstance(source, _Response) and source.fp else None
        self._pieces = self._source.pieces() if self._source else _pieces(self._raw)
        self.headers: Headers = response.headers  # type: ignore[assignment]
        if not isinstance(self.headers, Headers):
            self.headers = _headers_of(raw, response.headers)
        self.status_code = int(response.status_code)
        self.url = url
        self.on_close: Callable[[], None] | None = None
        self._lease = lease
        self._where = where

    def chunks(self) -> Iterator[bytes]:
        """The decoded body as it arrives, at most 1 MiB a piece.

        :raises APIConnectionError: where it breaks off before its end.
        :raises DecodeError: where it is not what its Content-Encoding says.
        """
        failure: SpecwireError
        try:
            decode = self._decoding()
            for data in self._pieces:
                if self._lease.ended is not None:
                    break  # what the system had received already is not waited for
                if decode is None:
                    yield data
                else:
                    yield from decode.feed(data)
            if self._lease.ended is None:
                if decode is not None:
                    decode.end()
                self._give_back()
                return
            failure = stopped(self._where, self._lease)
        except DecodingError as error:
            failure = decoding_error(self._where, error, self)
        except (AttributeError, *_FAILURES) as error:
            failure = connection_error(self._where, error, self._lease, self.url)
        self.close()
        failure.request_id = request_id_of(self.headers)
        raise failure

    def _decoding(self) -> Any:
        # Not in the reader's frame, which errors hold: a header may repeat the key.
        coding = self.headers.lower.get("content-encoding")
        return decoder(coding) if coding and self._coded else None

    def read(self, limit: int) -> bytes | None:
        """The whole body, or ``None`` where it is longer than ``limit`` bytes."""
        parts: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                self.close()
                return None
            parts.append(chunk)
        return b"".join(parts)

    def read_error(self, limit: int) -> bytes:
        """What can be had of an error's body: its status matters more than its end.

        :raises CancelledError: the one failure that does.
        """
        parts: list[bytes] = []
        try:
            for chunk in self.chunks():
                parts.append(chunk)
                limit -= len(chunk)
                if limit < 0:
                    self.close()
                    break
        except (APIConnectionError, DecodeError):
            pass
        return b"".join(parts)

    def hurry(self, seconds: float) -> None:
        """Let no further read of the body take longer than ``seconds``."""
        self._lease.hurry(seconds)

    def drain(self) -> None:
        """Read the little that may follow the end, if it is here; wait for nothing."""
        self._lease.hurry(_DRAIN_S)
        stop = time.monotonic() + _DRAIN_S
        try:
            for _ in self._pieces:
                if time.monotonic() >= stop:
                    break
            else:
                self._give_back()
        except (AttributeError, *_FAILURES):
            pass

    def _give_back(self) -> None:
        """The body was read to its end: the connection is the next call's."""
        if self._source is not None and self._source.will_close:
            self._raw.close()
        if hasattr(self._raw, "release_conn"):
            self._raw.release_conn()

    def close(self) -> None:
        """Give the connection up, unless the body was read to its end.

        A thread that waits for more of the body wakes at once.
        """
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close()
        if getattr(self._raw, "connection", None) is not None:
            self._lease.end("cancelled")
        self.leave()

    def leave(self) -> None:
        """Read no more of this reply; its call may go on."""
        raw = self._raw
        try:
            # An unread rest would be the next call's answer: close, do not reuse.
            raw.close()
            raw.release_conn()
        except (AttributeError, *_FAILURES):
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


class Session:
    """The connections of one client."""

    def __init__(self, session: requests.Session | None = None) -> None:
        self._own = session is None
        self._session = session if session is not None else _Session()
        self._pid = os.getpid()
        self._settings: dict[Any, Mapping[str, Any]] = {}

    def send(
        self,
        request: Request,
        credential: Credential,
        lease: Lease,
        *,
        where: str,
        connect_s: float | None,
        read_s: float | None,
    ) -> Opened:
        """Send ``request`` and return as soon as the headers of the reply are here.

        :raises APIConnectionError: where no reply came.
        """
        self._after_fork()
        url, method = request.url, request.method
        for _ in range(_MAX_HOPS):
            prepared = _prepared(request, method, url, credential)
            failure: SpecwireError | None = None
            _current.lease, _current.url, _current.hidden = lease, url, ""
            try:
                response = self._session.send(
                    prepared,
                    stream=True,
                    timeout=(connect_s, read_s),
                    allow_redirects=False,
                    **self._environment(url),
                )
            except SpecwireError as error:
                # The request's body could not be read. Frames of requests hold the key.
                failure = error.with_traceback(None)
            except _FAILURES as error:
                failure = connection_error(where, error, lease, url)
            finally:
                _current.lease, _current.hidden = None, ""
                del prepared  # it holds the key, and a traceback would hold it
            if failure is not None:
                raise failure
            opened = Opened(response, lease, where, url)
            del response
            target = (
                followed(opened.status_code, opened.headers, method, url)
                if 300 <= opened.status_code < 400
                else None
            )
            if target is None:
                return opened
            opened.leave()
            url, method = target
            if hasattr(request.body, "rewind"):
                request.body.rewind()
        raise APIConnectionError(
            f"{where}: more than {_MAX_HOPS} redirects", retryable=False, started=False
        )

    def close(self) -> None:
        self._session.close()

    def _after_fork(self) -> None:
        """A child never touches its parent's connections."""
        if self._pid != os.getpid():
            if self._own:
                self._session = _Session()
            else:
                self._session.close()
            # Last: until then the child's other threads come here too.
            self._pid = os.getpid()

    def _environment(self, url: str) -> Mapping[str, Any]:
        """Proxies and certificates for ``url``: the session's and the environment's."""
        key = _origin_text(url)
        found = self._settings.get(key)
        if found is None:
            merged = self._session.merge_environment_settings(url, {}, True, None, None)
            found = {k: merged[k] for k in ("proxies", "verify", "cert")}
            self._settings = {**self._settings, key: found}
        return found


class _Sent(CaseInsensitiveDict[str]):
    """Headers to send, made and copied (by urllib3) at once and not one by one."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._store = {name.lower(): (name, headers[name]) for name in headers}

    def copy(self) -> Any:
        return dict(self._store.values())


def _prepared(
    request: Request, method: str, url: str, credential: Credential
) -> requests.PreparedRequest:
    """``request`` as requests sends it, with the key put on."""
    headers = _Sent(request.headers)
    headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)
    query: dict[str, str] = {}
    sign = credential(headers, query)
    prepared = requests.PreparedRequest()
    prepared.method = method
    prepared.url = with_query(url, query_string(query.items())) if query else url
    prepared.headers = headers
    prepared._cookies = _no_cookies  # type: ignore[attr-defined]
    prepared.body = request.body
    body = request.body
    length = len(body) if isinstance(body, bytes) else getattr(body, "length", None)
    if length is not None:
        headers["Content-Length"] = str(length)
    elif body is not None:
        headers["Transfer-Encoding"] = "chunked"
    elif method in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = "0"
    if sign is not None:
        sign(prepared)
    return prepared
