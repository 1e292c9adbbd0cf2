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
import http.cookiejar
import io
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection

from .auth import Credential
from .decoding import ACCEPT_ENCODING, DecodingError, decoder
from .errors import APIConnectionError, DecodeError, SpecwireError
from .failures import connection_error, decoding_error, stopped
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
_current = threading.local()


# -- connections that tell the call which socket it is on --------------------------


class _Head:
    """The head of a reply; the standard library takes its cut for its end."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        if line[-1:] != b"\n" and len(line) < limit:
            raise http.client.RemoteDisconnected("the head of the reply was cut")
        return line

    def close(self) -> None:
        self._file.close()


class _Response(http.client.HTTPResponse):
    """Skips interim replies, which the standard library takes for the answer."""

    def begin(self) -> None:
        file: Any = self.fp
        self.fp = _Head(file)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = file

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 102 <= status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Tracked:
    """Hands its socket to the lease of the thread that is using it."""

    lease: Lease | None = None
    sock: Any
    response_class: type[http.client.HTTPResponse] = _Response

    def _new_conn(self) -> Any:
        sock = super()._new_conn()  # type: ignore[misc]
        lease = getattr(_current, "lease", None)
        if lease is not None:
            lease.attach(self, sock)
        return sock

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        lease = getattr(_current, "lease", None)
        if lease is not None:
            url += _current.hidden
            if self.sock is None:
                self.connect()  # type: ignore[attr-defined]
            lease.attach(self, self.sock)
            # urllib3 sends under the connect limit; the write limit is another.
            self.sock.settimeout(lease.write_s)
            lease.sent = True
        return super().request(method, url, *args, **kwargs)  # type: ignore[misc]


class _HTTP(_Tracked, HTTPConnection):
    pass


class _HTTPS(_Tracked, HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS


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


class _Adapter(HTTPAdapter):
    """requests' adapter over our connections; ``send`` stays as it is, for mocks."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(
            *args, **kwargs, socket_options=_SOCKET_OPTIONS, blocksize=CHUNK
        )
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def request_url(self, request: Any, proxies: Any) -> str:
        url: str = super().request_url(request, proxies)
        # urllib3 logs the URL: a key in the query is added where it is sent.
        hidden = request.url[len(_current.url) :]
        if not hidden or not url.endswith(hidden):
            return url
        _current.hidden = hidden
        return url[: -len(hidden)]

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        # SOCKS has pools of its own; without them it would be gone round.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(requests.Session):
    """requests' session that follows nothing and keeps no cookie."""

    def __init__(self) -> None:
        super().__init__()
        adapter = _Adapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nothing: requests would read the body of a redirect, however large."""


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
        pairs: Any = getattr(raw, "headers", None)
        lower: dict[str, str] = {}
        for name, value in getattr(pairs, "iteritems", response.headers.items)():
            name = name.lower()
            lower[name] = f"{lower[name]}, {value}" if name in lower else value
        self.headers = Headers(lower)
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
        raw = self._raw
        # Adapters of the user's may hand out any file.
        read = raw.read1 if hasattr(raw, "stream") else _plain_read(raw)
        try:
            decode = self._decoding()
            while data := read(CHUNK, decode_content=False):
                if self._lease.ended is not None:
                    break  # what the system had received already is not waited for
                if decode is None:
                    yield data
                else:
                    yield from decode.feed(data)
            if self._lease.ended is None:
                if decode is not None:
                    decode.end()
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

    def drain(self) -> None:
        """Read the little that may follow the end, if it is here; wait for nothing."""
        self._lease.hurry(_DRAIN_S)
        stop = time.monotonic() + _DRAIN_S
        try:
            while self._raw.read1(CHUNK, decode_content=False):
                if time.monotonic() >= stop:
                    break
        except (AttributeError, *_FAILURES):
            pass

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


def _plain_read(raw: Any) -> Any:
    return lambda size, decode_content: raw.read(size)


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
        key = url[: url.find("/", 8)]
        found = self._settings.get(key)
        if found is None:
            merged = self._session.merge_environment_settings(url, {}, True, None, None)
            found = {k: merged[k] for k in ("proxies", "verify", "cert")}
            self._settings = {**self._settings, key: found}
        return found


def _prepared(
    request: Request, method: str, url: str, credential: Credential
) -> requests.PreparedRequest:
    """``request`` as requests sends it, with the key put on."""
    headers = CaseInsensitiveDict(request.headers)
    headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)
    query: dict[str, str] = {}
    credential(headers, query)
    prepared = requests.PreparedRequest()
    prepared.method = method
    prepared.url = with_query(url, query_string(query.items())) if query else url
    prepared.headers = headers
    prepared.hooks = default_hooks()
    prepared._cookies = requests.cookies.RequestsCookieJar()  # type: ignore[attr-defined]
    prepared.body = request.body
    body = request.body
    length = len(body) if isinstance(body, bytes) else getattr(body, "length", None)
    if length is not None:
        headers["Content-Length"] = str(length)
    elif body is not None:
        headers["Transfer-Encoding"] = "chunked"
    elif method in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = "0"
    return prepared
