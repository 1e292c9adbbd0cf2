"""Work that takes its process with it the first time, by a file that says so."""

from __future__ import annotations

import os
import signal
from typing import Any

from attrs import frozen

from specwire import Hook


@frozen(eq=False)
class DieOnce(Hook):
    """A hook of the workers: who finds no file makes it, and dies."""

    path: str

    def before_attempt(self, call: Any) -> None:
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


@frozen(eq=False)
class DieAlways(Hook):
    """Whoever has the word in its request dies."""

    word: bytes

    def before_attempt(self, call: Any) -> None:
        body = call.request.body
        if self.word in (body.encode() if isinstance(body, str) else bytes(body)):
            os.kill(os.getpid(), signal.SIGKILL)
