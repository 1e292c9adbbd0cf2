"""``MetricsServer``: one page, ``/metrics``, on this machine's own address."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, cast

from .exposition import CONTENT_TYPE

if TYPE_CHECKING:
    from typing_extensions import Self

    from .metrics import MetricsCollector

_SILENCE_S: Final = 10.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    metrics: MetricsCollector

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A scraper that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _SILENCE_S
    server_version = "specwire"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] not in ("/metrics", "/"):
            self.send_error(404)
            return
        server = cast(_Server, self.server)
        body = server.metrics.export_prometheus().encode()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not logged."""


class MetricsServer:
    """Serves until it is closed; use ``with``, or leave it to the program's end.

    :ivar port: where it listens.
    """

    def __init__(self, metrics: MetricsCollector, port: int, addr: str) -> None:
        self._server = _Server((addr, port), _Handler)
        self._server.metrics = metrics
        self.addr, self.port = addr, int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="specwire-metrics",
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """What a scraper is told."""
        host = f"[{self.addr}]" if ":" in self.addr else self.addr
        return f"http://{host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop; may be called twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<MetricsServer at {self.url}>"
