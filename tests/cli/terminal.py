"""Runs ``python -m specwire`` as a user does: on a pseudo-terminal, or in a pipe.

The terminal is a real one: the process has it as its controlling terminal, so that a
byte 3 is Ctrl-C. Its screen is what is left when lines were drawn over.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from specwire.sandbox import Sandbox

from ..house.modules import CODEGEN, SDK

LONGEST_S: Final = 60.0
# Makes the terminal the process's own, and becomes the command.
_TAKE: Final = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
_COMMAND: Final = ("-m", "specwire")


class Ended(NamedTuple):
    """How a run ended: its exit code, and what was shown.

    On a terminal ``out`` is the whole screen, and ``raw`` all that was sent to it.
    """

    code: int
    out: str
    err: str = ""
    raw: str = ""


class Shell:
    """Where commands are run: a folder, an environment, and a sandbox that answers."""

    def __init__(self, box: Sandbox, folder: Path, **environ: str) -> None:
        self.box = box
        self.folder = folder
        kept = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR")
        self.environ = {name: os.environ[name] for name in kept if name in os.environ}
        self.environ |= {
            "PYTHONPATH": os.pathsep.join(map(str, (SDK, CODEGEN))),
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home" / "config"),
            "XDG_STATE_HOME": str(folder / "home" / "state"),
            "SPECWIRE_PLUGINS": "0",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONUTF8": "1",
            "NO_COLOR": "1",
            "TERM": "xterm",
        }
        for name in (*box.services, "openai"):
            self.environ[f"{name.upper()}_BASE_URL"] = box.base_urls[name]
            self.environ[f"{name.upper()}_API_KEY"] = box.api_keys[name]
        self.environ |= environ

    def piped(self, *words: str, stdin: str = "", **environ: str) -> Ended:
        """The command in a pipe."""
        done = subprocess.run(
            [sys.executable, *_COMMAND, *words],
            input=stdin.encode(),
            capture_output=True,
            cwd=self.folder,
            env={**self.environ, **environ},
            timeout=LONGEST_S,
        )
        out, err = (
            text.decode("utf-8", "replace") for text in (done.stdout, done.stderr)
        )
        return self._checked(Ended(done.returncode, out, err))

    def terminal(
        self,
        *words: str,
        keys: Sequence[tuple[str, bytes]] = (),
        columns: int = 80,
        **environ: str,
    ) -> Ended:
        """The command on a terminal.

        :param keys: what is typed, each once the text before it is on the screen.
        """
        ours, theirs = os.openpty()
        size = struct.pack("HHHH", 24 if columns else 0, columns, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _TAKE, *_COMMAND, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env={**self.environ, **environ},
            start_new_session=True,
        )
        os.close(theirs)
        try:
            raw = _read(ours, list(keys))
            code = process.wait(LONGEST_S)
        finally:
            os.close(ours)
            if process.poll() is None:
                process.kill()
                process.wait()
        return self._checked(Ended(code, screen(raw), raw=raw))

    def _checked(self, ended: Ended) -> Ended:
        """No key of the sandbox is ever shown."""
        shown = ended.out + ended.err + ended.raw
        for name, key in self.box.api_keys.items():
            assert key not in shown, f"the key of {name} is shown"
        return ended

    def told(self, ended: Ended) -> str:
        """A run as text that is the same every time."""
        text = ended.out if not ended.err else f"{ended.out}(stderr)\n{ended.err}"
        text = text.replace(self.box.url, "http://127.0.0.1:PORT")
        text = text.replace(str(self.folder), "FOLDER")
        text = re.sub(r"(?m)^(date|.*-reset): .*$", r"\1: TIME", text)
        return f"{text.rstrip()}\n[exit {ended.code}]\n"


def _read(terminal: int, keys: list[tuple[str, bytes]]) -> str:
    read = bytearray()
    end = time.monotonic() + LONGEST_S
    ready = select.poll()  # select would take no number above 1,023
    ready.register(terminal, select.POLLIN)
    while time.monotonic() < end:
        if keys and keys[0][0].encode() in read:
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
    """What is to be seen in the end: lines that were drawn over are gone."""
    lines = raw.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines).replace("\x1b[K", "")
