"""One at a time, where those that come meanwhile have a time limit.

A lock would do in threads; tasks that wait for one would hold up the loop they share
with whoever has it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .clock import Bell
from .crew import here


class Turns:
    """One at a time: those that come meanwhile wait, as long as they may."""

    __slots__ = ("_lock", "_over")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = Bell()  # of whose turn it is; it may be the one before
        self._over.set()

    @contextmanager
    def turn(self, seconds: float) -> Iterator[bool]:
        """Whether it is the caller's turn within ``seconds``; its end gives it back."""
        mine = self._taken(time.monotonic() + seconds)
        try:
            yield mine
        finally:
            if mine:
                over = self._over
                self._lock.release()
                over.set()

    def _taken(self, ends: float) -> bool:
        while not self._lock.acquire(blocking=False):
            left = ends - time.monotonic()
            if left <= 0:
                return False
            here().until(self._over, left)
        self._over = Bell()
        return True
