"""A server that plays a script on the loopback, and keeps a log of every request.

Raw sockets, so that every byte is ours. One server has one script; it is bounded in
time by :meth:`FaultServer.close`, which every wait inside it hears.
"""

from __future__ import annotations

import contextlib
import email.utils
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from .script import (
    Close,
    Drip,
    Flood,
    Forever,
    HalfClose,
    Hold,
    Op,
    Pause,
    Reply,
    Reset,
    Script,
    Send,
)

CERTIFICATES = Path(__file__).parent / "certs"
_RST = struct.pack("ii", 1, 0)


@dataclass
class Seen:
    """One request as it came: when, on which connection, and all of its bytes."""

    at: float
    connection: int
    method: str
    target: str
    head: bytes
    body: bytes = b""
    whole: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class _Gone(Exception):
    """The connection is over."""


class FaultServer:
    """Plays ``script``; a context manager.

    :ivar log: the requests whose head arrived, in that order.
    :ivar connections: how many connections were made to it.
    :param now: the time of day its dates are reckoned from.
    :param marks: what else is filled in, such as ``{"@KEY@": ...}``.
    """

    def __init__(
        self,
        script: Script,
        *,
        now: Callable[[], float] = time.time,
        marks: dict[str, str] | None = None,
    ) -> None:
        self.script = script
        self.log: list[Seen] = []
        self.connections = 0
        self._now = now
        self._lock = threading.Lock()
        self._turns: dict[str, int] = {}
        self._open: set[socket.socket] = set()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if script.tls else 'http'}://127.0.0.1:{self.port}"
        self.marks = {"@SELF@": self.url, "@PORT@": str(self.port), **(marks or {})}
        self._context = _tls(script.tls) if script.tls else None
        self._start(self._accept)

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections; waits and floods under way stop."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._open)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def wait_requests(self, count: int, seconds: float = 5.0) -> bool:
        """Wait until so many requests have arrived."""
        return self._until(lambda: len(self.log) >= count, seconds)

    def wait_idle(self, count: int, seconds: float) -> int:
        """Wait until at most ``count`` connections are open; give how many are."""
        self._until(lambda: len(self._open) <= count, seconds)
        return len(self._open)

    def _until(self, true: Callable[[], bool], seconds: float) -> bool:
        stop = time.monotonic() + seconds
        while not true() and time.monotonic() < stop:
            self._over.wait(0.005)
        return true()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.add(sock)
            self._start(self._serve, sock, number)

    def _serve(self, sock: socket.socket, number: int) -> None:
        line = _Line(sock, self._over, self._filled)
        try:
            with contextlib.suppress(OSError, _Gone, ValueError, ssl.SSLError):
                greets = self.script.greet
                if greets:
                    line.perform(greets[min(number, len(greets)) - 1])
                if self._context is not None:
                    line.secure(self._context)
                while self._answer(line, number):
                    pass
        finally:
            with self._lock:
                self._open.discard(sock)
            line.close()

    def _answer(self, line: _Line, number: int) -> bool:
        """Read one request and play its reply; false at the connection's end."""
        top = line.read_head()
        if top is None:
            return False
        seen = _parsed(top, number)
        with self._lock:
            self.log.append(seen)
        reply = self._next(seen)
        if reply.early:
            line.perform(reply.ops, seen.path)
            return False
        seen.body = line.read_body(seen.headers)
        seen.whole = True
        line.perform(reply.ops, seen.path)
        return True

    def _next(self, seen: Seen) -> Reply:
        """The reply whose turn it is, by the longest path that fits."""
        paths = [path for path in self.script.paths if seen.path.startswith(path)]
        path = max(paths, key=len, default="")
        replies = self.script.paths[path] if path else self.script.replies
        with self._lock:
            turn = self._turns[path] = self._turns.get(path, 0) + 1
        return replies[min(turn, len(replies)) - 1]

    def _filled(self, data: bytes, path: str) -> bytes:
        if b"@" not in data:
            return data
        for mark, value in {**self.marks, "@PATH@": path}.items():
            data = data.replace(mark.encode(), value.encode())
        data = data.replace(b"@LAST@", path.rpartition("/")[2].encode())
        data = re.sub(rb"@DATE:(-?\d+)@", self._date, data)
        if b"@LENGTH@" in data:
            body = data.partition(b"\r\n\r\n")[2]
            data = data.replace(b"@LENGTH@", str(len(body)).encode())
        return data

    def _date(self, match: re.Match[bytes]) -> bytes:
        moment = self._now() + int(match[1])
        return email.utils.formatdate(moment, usegmt=True).encode()


class _Line:
    """One connection: reads requests, performs operations."""

    def __init__(
        self,
        sock: socket.socket,
        over: threading.Event,
        fill: Callable[[bytes, str], bytes],
    ) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._over = over
        self._fill = fill
        self._buffer = b""

    def secure(self, context: ssl.SSLContext) -> None:
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.close()

    def read_head(self) -> bytes | None:
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return None
        top, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return top

    def read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self._take(int(headers.get("content-length", "0")))
        body = b""
        while size := int(self._read_line(), 16):
            body += self._take(size)
            self._read_line()
        self._read_line()
        return body

    def _read_line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if not self._more():
                raise _Gone
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _take(self, size: int) -> bytes:
        parts, missing = [self._buffer[:size]], size - len(self._buffer[:size])
        self._buffer = self._buffer[size:]
        while missing:
            data = self._sock.recv(min(missing, 1 << 20))
            if not data:
                raise _Gone
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _more(self) -> bool:
        data = self._sock.recv(65536)
        self._buffer += data
        return bool(data)

    def perform(self, ops: tuple[Op, ...], path: str = "") -> None:
        for op in ops:
            self._perform(op, path)

    def _perform(self, op: Op, path: str) -> None:
        match op:
            case Send(data):
                self._sock.sendall(self._fill(data, path))
            case Drip(data, every_s, size):
                data = self._fill(data, path)
                for start in range(0, len(data), size):
                    self._sock.sendall(data[start : start + size])
                    self._wait(every_s)
            case Forever(data, every_s):
                while True:
                    self._sock.sendall(data)
                    self._wait(every_s)
            case Flood(data, times):
                for _ in range(times):
                    self._sock.sendall(data)
            case Pause(seconds):
                self._wait(seconds)
            case Hold():
                self._hold()
            case HalfClose():
                self._sock.shutdown(socket.SHUT_WR)
            case Close(plain):
                self._end(plain)
            case Reset():
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                # Not unwrapped: closing the file descriptor is what sends it.
                self._sock.close()
                raise _Gone

    def _end(self, plain: bool) -> None:
        if isinstance(self._sock, ssl.SSLSocket) and not plain:
            with contextlib.suppress(OSError):
                self._sock.settimeout(0.2)
                self._sock.unwrap()
        # Unread input would make this a reset.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_WR)
        raise _Gone

    def _wait(self, seconds: float) -> None:
        if self._over.wait(seconds) if seconds else self._over.is_set():
            raise _Gone

    def _hold(self) -> None:
        """Until the client closes its end, or the server is closed."""
        waiting = select.poll()  # select has a limit to the numbers of descriptors
        waiting.register(self._sock, select.POLLIN)
        while not self._over.is_set():
            if waiting.poll(100) and not self._more():
                break
        raise _Gone


def _parsed(top: bytes, number: int) -> Seen:
    first, *lines = top.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    seen = Seen(time.monotonic(), number, method, target, top)
    for line in lines:
        name, _, value = line.partition(":")
        seen.headers[name.lower()] = value.strip()
    return seen


def _tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context
