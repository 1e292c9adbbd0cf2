"""Ctrl-C at a moment at which something would be lost: held until it would not be."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

_HELD = b"stopping as soon as its name is known; again to stop now\n"


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
        # A handler must not print: it may have come in the middle of another print.
        os.write(2, _HELD)

    def __exit__(self, kind: object, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._asked and kind is None:
            raise KeyboardInterrupt
