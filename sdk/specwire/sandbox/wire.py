"""HTTP/1.1 on a socket, server side (RFC 9112): requests in, responses out.

Knows framing only: no paths, no services. It reads bodies of known length and chunked
ones, answers ``Expect: 100-continue``, keeps connections alive, and can write a
response badly on purpose (:class:`Damage`).
"""

from __future__ import annotations

import mmap
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import attrs

from .values import Blob, Head, Headers, Response, Slice

_HEAD_LIMIT = 65536
_IN_MEMORY = 1 << 20
_BLOCK = 65536
_REASONS = {status.value: status.phrase for status in HTTPStatus} | {529: "Overloaded"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class BadRequest(Exception):
    """The bytes are not a request that can be answered normally; close afterwards."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Disconnected(Exception):
    """The peer went away, or the connection is cut on purpose."""


@attrs.frozen
class Damage:
    """How to spoil a response.

    ``cut_after``: cut the connection after so many body bytes; ``drip_s``: seconds
    between single body bytes; ``drop``: cut it before the first byte of the answer.
    """

    cut_after: int | None = None
    drip_s: float = 0.0
    drop: bool = False


class Connection:
    """One accepted socket. ``pause(seconds)`` is false once the server is closing."""

    def __init__(self, sock: socket.socket, pause: Callable[[float], bool]) -> None:
        self._sock = sock
        self._pause = pause
        self._buffer = bytearray()

    # -- reading ---------------------------------------------------------------------

    def read_head(self) -> Head | None:
        """The next request's head, or ``None`` where the peer closed in between."""
        while self._buffer[:2] == b"\r\n":  # RFC 9112, 2.2: skip empty lines
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise BadRequest(431, "the request's headers exceed 64 KiB")
            if not self._receive():
                return None
            end = self._buffer.find(b"\r\n\r\n")
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        return _parse_head(head.lstrip(b"\r\n"))

    def read_body(self, head: Head, limit: int) -> Blob:
        """The body; above 1 MiB it lies in a temporary file.

        :raises BadRequest: 413 above ``limit``, as soon as that is known.
        """
        encoding = head.headers.get("transfer-encoding", "").strip().lower()
        length = _content_length(head, encoding)
        if length > limit:
            raise BadRequest(413, f"the body's {length} bytes exceed {limit}")
        if not encoding and not length:
            return b""
        if head.headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        pieces = self._chunks() if encoding else self._exactly(length)
        return _collect(pieces, limit)

    def _receive(self) -> bool:
        data = self._sock.recv(_BLOCK)
        self._buffer += data
        return bool(data)

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._buffer and not self._receive():
                raise Disconnected("the peer closed in the middle of a body")
            piece = bytes(self._buffer[:size])
            del self._buffer[: len(piece)]
            size -= len(piece)
            yield piece

    def _line(self) -> bytes:
        end = self._buffer.find(b"\r\n")
        while end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise BadRequest(400, "a line of a chunked body exceeds 64 KiB")
            if not self._receive():
                raise Disconnected("the peer closed in the middle of a chunked body")
            end = self._buffer.find(b"\r\n")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _chunks(self) -> Iterator[bytes]:
        while True:
            text = self._line().partition(b";")[0].strip()
            if not text or text.strip(b"0123456789abcdefABCDEF"):
                raise BadRequest(400, f"chunk size {text[:20]!r} is not hexadecimal")
            size = int(text, 16)
            if not size:
                break
            yield from self._exactly(size)
            if self._line():
                raise BadRequest(400, "a chunk is longer than its size says")
        while self._line():  # trailers are allowed and not used
            pass

    # -- writing ---------------------------------------------------------------------

    def write(
        self,
        response: Response,
        head: Head,
        damage: Damage,
        *,
        keep_alive: bool,
        sent: Callable[[bytes], None] | None = None,
    ) -> bool:
        """Send ``response``, and tell ``sent`` each piece of the body.

        True: the connection may carry another request."""
        if damage.drop:
            return False
        chunked = response.events is not None and head.version == "HTTP/1.1"
        if response.events is not None and not chunked:
            keep_alive = False
        lines = _head_bytes(response, chunked=chunked, keep_alive=keep_alive)
        if head.method == "HEAD":
            self._sock.sendall(lines)
            return keep_alive
        pieces = _damaged(_pieces(response), damage)
        for piece in pieces:
            if isinstance(piece, _Cut):
                self._sock.sendall(lines)
                return False
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
            self._sock.sendall(lines + framed)
            lines = b""
            if sent is not None:
                sent(piece)
            if damage.drip_s and not self._pause(damage.drip_s):
                return False
        self._sock.sendall(lines + (b"0\r\n\r\n" if chunked else b""))
        return keep_alive

    def linger(self, seconds: float = 1.0) -> None:
        """Let the peer read an early answer before the socket goes.

        Closing with unread bytes in the receive buffer resets the connection, and
        the peer would lose the answer it is about to read (RFC 9112, 9.6).
        """
        end = time.monotonic() + seconds
        try:
            self._sock.shutdown(socket.SHUT_WR)
            self._sock.settimeout(seconds)
            while time.monotonic() < end and self._sock.recv(_BLOCK):
                pass
        except OSError:
            pass


class _Cut:
    """Marks the place where the connection is cut."""


def _parse_head(data: bytes) -> Head:
    lines = data.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest(400, f"request line {lines[0][:80]!r} is not HTTP/1.x")
    pairs = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(400, f"header line {name[:40]!r} is malformed")
        pairs.append((name, value.strip(" \t")))
    headers = Headers(pairs)
    if parts[2] == "HTTP/1.1" and "host" not in headers:
        raise BadRequest(400, "the Host header is missing")
    return Head(parts[0], parts[1], parts[2], headers)


def _content_length(head: Head, encoding: str) -> int:
    text = head.headers.get("content-length", "")
    if encoding:
        # Both framings at once is how requests are smuggled (RFC 9112, 6.1).
        if text:
            raise BadRequest(400, "Content-Length beside Transfer-Encoding")
        if encoding != "chunked":
            raise BadRequest(501, f"Transfer-Encoding {encoding!r} is not supported")
        return 0
    if text and not (text.isascii() and text.isdigit()):
        raise BadRequest(400, f"Content-Length {text[:20]!r} is not a number")
    return int(text or 0)


def _collect(pieces: Iterator[bytes], limit: int) -> Blob:
    memory = bytearray()
    file: Any = None
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise BadRequest(413, f"the body exceeds {limit} bytes")
        if file is None and size > _IN_MEMORY:
            file = tempfile.TemporaryFile()  # noqa: SIM115 (the map keeps it)
            file.write(memory)
        if file is None:
            memory += piece
        else:
            file.write(piece)
    if file is None:
        return bytes(memory)
    with file:
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _head_bytes(response: Response, *, chunked: bool, keep_alive: bool) -> bytes:
    headers = list(response.headers)
    headers.append(("date", _http_date(time.time())))
    if response.status != 204:
        headers.append(("content-type", response.content_type))
    if chunked:
        headers.append(("transfer-encoding", "chunked"))
    elif response.events is None and response.status != 204:
        body = response.body
        size = body.size if isinstance(body, Slice) else len(body)
        headers.append(("content-length", str(size)))
    if not keep_alive:
        headers.append(("connection", "close"))
    reason = _REASONS.get(response.status, "Status")
    head = f"HTTP/1.1 {response.status} {reason}\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in headers
    )
    return head.encode("latin-1", "replace") + b"\r\n"


def _http_date(at: float) -> str:
    now = time.gmtime(at)
    day, month = _DAYS[now.tm_wday], _MONTHS[now.tm_mon - 1]
    clock = f"{now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02}"
    return f"{day}, {now.tm_mday:02} {month} {now.tm_year} {clock} GMT"


def _pieces(response: Response) -> Iterator[bytes]:
    if response.events is not None:
        yield from response.events
    elif isinstance(response.body, Slice):
        yield from response.body.pieces()
    elif response.body:
        yield response.body


def _damaged(pieces: Iterator[bytes], damage: Damage) -> Iterator[bytes | _Cut]:
    left = damage.cut_after
    for piece in pieces:
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        if damage.drip_s:
            yield from (piece[at : at + 1] for at in range(len(piece)))
        elif piece:
            yield piece
        if left == 0:
            break
    if left is not None:
        yield _Cut()
