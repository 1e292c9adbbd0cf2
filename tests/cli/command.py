"""Runs ``python -m specwire`` as a user does: on a terminal, or in a pipe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from specwire.sandbox import Sandbox

from ..house.modules import CODEGEN, SDK
from ..terminal import LONGEST_S, play

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
        played = play(
            [sys.executable, *_COMMAND, *words],
            cwd=self.folder,
            env={**self.environ, **environ},
            keys=keys,
            columns=columns,
        )
        return self._checked(Ended(played.code, played.screen, raw=played.raw))

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
