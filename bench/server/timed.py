"""Serves events with the time they were written in them, in three framings.

The first part of the path says how the body ends: ``chunked``, ``length`` or ``close``;
with ``held`` nothing follows the first event.
One event is written each millisecond; a delta's text is ``@`` and the monotonic clock's
nanoseconds at the write. Prints the port; ends when standard input closes.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time

GAP_S = 0.001


def event(value: dict[str, object]) -> bytes:
    """One server-sent event."""
    return f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode()


def events(count: int) -> list[dict[str, object]]:
    """A message whose deltas are to be filled in."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m"}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None}
    text = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": "@"}
    first = {"type": "message_start", "message": message | {"usage": usage}}
    start = {"type": "content_block_start", "index": 0, "content_block": text}
    part = {"type": "content_block_delta", "index": 0, "delta": delta}
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        first,
        start,
        *[part] * count,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": usage},
        {"type": "message_stop"},
    ]


class Handler(socketserver.StreamRequestHandler):
    """One connection with any number of requests."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client closes or the framing asks for it."""
        while request := self.rfile.readline():
            length = 0
            while (line := self.rfile.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            self.rfile.read(length)
            framing = request.split()[1].split(b"/")[1].decode()
            if framing == "held":
                self._hold()
            else:
                self._stream(framing)
            if framing in ("close", "held"):
                return

    def _hold(self) -> None:
        first = event(events(0)[0])
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        self.request.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        self.request.sendall(b"%x\r\n%b\r\n" % (len(first), first))
        self.rfile.read(1)  # until the client is gone

    def _stream(self, framing: str) -> None:
        items = events(self.server.count)  # type: ignore[attr-defined]
        # The clock's digits are as many in each event, so the length is known.
        size = sum(len(event(self._stamped(item))) for item in items)
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        ends = {
            "chunked": "Transfer-Encoding: chunked",
            "length": f"Content-Length: {size}",
            "close": "Connection: close",
        }
        self.request.sendall(f"{head}{ends[framing]}\r\n\r\n".encode())
        for item in items:
            time.sleep(GAP_S)
            data = event(self._stamped(item))
            if framing == "chunked":
                data = b"%x\r\n%b\r\n" % (len(data), data)
            self.request.sendall(data)
        if framing == "chunked":
            self.request.sendall(b"0\r\n\r\n")

    @staticmethod
    def _stamped(item: dict[str, object]) -> dict[str, object]:
        if item["type"] != "content_block_delta":
            return item
        text = f"@{time.monotonic_ns():020d}"
        return item | {"delta": {"type": "text_delta", "text": text}}


class Server(socketserver.ThreadingTCPServer):
    """Listens on the loopback."""

    daemon_threads = True
    request_queue_size = 4096


def main(arguments: list[str]) -> int:
    """Serve streams of ``COUNT`` deltas; print the port."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.count = int(arguments[0])  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
