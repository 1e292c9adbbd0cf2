"""From a transport's exception to an error of ours: class, facts, harmless text.

The exceptions of HTTP libraries hold the request with its key, and so do the frames of
their tracebacks; the cause that is kept is a bare copy of the innermost system error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import (
    APIConnectionError,
    APITimeoutError,
    CancelledError,
    DecodeError,
    SpecwireError,
    shortened,
)
from .framing import FramingError
from .wire import origin

if TYPE_CHECKING:
    from .decoding import DecodingError
    from .lease import Arriving, Lease

_CONNECTING = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeout",
    "ConnectTimeoutError",
    # aiohttp's
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ClientHttpProxyError",
    "ClientProxyConnectionError",
    "ConnectionTimeoutError",
)
_TIMEOUTS = (
    "ConnectTimeout",
    "ReadTimeout",
    "ReadTimeoutError",
    "ConnectTimeoutError",
    "ConnectionTimeoutError",
    "SocketTimeoutError",
    "TimeoutError",  # asyncio's is one of its own on Python 3.10
)
_TRANSIENT_TLS = ("SSLEOFError", "SSLZeroReturnError")
_HUNG_UP = ("RemoteDisconnected", "ServerDisconnectedError")
_ENDED_EARLY = (
    "IncompleteRead",
    "InvalidChunkLength",
    "ClientPayloadError",
    "TransferEncodingError",
)
_OF_ASYNCIO = ("Connect call failed", "Multiple exceptions")
_NAMES_OF_INPUT = (
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidProxyURL",
    "InvalidSchema",
    "LocationParseError",
)


def connection_error(
    where: str, error: BaseException, lease: Lease, url: str
) -> SpecwireError:
    """What ``error``, raised by the HTTP library, is to the caller."""
    import ssl  # here: a client that makes no call does without

    if lease.ended is not None:
        return stopped(where, lease)
    chain = list(_chain(error))
    # By exact name: urllib3's refused connection is a kind of its time-out.
    names = {type(e).__name__ for e in chain}
    connecting = not lease.sent and not names.isdisjoint(_CONNECTING)
    # The last one: what aiohttp makes of it is a kind of it that says nothing.
    tls = next((e for e in reversed(chain) if isinstance(e, ssl.SSLError)), None)
    place = _place(url)
    if not names.isdisjoint(_TIMEOUTS) or any(
        isinstance(e, TimeoutError) for e in chain
    ):
        doing = "connecting to" if connecting else "waiting for"
        result: SpecwireError = APITimeoutError(
            f"{where}: time ran out {doing} {place}", started=not connecting
        )
    elif tls is not None and not lease.sent:
        result = APIConnectionError(
            f"{where}: no secure connection to {place}: {_reason(tls)}",
            retryable=type(tls).__name__ in _TRANSIENT_TLS,
            started=False,
        )
    elif type(error) is OSError and error.errno is None:
        # requests says so of a certificate file that is not there.
        result = APIConnectionError(
            f"{where}: {shortened(str(error))}", retryable=False, started=False
        )
    elif not names.isdisjoint(_NAMES_OF_INPUT):
        result = APIConnectionError(
            f"{where}: {place} cannot be asked: the URL or a header is not valid",
            retryable=False,
            started=False,
        )
    else:
        doing = "no connection to" if connecting else "the connection broke off:"
        result = APIConnectionError(
            f"{where}: {doing} {place}: {_what(chain, names)}",
            started=not connecting,
        )
    result.__cause__ = _bare(_innermost(chain))
    return result


def stopped(where: str, lease: Lease) -> SpecwireError:
    """The error of a call that we ended ourselves."""
    if lease.ended == "cancelled":
        return CancelledError(f"{where}: the call was cancelled, or its client closed")
    if lease.ended != "deadline":
        from .cancelling import cancelled

        return cancelled(where, lease.ended)
    return APITimeoutError(
        f"{where}: no complete answer within the time limit (timeout.{lease.of})",
        retryable=lease.of == "attempt",
        started=lease.sent,
    )


def decoding_error(where: str, error: DecodingError, opened: Arriving) -> DecodeError:
    """The error of a body that is not what its Content-Encoding says."""
    return DecodeError(
        f"{where}: {error} (status {opened.status_code})",
        status_code=opened.status_code,
        content_type=opened.headers.get("content-type", ""),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what it was made from, from the outside in."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [*current.args, getattr(current, "reason", None)]
        waiting += [current.__cause__, current.__context__]


def _innermost(chain: list[BaseException]) -> BaseException:
    """The system's own error where there is one, else the last of the chain."""
    system = [e for e in chain if isinstance(e, OSError) and e.errno is not None]
    return system[-1] if system else chain[-1]


def _what(chain: list[BaseException], names: set[str]) -> str:
    """What broke the connection."""
    if not names.isdisjoint(_HUNG_UP):
        return "the server hung up without an answer"
    if not names.isdisjoint(_ENDED_EARLY):
        return "the reply ended early"
    odd = next((e for e in chain if isinstance(e, FramingError)), None)
    if odd is not None:
        return f"the reply cannot be read: {odd}"
    return _reason(_innermost(chain))


def _reason(error: BaseException) -> str:
    """What happened, in words that quote nothing of the request."""
    import ssl

    name = type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate was refused ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror
        if error.errno and said.startswith(_OF_ASYNCIO):
            said = os.strerror(error.errno)
        return f"{said} ({name})"
    return name


def _bare(error: BaseException) -> BaseException | None:
    """A copy without traceback and context; only for system errors, which are plain."""
    if not isinstance(error, OSError) or not all(
        isinstance(arg, (int, str)) for arg in error.args
    ):
        return None
    try:
        return type(error)(*error.args)
    except TypeError:
        return None


def _place(url: str) -> str:
    scheme, host, port = origin(url)
    return f"{scheme}://{host}:{port}"
