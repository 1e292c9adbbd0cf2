"""One thread writes the journal, as much as has come together in one commit.

A commit waits for the disk, whatever is in it; so while one is under way what is to be
written gathers, and the next takes it all. What is to happen after a write (sending the
request, handing the result out) happens when its commit is through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

from ..core.clock import Bell
from ..core.crew import THREADS, here
from .journal import Journal

After: TypeAlias = "Callable[[], object]"
Write: TypeAlias = "Callable[[Journal, list[Any]], Iterable[After]]"
"""Writes a list of things into the journal, and gives what is to be done once that is
committed."""
_MOST: Final = 1_000


class Writer:
    """Writes what it is given; ``failed`` is told once what went wrong.

    Of what one commit takes, the same kind is written together, the kinds in the order
    in which they first came.
    """

    def __init__(
        self, journal: Journal, failed: Callable[[BaseException], object]
    ) -> None:
        self._journal = journal
        self._failed = failed
        self._inbox: SimpleQueue[tuple[Write, Any] | None] = SimpleQueue()
        self._ready, self._over = Bell(), Bell()
        self._unopened: BaseException | None = None

    def start(self) -> None:
        """Open the journal.

        :raises JournalError: where it cannot be had.
        """
        THREADS.begin(self._run, "specwire-batch-journal")
        here().until(self._ready)
        if self._unopened is not None:
            raise self._unopened

    def put(self, write: Write, thing: Any = None) -> None:
        """Have ``thing`` written by ``write``, with others of its kind."""
        self._inbox.put((write, thing))

    def close(self, timeout: float | None = None) -> None:
        """Write what is there, and end."""
        self._inbox.put(None)
        here().until(self._over, timeout)

    def _run(self) -> None:
        try:
            self._journal.open()
        except BaseException as error:
            self._unopened = error
        self._ready.set()
        try:
            while self._unopened is None and self._write_next():
                pass
        except BaseException as error:
            self._failed(error)
        finally:
            self._journal.close()
            self._over.set()

    def _write_next(self) -> bool:
        taken = [self._inbox.get()]
        try:
            while len(taken) < _MOST and taken[-1] is not None:
                taken.append(self._inbox.get_nowait())
        except Empty:
            pass
        ends = taken[-1] is None
        kinds: dict[Write, list[Any]] = {}
        for each in taken:
            if each is not None:
                kinds.setdefault(each[0], []).append(each[1])
        for after in self._written(kinds):
            after()
        return not ends

    def _written(self, kinds: dict[Write, list[Any]]) -> list[After]:
        if not kinds:
            return []
        with self._journal.transaction():
            return [
                after
                for write, things in kinds.items()
                for after in write(self._journal, things)
            ]
