"""Plays a program on a terminal: a real one, which is the program's controlling one.

So a byte 3 is Ctrl-C. What is seen in the end is what is left when lines were drawn
over.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

CTRL_C: Final = b"\x03"
LONGEST_S: Final = 60.0
# Makes the terminal the process's own, and becomes the program.
_TAKE: Final = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


class Played(NamedTuple):
    """How it ended: the exit code, below 0 for a signal, and all that was sent."""

    code: int
    raw: str

    @property
    def screen(self) -> str:
        """What is to be seen in the end."""
        return screen(self.raw)


def play(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    keys: Sequence[tuple[str, bytes]] = (),
    columns: int = 80,
    longest_s: float = LONGEST_S,
) -> Played:
    """Run a program to its end.

    :param keys: what is typed, each once the text before it has come anew.
    """
    ours, theirs = os.openpty()
    size = struct.pack("HHHH", 24 if columns else 0, columns, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", _TAKE, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        raw = _read(ours, list(keys), longest_s)
        return Played(process.wait(longest_s), raw)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()


def _read(terminal: int, keys: list[tuple[str, bytes]], longest_s: float) -> str:
    read, seen = bytearray(), 0
    end = time.monotonic() + longest_s
    ready = select.poll()  # select would take no number above 1,023
    ready.register(terminal, select.POLLIN)
    while time.monotonic() < end:
        at = read.find(keys[0][0].encode(), seen) if keys else -1
        if at >= 0:
            seen = len(read)
            os.write(terminal, keys.pop(0)[1])
        if not ready.poll(500):
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so where macOS says the end
            break
        if not chunk:
            break
        read += chunk
    return read.decode("utf-8", "replace")


def screen(raw: str) -> str:
    """What is left: lines that were drawn over are gone."""
    lines = raw.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines).replace("\x1b[K", "")
