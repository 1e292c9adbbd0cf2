"""The loopback server in plain Python, for machines without a C compiler.

It serves the same directory of replies as ``loopback.c`` and behaves the same, but it
is slow: it shares the machine with the client that is measured, so figures that depend
on wall time say more about this file than about the client.
"""

from __future__ import annotations

import os
import signal
import socketserver
import sys
import threading
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, NamedTuple

ZEROS = bytes(262144)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Reply(NamedTuple):
    """One route with its bytes; see ``loopback.c`` for the fields."""

    method: str
    pattern: str
    flag: str
    mode: str
    size: int
    data: bytes


def load(directory: Path, port: int) -> list[Reply]:
    """Read the table of routes and the replies it names."""
    replies = []
    for line in (directory / "routes").read_text().splitlines():
        method, pattern, flag, mode, size, file = line.split()
        data = (directory / file).read_bytes().replace(b"@PORT", b"%05d" % port)
        replies.append(Reply(method, pattern, flag, mode, int(size), data))
    return replies


def find(replies: list[Reply], method: str, path: str, body: bytes) -> Reply:
    """Give the first route that fits the request."""
    streams = b'"stream":true' in body or b'"stream": true' in body
    for reply in replies:
        same = reply.method == method and fnmatchcase(path, reply.pattern)
        if same and (streams or reply.flag != "stream"):
            return reply
    return Reply(method, path, "-", "whole", 0, NOT_FOUND)


class Handler(socketserver.StreamRequestHandler):
    """One connection with any number of requests."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client closes."""
        while request := self.rfile.readline():
            method, target = request.decode("latin-1").split()[:2]
            headers = self._headers()
            body = self._body(headers)
            replies = self.server.replies  # type: ignore[attr-defined]
            path = target.split("?")[0]
            if path == "/connections":
                count = b"%d" % self.server.accepted  # type: ignore[attr-defined]
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(count)
                self.request.sendall(head + count)
                continue
            self._send(find(replies, method, path, body))

    def _headers(self) -> dict[str, str]:
        found = {}
        while (line := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            found[name.lower()] = value.strip().lower()
        return found

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
            return b""
        left = int(headers.get("content-length", "0"))
        kept = self.rfile.read(min(left, 65536))
        left -= len(kept)
        while left:
            left -= len(self.rfile.read(min(left, 262144)))
        return kept

    def _send(self, reply: Reply) -> None:
        if reply.mode == "late":
            time.sleep(reply.size / 1000)
        if reply.mode == "pieces":
            for piece in pieces(reply.data):
                self.request.sendall(piece)
        else:
            self.request.sendall(reply.data)
        size = reply.size if reply.mode == "fill" else 0
        for start in range(0, size, len(ZEROS)):
            self.request.sendall(ZEROS[: size - start])


def pieces(data: bytes) -> list[bytes]:
    """Cut a chunked reply into its head and its chunks."""
    at = data.index(b"\r\n\r\n") + 4
    found = [data[:at]]
    while at < len(data):
        start = data.index(b"\n", at) + 1
        end = start + int(data[at:start], 16) + 2
        found.append(data[at:end])
        at = end
    return found


class Server(socketserver.ThreadingTCPServer):
    """Listens on the loopback; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 4096
    accepted = 0

    def process_request(self, request, client_address) -> None:
        """Count the connections."""
        self.accepted += 1
        super().process_request(request, client_address)


def end_when_closed(stream: BinaryIO) -> None:
    """End the process as soon as ``stream`` is closed on the other side."""
    while stream.read(65536):
        pass
    os._exit(0)


def main(arguments: list[str]) -> int:
    """Serve ``DIRECTORY`` for at most ``SECONDS``; print the port."""
    directory, seconds = Path(arguments[0]), int(arguments[1])
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
    with Server(("127.0.0.1", 0), Handler) as server:
        port = server.server_address[1]
        server.replies = load(directory, port)  # type: ignore[attr-defined]
        watcher = threading.Thread(
            target=end_when_closed, args=(sys.stdin.buffer.raw,), daemon=True
        )
        watcher.start()
        print(port, flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
