"""A forked child begins anew: no lock is held, no place is taken."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable

import pytest

from specwire.resilience import Backpressure, CircuitBreaker, RateLimiter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def in_child(check: Callable[[], bool]) -> bool:
    """Whether ``check`` holds in a forked child; one that hangs does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, 3.12
        pid = os.fork()
    if pid == 0:
        timer = threading.Timer(5, os._exit, (2,))
        timer.daemon = True
        timer.start()
        try:
            os._exit(0 if check() else 1)
        except BaseException:
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_places_of_the_parent_are_not_the_childs() -> None:
    """Its calls will never give them back there."""
    places = Backpressure(max_inflight=1)
    with places.permit():
        assert in_child(places.try_acquire)
        assert places.available_permits == 0


def test_locks_that_were_held_are_free() -> None:
    """Another thread held them at the moment of the fork."""
    parts = (Backpressure(1), CircuitBreaker(), RateLimiter(10))
    held, end = threading.Event(), threading.Event()

    def hold() -> None:
        with parts[0]._lock, parts[1]._lock, parts[2]._lock:
            held.set()
            end.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)

    def usable() -> bool:
        parts[1].call(int)
        return parts[0].try_acquire() and parts[2].acquire() == 0

    try:
        assert in_child(usable)
    finally:
        end.set()
        thread.join(10)
