"""A session on a terminal, kept as text that is the same on every machine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..terminal import CTRL_C, Played, play

STEP_S = 600
SAME = (
    (
        re.compile(r"\b(req|msg|msgbatch|file|run|job|exec|wf_run)_(?=\w*\d)\w{8,}"),
        r"\1_…",
    ),
    (re.compile(r"\b(sk-[a-z]+-sandbox)-\w+"), r"\1-…"),
    (re.compile(r"127\.0\.0\.1:\d{4,5}"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), r"… \2"),
    (re.compile(r"Python 3\.\d+\.\d+\S*"), "Python 3.x"),
    (re.compile(r"\(line \d+\)|line \d+, in"), "line …"),
    (re.compile(r"(unexpected keyword argument '\w+')\. Did you mean .*"), r"\1"),
)
"""What differs from run to run, and what stands for it."""
CAUSE = re.compile(
    r"^.*\n\nThe above exception was the direct cause .*\n\n", re.MULTILINE
)
TRACEBACK = re.compile(
    r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)+(?=\S)", re.MULTILINE
)


def steady(text: str, places: Mapping[str, str]) -> str:
    """``text`` without ids, ports, times and paths; of a traceback, the last line."""
    for place, name in places.items():
        text = text.replace(place, name)
    for pattern, name in SAME:
        text = pattern.sub(name, text)
    text = CAUSE.sub("", TRACEBACK.sub("Traceback …\n", text))
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


class Session:
    """A shell in a folder; what is typed, and what comes, is kept.

    :ivar env: the variables; ``export`` sets one for all that follows.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
        prefixes = ("PIP_", "UV_", "LC_")
        self.env = {
            name: value
            for name, value in os.environ.items()
            if name in kept or name.startswith(prefixes)
        }
        self.env |= {
            "NO_COLOR": "1",
            "PIP_QUIET": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TERM": "xterm",
        }
        self._said: list[str] = []

    def note(self, text: str) -> None:
        """A line of explanation between the commands."""
        self._said.append(f"\n# {text}\n\n")

    def file(self, name: str, text: str) -> None:
        """Write a file, as in an editor, and show it."""
        (self.folder / name).write_text(text, "utf-8")
        body = "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())
        self._said.append(f"$ edit {name}\n{body}")

    def export(self, name: str, value: str) -> None:
        """Set a variable for the commands that follow."""
        self.env[name] = value
        self._said.append(f"$ export {name}={value}\n")

    def activate(self, venv: str) -> None:
        """Have the commands of an environment, as its script ``activate`` does."""
        place = self.folder / venv / "bin"
        self.env["PATH"] = f"{place}{os.pathsep}{self.env['PATH']}"
        self._said.append(f"$ . {venv}/bin/activate\n")

    def type(self, command: str) -> int:
        """Run a command; its output, and an exit code that is not 0, are kept."""
        played = self._played(command)
        self._keep(command, played.screen, played.code)
        return played.code

    def interrupt(self, command: str, after: str) -> None:
        """Run a command, and press Ctrl-C once a line has ``after`` in it."""
        played = self._played(f"exec {command}", [(after, CTRL_C)])
        lines = played.screen.replace("^C", "").splitlines(keepends=True)
        last = next(at for at, line in enumerate(lines) if after in line) + 1
        found = TRACEBACK.search("".join(lines[last:]))
        tail = found.string[found.start() :] if found else ""
        self._keep(command, f"{''.join(lines[:last])}^C\n{tail}", played.code)

    def _played(self, command: str, keys: Sequence[tuple[str, bytes]] = ()) -> Played:
        return play(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.env,
            keys=keys,
            columns=88,
            longest_s=STEP_S,
        )

    def _keep(self, command: str, output: str, code: int) -> None:
        """A shell tells a signal as 128 and its number."""
        code = 128 - code if code < 0 else code
        ended = f"[exit code {code}]\n" if code else ""
        self._said.append(f"$ {command}\n{output}{ended}")

    def transcript(self, places: Mapping[str, str]) -> str:
        """The whole session."""
        return steady("".join(self._said), places).lstrip("\n")
