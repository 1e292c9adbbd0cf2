"""A server for thousands of connections that answers what it was asked.

So an answer that went astray is seen. ``gate``: nobody is answered before so many ask
at the same time. A stream says the text letter by letter, a write each, and goes on by
itself; a text that starts with ``held`` ends after its first event when the client
goes, one that starts with ``once`` is refused the first time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from tests.soak.echo import message, stream

_REFUSED = {"type": "error", "error": {"type": "api_error", "message": "no"}}
_EVENTS = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked"


class Echo:
    """:ivar together: the most requests that were in hand at a time."""

    def __init__(self, gate: int) -> None:
        self.url = ""
        self.together = self._asking = 0
        self._gate = gate
        self._open = asyncio.Event()
        self._refused: set[str] = set()
        self.handlers: set[Any] = set()

    async def serve(self, reader: Any, writer: Any) -> None:
        """Answer one connection's requests until it closes."""
        task = asyncio.current_task()
        self.handlers.add(task)
        with contextlib.suppress(OSError, EOFError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].split(b"\r")[0])
                await self._one(head, await reader.readexactly(length), reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        self.handlers.discard(task)

    async def _one(self, head: bytes, body: bytes, reader: Any, writer: Any) -> None:
        self._asking += 1
        self.together = max(self.together, self._asking)
        try:
            await self._entered()
            await self._answer(head, body, reader, writer)
        finally:
            self._asking -= 1

    async def _entered(self) -> None:
        if self._asking >= self._gate:
            self._open.set()
        await self._open.wait()

    async def _answer(self, head: bytes, body: bytes, reader: Any, writer: Any) -> None:
        if b"multipart" in head:
            name = body.partition(b'filename="')[2].split(b'"')[0].decode()
            file = {
                "created_at": "2026-01-01T00:00:00Z",
                "mime_type": "a/b",
                "size_bytes": 1,
            }
            _whole(writer, 200, {"id": name, "type": "file", "filename": name, **file})
            return
        asked = json.loads(body)
        text = asked["messages"][0]["content"]
        if text.startswith("once") and text not in self._refused:
            self._refused.add(text)
            _whole(writer, 503, _REFUSED)
        elif asked.get("stream"):
            await _streamed(text, reader, writer)
        else:
            await asyncio.sleep(0.001 * (len(text) % 4))
            _whole(writer, 200, message(text))
        await writer.drain()


def _whole(writer: Any, status: int, value: Any) -> None:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    head += f"Retry-After: 0.01\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def _streamed(text: str, reader: Any, writer: Any) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\n{_EVENTS}\r\n\r\n".encode())
    for event in stream(text).split(b"\n\n")[:-1]:
        writer.write(b"%x\r\n%s\n\n\r\n" % (len(event) + 2, event))
        await writer.drain()
        if text.startswith("held"):
            await reader.read(1)
            raise EOFError
        await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")


@contextlib.contextmanager
def echoing(gate: int = 0) -> Iterator[Echo]:
    """Serve in a thread until the block ends."""
    loop = asyncio.new_event_loop()
    begun = threading.Event()
    echo = Echo(gate)

    async def main() -> None:
        server = await asyncio.start_server(echo.serve, "127.0.0.1", 0, backlog=4096)
        echo.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        begun.set()
        await stopped.wait()
        server.close()
        while echo.handlers:  # their clients are gone, so they end
            await asyncio.wait(echo.handlers)

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    begun.wait(10)
    try:
        yield echo
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()
