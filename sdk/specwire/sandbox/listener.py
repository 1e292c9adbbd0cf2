"""Sockets and threads: accepts on 127.0.0.1 and serves each connection in a thread.

``close`` is prompt: it wakes the accepting thread, ends every connection (a stream in
the middle, too) and waits for the threads.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

from .app import Answer, App
from .sight import Exchange, Site, Unwatched
from .values import Blob, Head, Headers
from .wire import BadRequest, Connection, Damage, Disconnected

_HOST = "127.0.0.1"
_BACKLOG = 512
_JOIN_S = 2.0
_UNREADABLE = Head("GET", "/", "HTTP/1.1", Headers())


class Listener:
    """A bound port and its connections.

    ``log`` gets a line per answered request. ``site`` sees each exchange, and answers
    the requests that are for itself, which are neither recorded nor logged.
    """

    def __init__(
        self,
        app: App,
        port: int,
        log: Callable[[str], None] | None = None,
        site: Site | None = None,
    ) -> None:
        self._app = app
        self._log = log
        self._site: Site = site or Unwatched()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(
            target=self._accept, name="specwire-sandbox", daemon=True
        )
        self._thread.start()

    def drop_connections(self) -> None:
        """Cut every open connection, idle or not; new ones are accepted."""
        with self._lock:
            sockets = list(self._connections)
        for sock in sockets:
            _shut(sock)

    def close(self) -> None:
        """Stop accepting, end all connections and wait for their threads."""
        self._stop.set()
        self._site.end()
        _wake(self.port)
        self._thread.join(_JOIN_S)
        self._socket.close()
        with self._lock:
            threads = list(self._connections.values())
        self.drop_connections()
        end = time.monotonic() + _JOIN_S
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._socket.accept()
            except OSError:
                # Out of descriptors, or a peer that left again: neither ends the
                # server, and the pause keeps the loop from spinning.
                if self._stop.wait(0.05):
                    return
                continue
            if self._stop.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self._lock:
                self._connections[sock] = thread
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            connection = Connection(sock, self._pause)
            while not self._stop.is_set() and self._exchange(connection):
                pass
        except (OSError, Disconnected):
            pass  # the peer left, or close() ended the connection
        finally:
            _shut(sock)
            sock.close()
            with self._lock:
                self._connections.pop(sock, None)

    def _exchange(self, connection: Connection) -> bool:
        """One request and its answer. True: the connection may carry another."""
        head = _UNREADABLE
        try:
            found = connection.read_head()
            if found is None:
                return False
            head = found
            own = self._site.body_limit(head)
            limit = self._app.body_limit(head) if own is None else own
            body = connection.read_body(head, limit)
        except BadRequest as bad:
            with self._site.exchange(head, b"") as exchange:
                refused = self._app.refuse(head, bad.status, bad.message)
                self._write(connection, head, refused, exchange, keep_alive=False)
            connection.linger()
            return False
        keep_alive = _keeps_alive(head)
        if own is not None:
            return self._show(connection, head, body, keep_alive=keep_alive)
        with self._site.exchange(head, body) as exchange:
            answer = self._app.answer(head, body)
            return self._write(
                connection, head, answer, exchange, keep_alive=keep_alive
            )

    def _write(
        self,
        connection: Connection,
        head: Head,
        answer: Answer,
        exchange: Exchange,
        *,
        keep_alive: bool,
    ) -> bool:
        exchange.answered(answer)
        self._tell(head, answer.response.status)
        if answer.latency_s and not self._pause(answer.latency_s):
            return False
        exchange.begun()
        return connection.write(
            answer.response,
            head,
            answer.damage,
            keep_alive=keep_alive,
            sent=exchange.sent,
        )

    def _show(
        self, connection: Connection, head: Head, body: Blob, *, keep_alive: bool
    ) -> bool:
        """Answer what is for the site itself; its stream ends when the peer leaves."""
        response = self._site.answer(head, body)
        try:
            return connection.write(response, head, Damage(), keep_alive=keep_alive)
        finally:
            close = getattr(response.events, "close", None)
            if close is not None:
                close()

    def _pause(self, seconds: float) -> bool:
        return not self._stop.wait(seconds)

    def _tell(self, head: Head, status: int) -> None:
        if self._log is not None:
            self._log(f"{head.method} {head.path} {status}")


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port whose last connections are in TIME_WAIT can be had at once; on
            # Windows the option would let two servers share the port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((_HOST, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise OSError(
            error.errno, error.strerror, f"{_HOST}:{port} (port 0 is any free one)"
        ) from error
    return sock


def _keeps_alive(head: Head) -> bool:
    options = head.headers.get("connection", "").lower()
    if head.version == "HTTP/1.0":
        return "keep-alive" in options
    return "close" not in options


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already


def _wake(port: int) -> None:
    # accept() cannot be interrupted portably; a connection ends it everywhere.
    try:
        socket.create_connection((_HOST, port), timeout=1).close()
    except OSError:
        pass
