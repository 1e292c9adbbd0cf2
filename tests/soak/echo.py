"""A server that answers what it was asked: so an answer that went astray is seen.

``python echo.py``: prints its port, ends when standard input closes. A message's text
comes back as text, as a stream where one is asked for; a text that starts with ``once``
is refused with a 503 the first time; a GET of a file gives its id a hundred times.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from typing import Any

FAILED: set[str] = set()
USAGE = {"input_tokens": 1, "output_tokens": 1}


def message(text: str) -> dict[str, Any]:
    """A message that says ``text``."""
    return {
        "id": f"msg_{text}",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
    }


def stream(text: str) -> bytes:
    """The same as events, a letter each."""
    start: dict[str, Any] = {"type": "message_start", "message": message("")}
    block = {"type": "text", "text": ""}
    events = [
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
    ]
    for letter in text:
        delta = {"type": "text_delta", "text": letter}
        events.append({"type": "content_block_delta", "index": 0, "delta": delta})
    events += [{"type": "content_block_stop", "index": 0}, {"type": "message_stop"}]
    return b"".join(
        f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events
    )


class Handler(socketserver.StreamRequestHandler):
    """One connection with any number of requests."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client closes."""
        while request := self.rfile.readline():
            method, path, _ = request.decode("latin-1").split()
            length = 0
            while (line := self.rfile.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = self.rfile.read(length)
            if method == "GET":
                name = path.split("/")[3]
                self._send(200, "application/octet-stream", name.encode() * 100)
            else:
                self._message(json.loads(body))

    def _message(self, asked: dict[str, Any]) -> None:
        text = asked["messages"][0]["content"]
        if text.startswith("once") and text not in FAILED:
            FAILED.add(text)
            error = {"type": "error", "error": {"type": "api_error", "message": text}}
            self._send(503, "application/json", json.dumps(error).encode())
        elif asked.get("stream"):
            self._send(200, "text/event-stream", stream(text))
        else:
            self._send(200, "application/json", json.dumps(message(text)).encode())

    def _send(self, status: int, media: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nRetry-After: 0\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        self.request.sendall(head.encode() + body)


class Server(socketserver.ThreadingTCPServer):
    """Listens on the loopback."""

    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
