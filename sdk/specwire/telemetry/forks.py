"""What looks on in a child of a fork gets new locks.

A fork copies a lock as it is at the moment, also one that a thread holds which the
child does not have.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    def _forked(self) -> None: ...


_living: weakref.WeakSet[Forked] = weakref.WeakSet()


def afresh(thing: Forked) -> None:
    """Have ``thing._forked()`` called in children of this process."""
    _living.add(thing)


def _after_fork() -> None:
    for each in list(_living):
        each._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
