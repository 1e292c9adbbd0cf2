"""What threads share: a lock, a clock, and a fresh start in a forked child.

A fork copies locks as they are at the moment, held ones too, and the threads that would
release them stay behind; so a child gets new locks and forgets what the parent's calls
hold. Locks are reentrant: a collection may close a stream, which gives back its place,
in the middle of anything.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import Final, TypeVar

from .clock import Bell, Clock

N = TypeVar("N", int, float)

LEAST_WAIT_S: Final = 1e-6
"""Shorter waits might not move a clock that counts in floats."""


class Shared:
    """State that calls in several threads share.

    :param clock: brings time and waiting; the machine's by default.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._lock = threading.RLock()
        self._pid = os.getpid()
        _living.add(self)

    def _forked(self) -> None:
        """In the child of a fork: nothing is held, nobody waits."""
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def _pause(self, seconds: float, until: threading.Event | None = None) -> None:
        """Wait outside a loop of a client; no lock may be held."""
        self._clock.sleep(max(seconds, LEAST_WAIT_S), until or Bell())


_living: weakref.WeakSet[Shared] = weakref.WeakSet()


def _after_fork() -> None:
    for each in list(_living):
        with contextlib.suppress(AttributeError):  # one whose making has failed
            each._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def at_least(name: str, value: N, least: float) -> N:
    """``value``, checked; ``name`` is the parameter it is given as.

    :raises TypeError: for what is no number.
    :raises ValueError: for one that is too small, or not a number at all.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    if not value >= least:
        raise ValueError(f"{name}: expected {least:g} or more, got {value!r}")
    return value
