"""Sound of any size takes the memory of a piece of it, up and down."""

from __future__ import annotations

import os
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from specwire.chat import AiClient

SIZE = 24 << 20
PIECE = bytes(1 << 16)
_TEXT = b'{"text": "sea"}'


def answer(connection: socket.socket) -> None:
    """Read a request to its end, keep nothing, and answer a text or much sound."""
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        head, _, rest = head.partition(b"\r\n\r\n")
        line = next(
            x for x in head.split(b"\r\n") if x.lower().startswith(b"content-l")
        )
        left = int(line.split(b":")[1]) - len(rest)
        while left > 0:
            left -= len(connection.recv(1 << 16))
        heard = b"transcriptions" in head
        kind, size = (
            (b"application/json", len(_TEXT)) if heard else (b"audio/wav", SIZE)
        )
        begin = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
        connection.sendall(begin % (kind, size) + b"Connection: close\r\n\r\n")
        if heard:
            connection.sendall(_TEXT)
            return
        for _ in range(SIZE // len(PIECE)):
            connection.sendall(PIECE)


@contextmanager
def draining() -> Iterator[AiClient]:
    """A client of a server that holds nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with AiClient("openai/whisper-1", api_key="sk-test", base_url=url) as client:
            yield client
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("way", ["up", "down"])
def test_sound_is_never_held_whole(tmp_path: Path, way: str) -> None:
    """Of 24 MB, less than 2 MB are in memory at a time."""
    path = tmp_path / "said.wav"
    path.write_bytes(b"RIFF0000WAVE")
    with draining() as client:
        client.media.transcribe(path)  # what is loaded and made once
        os.truncate(path, SIZE)
        tracemalloc.start()
        try:
            if way == "up":
                assert client.media.transcribe(path).text == "sea"
            else:
                assert client.media.speak("sea").write_to_file(path) == SIZE
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 2 << 20, peak
