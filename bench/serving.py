"""Builds, starts and ends the loopback server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SOURCES = Path(__file__).resolve().parent / "server"
LIFE_S = 15 * 60


class Loopback(NamedTuple):
    """A running server."""

    port: int
    kind: str
    """What serves: "C" or "Python (slow)"."""


def command(build: Path) -> tuple[list[str], str]:
    """Give the command that starts a server, compiled when there is a C compiler."""
    source, program = SOURCES / "loopback.c", build / "loopback"
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler and sys.platform.startswith("linux"):
        build.mkdir(parents=True, exist_ok=True)
        flags = ["-O2", "-o", str(program)]
        made = subprocess.run(
            [compiler, *flags, str(source)], capture_output=True, check=False
        )
        if made.returncode == 0:
            return [str(program)], "C"
    return [sys.executable, str(SOURCES / "loopback.py")], "Python (slow)"


@contextmanager
def serve(start: list[str], kind: str, replies: Path) -> Iterator[Loopback]:
    """Run a server on ``replies`` until the block ends."""
    process = subprocess.Popen(
        [*start, str(replies), str(LIFE_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # closes the pipes, which ends the server, and waits for it
        assert process.stdout is not None and process.stdin is not None
        line = process.stdout.readline().strip()
        if not line.isdigit():
            process.stdin.close()
            raise RuntimeError(
                f"the loopback server ({kind}) printed {line!r} instead of its port"
            )
        yield Loopback(int(line), kind)
        process.stdin.close()
