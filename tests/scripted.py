"""A loopback server that plays a script, for tests at the level of bytes.

Each entry of the script answers one request: bytes to send, or a function
``(connection, request) -> None`` that does as it likes. Every request is recorded.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any


class Received:
    """One request as it came."""

    def __init__(self, head: bytes, body: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        self.head = head
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


Step = bytes | Callable[[socket.socket, Received], None]


def reply(
    status: int = 200,
    body: bytes | dict[str, Any] | list[Any] | str = b"",
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> bytes:
    """A whole HTTP/1.1 reply with a Content-Length."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    elif isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {content_type}"]
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*pieces: bytes, end: bool = True, headers: str = "") -> bytes:
    """A chunked event stream of ``pieces``; without ``end`` it just stops."""
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        f"Transfer-Encoding: chunked\r\n{headers}\r\n"
    ).encode()
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + body + (b"0\r\n\r\n" if end else b"")


class ScriptedServer:
    """Plays ``script``; ``received`` lists what came, ``connections`` how often."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.received: list[Received] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(conn)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, ValueError),
            conn,
            conn.makefile("rb") as file,
        ):
            while (request := _read(file)) is not None:
                with self._lock:
                    self.received.append(request)
                    if not self.script:
                        return
                    step = self.script.pop(0)
                if callable(step):
                    step(conn, request)
                    return
                conn.sendall(step)
                if b"connection: close" in step.lower():
                    return
                if b"content-length" not in step.lower() and not step.endswith(
                    b"0\r\n\r\n"
                ):
                    return

    def close(self) -> None:
        self._listener.close()
        with self._lock:
            for conn in self._open:
                with contextlib.suppress(OSError):
                    conn.shutdown(socket.SHUT_RDWR)
                conn.close()


def _read(file: Any) -> Received | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = file.readline()
        if not line:
            return None
        head += line
    received = Received(head[:-4], b"")
    if received.headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(file.readline().split(b";")[0], 16):
            body += file.read(size)
            file.readline()
        file.readline()
        received.body = body
    else:
        received.body = file.read(int(received.headers.get("content-length", 0)))
    return received


@contextlib.contextmanager
def serving(*script: Step) -> Iterator[ScriptedServer]:
    """A :class:`ScriptedServer` for the length of a ``with``."""
    server = ScriptedServer(*script)
    try:
        yield server
    finally:
        server.close()
