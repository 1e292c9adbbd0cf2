"""A server of messages that remembers what it was asked, by words and by key.

Words steer it: ``fail once``, ``fail always``, ``bad``, ``wait`` (answers when it is
let go).
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from specwire import Client
from specwire.batch import BatchRunner, Settings

DEFAULTS = {"model": "m", "max_tokens": 9}


class Asked:
    """``keys[words]`` are the keys that came with those words, in order."""

    def __init__(self) -> None:
        self.keys: dict[str, list[str]] = defaultdict(list)
        self.now = self.most = 0
        self.let_go = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.lock = threading.Lock()
        self.status: int | None = None
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                words = body["messages"][0]["content"]
                status, said = owner.answer(words, self.headers["idempotency-key"])
                data = json.dumps(said).encode()
                head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                head += f"Content-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode() + data)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                pass  # who asked was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Asked:
        threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, words: str, key: str) -> tuple[int, Any]:
        with self.lock:
            keys = self.keys[words[:40]]
            keys.append(key)
            count = len(keys)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            if words.startswith("wait"):
                self.waiting.release()
                self.let_go.wait(20)
            return self._answered(words, count)
        finally:
            with self.lock:
                self.now -= 1

    def _answered(self, words: str, count: int) -> tuple[int, Any]:
        if self.status is not None:
            return self.status, failure("authentication_error")
        if words.startswith("fail always") or (
            words.startswith("fail once") and count == 1
        ):
            return 500, failure("api_error")
        if words.startswith("bad"):
            return 400, failure("invalid_request_error")
        return 200, message(words)

    @property
    def count(self) -> int:
        """How many requests came."""
        return sum(map(len, self.keys.values()))

    def settings(self, **options: Any) -> Settings:
        options = {"max_retries": 0, "base_urls": {"anthropic": self.url}, **options}
        return Settings(**options)

    def client(self, **options: Any) -> Client:
        options = {"max_retries": 0, "base_urls": {"anthropic": self.url}, **options}
        return Client(api_keys={"anthropic": "k"}, **options)

    def runner(self, journal: Path, **options: Any) -> BatchRunner:
        options = {"defaults": DEFAULTS, "max_in_flight": 4, **options}
        return BatchRunner(
            options.pop("client", self.client()), journal=journal, **options
        )


def failure(kind: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": kind}}


def message(words: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": words.upper()}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
