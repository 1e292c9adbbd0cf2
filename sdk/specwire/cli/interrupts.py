"""What was started is told of, whatever comes: Ctrl-C, or no room to write.

Ctrl-C at a moment at which something would be lost is held until it would not be.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

from .output import document, say, talk

_HELD = "stopping as soon as its name is known; again to stop now"


def say_inside(line: str) -> None:
    """A line for standard error from the handler of a signal.

    It may have come in the middle of a print, and then a second one is an error.
    """
    os.write(2, f"{line}\n".encode())


def named(value: Any, name: str, kind: str, *, as_json: bool) -> None:
    """What was started, on standard output; else its name wherever it can be said."""
    try:
        document(value) if as_json else say(name)
    except OSError:
        talk(f"{kind} {name}")
        raise


class held:
    """Around a step that has to be told of: Ctrl-C ends the program behind it.

    A second one ends it at once. Outside the main thread there is nothing to hold.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> None:
        try:
            self._before = signal.signal(signal.SIGINT, self._take)
        except ValueError:
            self._before = None

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        say_inside(_HELD)

    def __exit__(self, kind: object, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._asked and kind is None:
            raise KeyboardInterrupt
