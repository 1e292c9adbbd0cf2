"""One thread writes the journal, as much as has come together in one commit.

A commit waits for the disk, whatever is in it; so while one is under way what is to be
written gathers, and the next takes it all. What is to happen after a write (sending the
request, handing the result out) happens when its commit is through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

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
        self._ready: SimpleQueue[BaseException | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._run, daemon=True, name="specwire-batch-journal"
        )

    def start(self) -> None:
        """Open the journal.

        :raises JournalError: where it cannot be had.
        """
        self._thread.start()
        error = self._ready.get()
        if error is not None:
            raise error

    def put(self, write: Write, thing: Any = None) -> None:
        """Have ``thing`` written by ``write``, with others of its kind."""
        self._inbox.put((write, thing))

    def close(self, timeout: float | None = None) -> None:
        """Write what is there, and end."""
        self._inbox.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self._journal.open()
        except BaseException as error:
            self._journal.close()
            self._ready.put(error)
            return
        self._ready.put(None)
        try:
            while self._write_next():
                pass
        except BaseException as error:
            self._failed(error)
        finally:
            self._journal.close()

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
