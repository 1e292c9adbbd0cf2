"""A loopback server of a few documents, for tests of what comes from a network."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, field


@define
class Pages:
    """What is served, and what was asked: ``(path, headers)`` in order.

    A page is JSON data, bytes, or a number: the address it redirects to is then in
    ``moved``, else the number is the status.
    """

    url: str
    pages: dict[str, Any]
    moved: dict[str, str] = field(factory=dict)
    headers: dict[str, dict[str, str]] = field(factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def serving(pages: Mapping[str, Any]) -> Iterator[Pages]:
    """Serve ``pages`` by path on 127.0.0.1 until the block ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            page = found.pages.get(self.path, 404)
            if isinstance(page, int):
                self.send_response(page)
                if self.path in found.moved:
                    self.send_header("Location", found.moved[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            raw = page if isinstance(page, bytes) else json.dumps(page).encode()
            self.send_response(200)
            for name, value in found.headers.get(self.path, {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Pages(f"http://127.0.0.1:{server.server_port}", dict(pages))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
