"""A terminal whose session is kept as text that is the same on every machine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

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


class Terminal:
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
            "COLUMNS": "88",
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
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_S,
        )
        self._keep(command, done.stdout, done.returncode)
        return done.returncode

    def interrupt(self, command: str, after: str) -> None:
        """Run a command, and press Ctrl-C once a line has ``after`` in it."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        head = ""
        for line in process.stdout:
            head += line
            if after in line:
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=STEP_S)
        code = process.returncode
        last = TRACEBACK.search(rest)
        tail = rest[last.start() :] if last else ""
        self._keep(command, f"{head}^C\n{tail}", code)

    def _keep(self, command: str, output: str, code: int) -> None:
        """A shell tells a signal as 128 and its number."""
        code = 128 - code if code < 0 else code
        ended = f"[exit code {code}]\n" if code else ""
        self._said.append(f"$ {command}\n{output}{ended}")

    def transcript(self, places: Mapping[str, str]) -> str:
        """The whole session."""
        return steady("".join(self._said), places).lstrip("\n")
