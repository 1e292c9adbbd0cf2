"""A limit that several processes share, and what is done while its store is down.

A moment is good for a hundredth of a second: who comes later (a process that was
stopped, a pause that a server asked for) takes another, so that those who wait do not
all go at once. The intervals are longer by as much, so no second sees more than the
rate.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Literal

from ..core.clock import Clock
from ..core.hooks import logger
from .limit_store import FREE, LimitStore, LimitStoreError, MemoryStore
from .line import Cost, Limits, Taken
from .shared import Shared

IfDown = Literal["local", "open", "closed"]
GRACE_S: Final = 0.01
_AGAIN_S: Final = 1.0
"""So long a store that failed is not asked."""
_FILE: Final = "sqlite:///"
_SERVERS: Final = ("redis://", "rediss://", "unix://")


class SharedLimit(Shared):
    """A store that never fails, but for ``if_down="closed"``."""

    def __init__(
        self, store: LimitStore, if_down: IfDown, clock: Clock | None = None
    ) -> None:
        super().__init__(clock)
        if if_down not in ("local", "open", "closed"):
            raise ValueError(
                f"if_down: expected 'local', 'open' or 'closed', got {if_down!r}"
            )
        self._store = store
        self._if_down = if_down
        self._local = MemoryStore(clock)
        self._error: LimitStoreError | None = None
        self._again = -math.inf
        self._inside = threading.local()
        self._waiting: deque[Callable[[], None]] = deque()

    @property
    def down(self) -> bool:
        """Whether the store failed when it was asked last."""
        return self._error is not None

    def take(
        self, name: str, cost: Cost, limits: Limits, service: str, within: float
    ) -> Taken:
        if self._may_ask():
            try:
                with self._step():
                    taken = self._store.take(name, cost, limits, service, within)
                self._back()
                self._do_waiting()
                return taken
            except LimitStoreError as error:
                self._failed(error)
        if self._if_down == "closed":
            said = self._error or LimitStoreError("rate limit: the store was down")
            raise LimitStoreError(
                f"{said}; if_down='closed': nothing is sent"
            ) from said
        if self._if_down == "open":
            return FREE
        return self._local.take(name, cost, limits, service, within)

    def stands(self, name: str, taken: Taken, service: str) -> bool:
        now = self._clock.monotonic()
        if now <= taken.at + GRACE_S or not self._theirs(taken):
            return True
        if now > taken.ready + GRACE_S:
            return False
        try:
            with self._step():
                return self._store.stands(name, taken, service)
        except LimitStoreError as error:
            self._failed(error)
            return True

    def give_back(self, name: str, taken: Taken) -> None:
        if self._theirs(taken):
            self._do(lambda: self._store.give_back(name, taken))
        else:
            self._local.give_back(name, taken)

    def correct(self, name: str, more: float, limits: Limits) -> None:
        self._local.correct(name, more, limits)
        self._do(lambda: self._store.correct(name, more, limits))

    def pause(self, name: str, service: str, seconds: float) -> None:
        self._do(lambda: self._store.pause(name, service, seconds))

    def close(self) -> None:
        with contextlib.suppress(LimitStoreError):
            self._store.close()

    def _do(self, act: Callable[[], None]) -> None:
        """Tell the store; after the step that this thread is in, if it is in one.

        A collection may close a stream, which tells what it used, in the middle of it.
        """
        self._waiting.append(act)
        if not getattr(self._inside, "now", False):
            self._do_waiting()

    def _do_waiting(self) -> None:
        while self._waiting:
            try:
                act = self._waiting.popleft()
            except IndexError:  # another thread does it
                return
            if self._may_ask():
                try:
                    with self._step():
                        act()
                except LimitStoreError as error:
                    self._failed(error)

    @contextlib.contextmanager
    def _step(self) -> Iterator[None]:
        self._inside.now = True
        try:
            yield
        finally:
            self._inside.now = False

    def _theirs(self, taken: Taken) -> bool:
        """Whether ``taken`` is a moment that the store gave, and it can be asked."""
        return taken.life not in ("here", FREE.life) and self._may_ask()

    def _may_ask(self) -> bool:
        return self._error is None or self._clock.monotonic() >= self._again

    def _failed(self, error: LimitStoreError) -> None:
        with self._lock:
            known, self._error = self._error, error
            self._again = self._clock.monotonic() + _AGAIN_S
        if known is None:
            logger.warning("%s; %s", error, _MEANWHILE[self._if_down])

    def _back(self) -> None:
        with self._lock:
            known, self._error = self._error, None
        if known is not None:
            logger.info("the rate limit is shared again")


_MEANWHILE: Final = {
    "local": "meanwhile this process keeps to the rate by itself (if_down='local')",
    "open": "meanwhile there is no limit (if_down='open')",
    "closed": "meanwhile nothing is sent (if_down='closed')",
}


def opened(shared: str | LimitStore, clock: Clock | None) -> LimitStore:
    """The store that ``shared`` names; nothing is opened before it is used.

    :raises ValueError: for what names none.
    """
    if not isinstance(shared, str):
        return shared
    if shared.startswith(_FILE):
        from .limit_file import FileStore

        return FileStore(_path(shared), clock)
    if shared.startswith(_SERVERS):
        from .limit_server import ServerStore

        return ServerStore(shared, clock)
    raise ValueError(
        "shared: expected 'sqlite:///limits.db', 'sqlite:////var/lib/limits.db' or "
        f"'redis://host/0', got {shared.partition('://')[0]!r}"
    )


def _path(url: str) -> str:
    path = url[len(_FILE) :]
    folder = os.path.dirname(os.path.abspath(path))
    if not path or not os.path.isdir(folder):
        raise ValueError(
            f"shared: {url!r}: there is no folder {folder}; three slashes are a path "
            "from here, four one from the root"
        )
    return path
