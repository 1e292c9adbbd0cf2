"""A server as a child process: its pipes, its last words, and its end.

One thread writes, one reads lines, one reads standard error: a server that does not
read, or says nothing, keeps no call beyond its time limit. Knows nothing of messages.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..core.errors import APIConnectionError, DecodeError, SpecwireError, shortened
from ..core.replies import blotted
from ..core.wire import Hidden
from .messages import plain

logger = logging.getLogger("specwire.mcp")
_CHUNK: Final = 65_536
_KEPT_LINES: Final = 20
_MOST_WAITING: Final = 64 << 20
_INHERITED: Final = (
    "APPDATA COMSPEC LOCALAPPDATA PATH PATHEXT PROGRAMFILES SYSTEMDRIVE SYSTEMROOT "
    "TEMP TMP USERNAME USERPROFILE"
    if sys.platform == "win32"
    else "HOME LANG LC_ALL LOGNAME PATH SHELL TERM TMPDIR USER"
).split()
"""What a server gets of this program's environment: its keys are none of these."""


class Process:
    """A running server.

    :param on_line: told each line of its standard output, in the reader's thread.
    :param on_end: told once how it ended: makes the error of what waits.
    :raises APIConnectionError: where it cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: str | None,
        *,
        max_line_bytes: int,
        on_line: Callable[[bytes], None],
        on_end: Callable[[Callable[[], SpecwireError]], None],
        on_stderr: Callable[[str], Any] | None = None,
    ) -> None:
        self.name = os.path.basename(command[0])
        self._max_line_bytes = max_line_bytes
        self._on_line, self._on_end, self._on_stderr = on_line, on_end, on_stderr
        self._secrets = secrets_of(env)
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self.odd_lines = 0
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._counting = threading.Lock()
        self._closing = threading.Lock()
        self.pid = os.getpid()
        """Whose child it is; a fork of this program must leave it alone."""
        self._child = self._started(command, env, cwd)
        self._threads = [
            threading.Thread(target=run, name=f"specwire-mcp-{what}", daemon=True)
            for what, run in (
                ("errors", self._errors),
                ("reader", self._reader),
                ("writer", self._writer),
            )
        ]
        for thread in self._threads:
            thread.start()

    def _started(
        self, command: Sequence[str], env: Mapping[str, str], cwd: str | None
    ) -> subprocess.Popen[bytes]:
        inherited = {k: os.environ[k] for k in _INHERITED if k in os.environ}
        try:
            return subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={**inherited, **env},
                cwd=cwd,
                # Ctrl-C at a terminal is this program's, which then ends its server.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
        raise APIConnectionError(
            f"mcp: the server {self.name!r} could not be started: {why}",
            retryable=False,
            started=False,
        )

    @property
    def child_pid(self) -> int:
        return self._child.pid

    # -- its pipes -----------------------------------------------------------------

    def write(self, line: bytes) -> None:
        """Send ``line`` as soon as the server reads; waits for nothing.

        :raises APIConnectionError: where it has not read for long.
        """
        if self._waiting_bytes + len(line) > _MOST_WAITING:
            raise APIConnectionError(
                f"mcp: the server {self.name!r} does not read what it is sent; "
                f"{self._waiting_bytes} bytes wait",
                retryable=False,
                started=False,
            )
        self._count(len(line))
        self._out.put(line)

    def _count(self, size: int) -> None:
        with self._counting:
            self._waiting_bytes += size

    def _writer(self) -> None:
        pipe = self._child.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError), pipe:
            while (line := self._out.get()) is not None:
                view = memoryview(line)
                while view:
                    view = view[pipe.write(view) or 0 :]
                self._count(-len(line))

    def _reader(self) -> None:
        pipe = self._child.stdout
        assert pipe is not None
        failure = self._ended
        held: list[bytes] = []
        size = 0
        with contextlib.suppress(OSError, ValueError), pipe:
            while chunk := pipe.read(_CHUNK):
                *lines, rest = chunk.split(b"\n")
                if lines:
                    lines[0] = b"".join((*held, lines[0]))
                    held, size = [], 0
                held.append(rest)
                size += len(rest)
                if max(size, *map(len, lines), 0) > self._max_line_bytes:
                    failure = self._too_large
                    break
                for line in lines:
                    if line := line.strip():
                        self._on_line(line)
        if failure == self._too_large:
            self._signal(signal.SIGTERM)
        self._on_end(failure)

    def _errors(self) -> None:
        pipe = self._child.stderr
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError), pipe:
            while chunk := pipe.read(_CHUNK):
                for line in chunk.decode("utf-8", "replace").splitlines():
                    text = blotted(shortened(plain(line), 500), self._secrets)
                    self._said.append(text)
                    logger.debug("%s: %s", self.name, text)
                    if self._on_stderr is not None:
                        with contextlib.suppress(Exception):
                            self._on_stderr(text)

    # -- its end -------------------------------------------------------------------

    def _ended(self) -> SpecwireError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(1.0)
        self._threads[0].join(0.5)
        code = self._child.returncode
        how = "closed its standard output" if code is None else f"ended with {code}"
        said = " | ".join(list(self._said)[-3:])
        told = f"; it said: {shortened(said, 600)}" if said else ""
        return APIConnectionError(
            f"mcp: the server {self.name!r} {how}{self.oddities()}{told}; "
            "make a new client",
            retryable=False,
        )

    def _too_large(self) -> SpecwireError:
        return DecodeError(
            f"mcp: the server {self.name!r} sent a line of more than "
            f"{self._max_line_bytes} bytes (max_message_bytes); it was ended"
        )

    def oddities(self) -> str:
        """What else came over its standard output, for messages."""
        if not self.odd_lines:
            return ""
        return f" ({self.odd_lines} lines of its standard output were no messages)"

    def close(self, grace_s: float = 2.0) -> None:
        """End it: first by closing its standard input, then by force. Leaves nothing.

        Each step waits ``grace_s`` seconds at most.
        """
        if self.pid != os.getpid():
            return
        with self._closing:
            self._out.put(None)
            for number in (None, signal.SIGTERM, _KILL):
                if number is not None:
                    self._signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(grace_s)
                    break
            for thread in self._threads:
                if thread is not threading.current_thread():
                    thread.join(0.5)

    def _signal(self, number: int) -> None:
        """To it and what it started, a shell's or a launcher's child, say."""
        if self._child.poll() is not None:
            return  # its number may be another's by now
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._child.pid, number)
            else:
                self._child.send_signal(number)


def secrets_of(env: Mapping[str, str]) -> list[str]:
    """What of ``env`` may be a key, the longest first."""
    likely = [value for value in env.values() if len(value) >= Hidden.shortest]
    return sorted(likely, key=len, reverse=True)


_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)
