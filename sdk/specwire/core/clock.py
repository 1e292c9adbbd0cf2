"""The engine's clock: time, waiting and chance, so that tests can bring their own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from .crew import here


class Bell(threading.Event):
    """An event that also calls whoever listens, from the thread that sets it.

    It may be set from within its own methods, by a collection.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cond = threading.Condition(threading.RLock())
        self._listeners: dict[Callable[[], object], None] = {}

    def listen(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` once it is set, which must not fail; look first if it is."""
        self._listeners[wake] = None

    def forget(self, wake: Callable[[], object]) -> None:
        self._listeners.pop(wake, None)

    def set(self) -> None:
        super().set()
        for wake in list(self._listeners):
            wake()


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
        return here().until(ended, seconds)
