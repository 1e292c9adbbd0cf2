"""The engine's clock: time, waiting and chance, so that tests can bring their own."""

from __future__ import annotations

import random
import threading
import time


class Clock:
    """The machine's own.

    ``monotonic`` never runs backwards, ``time`` is seconds since the epoch, ``chance``
    a number from 0 to 1.
    """

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)
    chance = staticmethod(random.random)

    def sleep(self, seconds: float, ended: threading.Event) -> bool:
        """Wait; true when ``ended`` was set meanwhile, which ends the wait."""
        return ended.wait(seconds)
