"""Answers each request over TLS with one canned reply and closes the connection.

``python secure.py CERTIFICATE KEY REPLY``: three files. Prints the port; ends when
standard input closes.
"""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import sys
import threading
from pathlib import Path


class Handler(socketserver.BaseRequestHandler):
    """One connection with one request."""

    def handle(self) -> None:
        """Read the request, whose body is small, and answer."""
        with contextlib.suppress(OSError):
            context, reply = self.server.settings  # type: ignore[attr-defined]
            with context.wrap_socket(self.request, server_side=True) as secure:
                received = b""
                while not received.rstrip().endswith(b"}"):
                    received += secure.recv(65536)
                secure.sendall(reply)
                secure.unwrap()


class Server(socketserver.ThreadingTCPServer):
    """Listens on the loopback."""

    daemon_threads = True


def main(arguments: list[str]) -> int:
    """Serve until standard input closes."""
    certificate, key, reply = arguments
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    canned = Path(reply).read_bytes().replace(b"keep-alive", b"close", 1)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.settings = context, canned  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
