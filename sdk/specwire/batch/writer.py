"""One thread writes the journal, as much as has come together in one commit.

A commit waits for the disk, whatever is in it; so while one is under way what is to be
written gathers, and the next takes it all. What is to happen after a write (sending the
request, handing the result out) happens when its commit is through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

from .journal import Journal

After: TypeAlias = "Callable[[], object] | None"
Write: TypeAlias = "Callable[[Journal], After]"
"""Writes into the journal, and gives what is to be done once that is committed."""
_MOST: Final = 1_000


class Writer:
    """Writes what it is given, in order; ``failed`` is told once what went wrong."""

    def __init__(
        self, journal: Journal, failed: Callable[[BaseException], object]
    ) -> None:
        self._journal = journal
        self._failed = failed
        self._inbox: SimpleQueue[Write | None] = SimpleQueue()
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

    def put(self, write: Write) -> None:
        self._inbox.put(write)

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
        writes: list[Write | None] = [self._inbox.get()]
        try:
            while len(writes) < _MOST and writes[-1] is not None:
                writes.append(self._inbox.get_nowait())
        except Empty:
            pass
        ends = writes[-1] is None
        if ends:
            writes.pop()
        for after in self._written([write for write in writes if write is not None]):
            after()
        return not ends

    def _written(self, writes: list[Write]) -> list[Callable[[], Any]]:
        if not writes:
            return []
        done: list[Callable[[], Any]] = []
        with self._journal.transaction():
            for write in writes:
                after = write(self._journal)
                if after is not None:
                    done.append(after)
        return done
