"""``http_client=``: what a program may hand over as its way to the network.

A ``requests.Session`` is used as it is. A client of httpx is asked for each request, so
that its proxies, mounts, transports and hooks (and ``respx``) go on working; it is
known by its methods, httpx is not imported. Settings (:mod:`specwire.compat.httpx`)
become connections of our own. Each is made to look like the little of a session of
requests that the core needs: ``send``, ``merge_environment_settings``, ``close``.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ...core import lease
from ...core.errors import APIConnectionError, RequestValidationError
from ...core.framing import FramingError
from ...core.lease import Lease
from ...core.types import UNSET
from ...core.wire import Headers
from ..httpx import Client as Settings

if TYPE_CHECKING:
    import requests

_EXPECTED: Final = (
    "http_client: expected a synchronous httpx.Client, a requests.Session or a "
    "specwire.compat.httpx.Client, got {}"
)
_BLOCK: Final = 65_536
_NO_LIMIT: Final = (None, None)


def session_of(http_client: Any) -> Any:
    """What the core may use as its session; ``None`` for its own.

    Whatever ``http_client`` is, a client can be made with it; where it cannot be used,
    the first call says what is expected.
    """
    if http_client is None or hasattr(http_client, "merge_environment_settings"):
        return http_client
    if isinstance(http_client, Settings):
        return Configured(http_client)
    asked = [getattr(http_client, name, None) for name in ("build_request", "send")]
    if all(callable(each) and not iscoroutinefunction(each) for each in asked):
        return Lent(http_client)
    return Refused(type(http_client).__name__)


def timeout_of(http_client: Any) -> Any:
    """The time-out that ``http_client`` was given; ``UNSET`` where none was.

    An ``httpx.Client`` always has one, so its five seconds count as none.
    """
    timeout = getattr(http_client, "timeout", UNSET)
    parts = [getattr(timeout, name, None) for name in ("connect", "read", "write")]
    usual = parts == [5.0] * 3 and not isinstance(http_client, Settings)
    return UNSET if usual else timeout


def DefaultHttpxClient(**options: Any) -> Any:
    """A client for ``http_client=`` with the usual limits.

    Settings, unless an option is one that only a real ``httpx.Client`` has (a
    ``transport``, ``mounts``); then it is one, where the program has imported httpx.
    """
    httpx: Any = sys.modules.get("httpx")
    try:
        return Settings(**options)
    except TypeError:
        if httpx is None:
            raise
    options.setdefault("timeout", httpx.Timeout(600.0, connect=5.0))
    options.setdefault("follow_redirects", True)
    options.setdefault("limits", httpx.Limits(max_connections=1000))
    return httpx.Client(**options)


class Refused:
    """In the place of a session that cannot be one."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def send(self, *_: Any, **__: Any) -> NoReturn:
        raise RequestValidationError(_EXPECTED.format(self._kind))

    merge_environment_settings = send

    def close(self) -> None:
        """Nothing is open."""


# -- settings ----------------------------------------------------------------------


class Configured:
    """Connections of our own with the settings of a program, made when first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Any = None
        self._making = threading.Lock()

    def send(self, request: Any, **options: Any) -> requests.Response:
        for name, value in self._settings.headers.items():
            request.headers.setdefault(name, value)
        response: requests.Response = self._made().send(request, **options)
        return response

    def merge_environment_settings(self, url: str, *_: Any) -> dict[str, Any]:
        """Proxies that are set leave none to the environment, as with httpx."""
        given = self._settings
        found: dict[str, Any] = self._made().merge_environment_settings(
            url, {}, True, None, None
        )
        if given.proxies:
            found["proxies"] = given.proxies
        if given.verify is not True:
            found["verify"] = given.verify
        found["cert"] = given.cert or found["cert"]
        own = isinstance(given.verify, ssl.SSLContext)
        password = isinstance(given.cert, (tuple, list)) and len(given.cert) > 2
        if password or (own and given.cert):  # requests has no form for these
            found["verify"], found["cert"] = _context(given), None
        return found

    def _made(self) -> Any:
        from ...core.session import POOL_SIZE, _Session

        with self._making:
            if self._session is None:
                limits = self._settings.limits
                kept = limits.max_keepalive_connections or limits.max_connections
                self._session = _Session(kept or POOL_SIZE)
                self._session.trust_env = self._settings.trust_env
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


def _context(settings: Settings) -> ssl.SSLContext:
    """TLS settings with a client's certificate that requests has no form for."""
    verify: Any = settings.verify
    cert: Any = settings.cert
    context = verify if isinstance(verify, ssl.SSLContext) else None
    if context is None:
        context = ssl.create_default_context()
        if verify is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif verify is not True:
            place = os.fspath(verify)
            folder = os.path.isdir(place)
            context.load_verify_locations(*((None, place) if folder else (place, None)))
    context.load_cert_chain(*(cert if isinstance(cert, (tuple, list)) else (cert,)))
    return context


# -- a client of httpx -------------------------------------------------------------


class Lent:
    """A client of the program's, asked for each request."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._pid = os.getpid()

    def send(
        self, request: Any, *, timeout: tuple[Any, Any] = _NO_LIMIT, **_: Any
    ) -> Reply:
        """The reply's head; its body is read as it arrives.

        :raises OSError: of a class whose name says what happened, as the core reads it.
        """
        from ...core.session import _current

        self._check()
        connect, read = timeout
        write = _current.lease.write_s if _current.lease is not None else read
        try:
            asked = self._client.build_request(
                request.method,
                request.url,
                headers=dict(request.headers.items()),
                content=_content(request.body),
                timeout=(connect, read, write, read),
            )
            response = self._client.send(asked, stream=True, follow_redirects=False)
        except Exception as error:
            failure = translated(error)
            if failure is None:
                raise  # a mock's own, or a hook's
            raise failure from error
        return Reply(response)

    def _check(self) -> None:
        """:raises APIConnectionError: where the client is of no use any more."""
        if self._pid != os.getpid():
            told = "belongs to the process that made it; make one after the fork"
        elif getattr(self._client, "is_closed", False):
            told = "is closed; make a new one"
        else:
            return
        raise APIConnectionError(
            f"the httpx.Client given as http_client {told}",
            retryable=False,
            started=False,
        )

    def merge_environment_settings(self, *_: Any) -> dict[str, Any]:
        """Proxies and certificates are the client's own."""
        return {"proxies": {}, "verify": True, "cert": None}

    def close(self) -> None:
        if self._pid == os.getpid():
            self._client.close()


def _content(body: Any) -> Any:
    if body is None or isinstance(body, (bytes, str)):
        return body
    return iter(lambda: body.read(_BLOCK), b"")


class Reply:
    """The head of a reply, as the core looks at one of requests'."""

    def __init__(self, response: Any) -> None:
        self.status_code = response.status_code
        self.headers = Headers.of(response.headers.multi_items())
        self.raw = Body(response)
        if response.is_stream_consumed or response.is_closed:
            # A hook of the program's has read it, or a mock had it at hand: decoded.
            self._content = response.content


class _Connection:
    """The socket of a reply, for the core to end a call in time."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.lease: Any = None


class Body:
    """What is left of a reply on the wire, as a file."""

    headers = None

    def __init__(self, response: Any) -> None:
        self._response = response
        self._chunks: Iterator[bytes] | None = None
        stream = response.extensions.get("network_stream")
        sock = stream.get_extra_info("socket") if stream is not None else None
        self.connection = _Connection(sock) if sock is not None else None
        self._usual_s = sock.gettimeout() if sock is not None else None

    def read(self, _: int) -> bytes:
        """The next piece as it arrived; empty at the end."""
        if self._chunks is None:
            self._chunks = filter(None, self._response.iter_raw())
        with self._in_time() as guard:
            try:
                chunk = next(self._chunks, b"")
            except Exception as error:
                failure = translated(error)
                if failure is None:
                    raise
                raise (ReadTimeout() if guard.ended else failure) from error
        if not chunk:
            self._done()
        return chunk

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[Lease]:
        """Holds for one read the limit that the core has set on the socket.

        httpx sets its own again before it reads.
        """
        guard = Lease()
        sock = self.connection.sock if self.connection is not None else None
        limit = sock.gettimeout() if sock is not None else None
        if limit is None or limit == self._usual_s:
            yield guard
            return
        guard.deadline = time.monotonic() + limit
        guard.attach(_Connection(sock), sock)
        lease.watchdog.watch(guard)
        try:
            yield guard
        finally:
            lease.watchdog.forget(guard)

    def _done(self) -> None:
        # The connection is the next call's; nothing of this one may cut it.
        if self.connection is not None:
            self.connection.lease = None
            self.connection = None

    def close(self) -> None:
        """Give the connection up unless the body was read to its end."""
        try:
            self._response.close()
        except Exception as error:
            if translated(error) is None:
                raise


# -- its failures ------------------------------------------------------------------

# The core knows failures by the names that requests and urllib3 gave them.


class NewConnectionError(OSError):
    """No connection was made."""


class ConnectTimeout(TimeoutError):
    """No connection was made in time."""


class ReadTimeout(TimeoutError):
    """There was one, and then time ran out."""


class BrokenConnection(OSError):
    """There was one, and it broke."""


class RemoteDisconnected(BrokenConnection):
    """The server hung up."""


class IncompleteRead(BrokenConnection):
    """The body ended before its end."""


class InvalidURL(ValueError):
    """The request cannot be sent at all."""


_FAILURES: Final[dict[str, type[Exception]]] = {
    "ConnectTimeout": ConnectTimeout,
    "PoolTimeout": ConnectTimeout,
    "TimeoutException": ReadTimeout,
    "ConnectError": NewConnectionError,
    "ProxyError": NewConnectionError,
    "UnsupportedProtocol": InvalidURL,
    "LocalProtocolError": InvalidURL,
    "InvalidURL": InvalidURL,
    "StreamError": IncompleteRead,
    "RequestError": BrokenConnection,
}


def translated(error: Exception) -> Exception | None:
    """What ``error``, of httpx, is to the core; ``None`` where it is none of httpx."""
    if type(error).__name__ == "RemoteProtocolError":
        return _of_protocol(str(error))
    for base in type(error).__mro__:
        if base.__name__ in _FAILURES:
            return _FAILURES[base.__name__]()
    return None


def _of_protocol(told: str) -> Exception:
    if "message body" in told:
        return IncompleteRead()
    return RemoteDisconnected() if "disconnected" in told else FramingError("not HTTP")
