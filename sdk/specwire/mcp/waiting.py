"""Who waits for which answer, where all answers come in over one pipe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty
from typing import Any, TypeAlias

from ..core.crew import here
from ..core.errors import SpecwireError
from .messages import Message

Failure: TypeAlias = "Callable[[], SpecwireError]"


class Waiter:
    """One request that waits; what comes for it: bytes of its answer, notifications,
    the failure of the connection, or a word that it is to end."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self._came = here().queue()

    def put(self, item: Any) -> None:
        self._came.put(item)

    def end(self, why: str) -> None:
        """Cancelled, or its client was closed."""
        self._came.put(why)

    def get(self, seconds: float) -> Any:
        """What comes next; ``None`` where nothing does."""
        # The interpreter cannot wait for longer than its own clock reaches.
        bounded = min(seconds, 1_000_000.0)
        try:
            return self._came.get(timeout=max(bounded, 0.0))
        except Empty:
            return None


class Waiting:
    """The requests that wait, by their ids; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[int, Waiter] = {}
        self._failure: Failure | None = None

    def expect(self, id: int) -> Waiter:
        """:raises SpecwireError: where the connection has failed."""
        with self._lock:
            if self._failure is not None:
                raise self._failure()
            waiter = self._waiters[id] = Waiter()
            return waiter

    def forget(self, id: int) -> None:
        with self._lock:
            self._waiters.pop(id, None)

    def settle(self, id: Any, line: bytes) -> bool:
        """Hand ``line`` to the request that it answers; false where there is none."""
        with self._lock:
            # True and 1.0 equal 1, and a server that says them is not to be believed.
            waiter = self._waiters.pop(id, None) if type(id) is int else None
        if waiter is not None:
            waiter.put(line)
        return waiter is not None

    def note(self, id: Any, message: Message) -> bool:
        """Hand a notification to the request that it is about."""
        with self._lock:
            waiter = self._waiters.get(id) if type(id) is int else None
        if waiter is not None:
            waiter.put(message)
        return waiter is not None

    def fail(self, failure: Failure) -> None:
        """The connection is over: all that wait hear so, and whoever comes after."""
        with self._lock:
            if self._failure is None:
                self._failure = failure
            waiters, self._waiters = list(self._waiters.values()), {}
        for waiter in waiters:
            waiter.put(failure())

    @property
    def failed(self) -> bool:
        return self._failure is not None
