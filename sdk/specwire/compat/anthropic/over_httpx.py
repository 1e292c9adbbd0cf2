"""A client of httpx in the place of a session: it is asked for each request.

It is known by its methods, and its exceptions by their names: httpx is not imported.
What the core does with a socket (a deadline, an end from another thread) it does with
the one that httpx shows beside a reply.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any, Final

from ...core import lease
from ...core.errors import APIConnectionError, SpecwireError
from ...core.framing import FramingError
from ...core.lease import Lease
from ...core.wire import Headers

_BLOCK: Final = 65_536
_NO_LIMIT: Final = (None, None)


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

        usable(self._client, self._pid)
        connect, read = timeout
        write = _current.lease.write_s if _current.lease is not None else read
        body = _content(request.body)
        with translating():
            asked = asked_of(self._client, request, body, connect, read, write)
            response = self._client.send(asked, stream=True, follow_redirects=False)
        return Reply(response)

    def merge_environment_settings(self, *_: Any) -> dict[str, Any]:
        """Proxies and certificates are the client's own."""
        return {"proxies": {}, "verify": True, "cert": None}

    def close(self) -> None:
        if self._pid == os.getpid():
            self._client.close()


def usable(client: Any, pid: int) -> None:
    """Look whether ``client``, made by process ``pid``, can be asked.

    :raises APIConnectionError: where it is of no use any more.
    """
    if pid != os.getpid():
        told = "belongs to the process that made it; make one after the fork"
    elif getattr(client, "is_closed", False):
        told = "is closed; make a new one"
    else:
        return
    kind = "AsyncClient" if iscoroutinefunction(client.send) else "Client"
    raise APIConnectionError(
        f"the httpx.{kind} given as http_client {told}", retryable=False, started=False
    )


def asked_of(
    client: Any, request: Any, body: Any, connect: Any, read: Any, write: Any
) -> Any:
    """``request``, of another library's, as one of ``client``."""
    return client.build_request(
        request.method,
        request.url,
        headers=dict(request.headers.items()),
        content=body,
        timeout=(connect, read, write, read),
    )


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
        with self._in_time() as guard, translating(guard):
            chunk = next(self._chunks, b"")
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


@contextlib.contextmanager
def translating(guard: Lease | None = None) -> Iterator[None]:
    """Failures of httpx become the core's; a mock's own and a hook's stay.

    :param guard: what has ended is late, whatever httpx makes of it.
    """
    try:
        yield
    except Exception as error:
        failure = translated(error)
        if failure is None:
            raise
        raise (ReadTimeout() if guard and guard.ended else failure) from error


def translated(error: Exception) -> Exception | None:
    """What ``error``, of httpx, is to the core; ``None`` where it is none of httpx."""
    if isinstance(error, SpecwireError):
        return None  # a body that could not be read says so itself
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
