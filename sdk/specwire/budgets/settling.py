"""Who writes to the ledgers of this process, one at a time, and what is still owed.

A stream may be dropped in a garbage collection, in the middle of a transaction of the
same thread; what it came to is then written behind that transaction. What cannot be
written at all is kept and tried again: a reply is never lost over it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from .errors import UsageFileError
from .ledger import Entry, UsageLedger

logger = logging.getLogger("specwire")

_Owed: TypeAlias = "tuple[UsageLedger, str, Sequence[Entry]]"
_MOST_OWED: Final = 100_000


class _Desk:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.inside = False
        self.owed: deque[_Owed] = deque(maxlen=_MOST_OWED)


_desk = _Desk()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Nobody else in this process writes meanwhile."""
    with _desk.lock:
        _desk.inside = True
        try:
            yield
        finally:
            _desk.inside = False
        _pay()


def settle(ledger: UsageLedger, id: str, entries: Sequence[Entry] = ()) -> None:
    """Put ``entries`` in the place of the reservation ``id``, now or soon."""
    _desk.owed.append((ledger, id, entries))
    with _desk.lock:
        _pay()


def _pay() -> None:
    """Write what is owed, unless this thread is in the middle of something."""
    if _desk.inside:
        return
    _desk.inside = True
    kept: list[_Owed] = []
    try:
        for _ in range(len(_desk.owed)):
            owed = _desk.owed.popleft()
            ledger, id, entries = owed
            if any(ledger is failed for failed, _, _ in kept):
                kept.append(owed)
                continue
            try:
                ledger.settle(id, entries)
            except UsageFileError as error:
                logger.warning("usage is not written down yet: %s", error)
                kept.append(owed)
    finally:
        _desk.owed.extendleft(reversed(kept))
        _desk.inside = False


def _forked() -> None:
    """What the parent owes is the parent's to write."""
    _desk.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
