"""A driver as a job starts it, in a process that may be killed at a point of its own.

``python -m tests.batch.start JOURNAL URL COUNT [POINT [HOW]]``: POINT is how many
commits it lives for, 0 for ever; HOW is ``before`` or ``after`` that commit, or
``size``: POINT is then how many bytes a file may have.
"""

from __future__ import annotations

import os
import signal
import sys

from specwire.batch import BatchRunner, JournalError, Settings
from specwire.batch.journal import Journal

from .asked import DEFAULTS


class Mortal:
    """Ends this process at one of the journal's commits."""

    def __init__(self, point: int, how: str) -> None:
        self.left, self.how = point, how
        self.real = Journal.transaction

    def install(self) -> None:
        from contextlib import contextmanager
        from typing import Any

        @contextmanager
        def transaction(journal: Journal) -> Any:
            with self.real(journal):
                yield
                self.left -= 1
                if not self.left and self.how == "before":
                    os.kill(os.getpid(), signal.SIGKILL)
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)

        Journal.transaction = transaction  # type: ignore[method-assign, assignment]


def main(path: str, url: str, count: str, point: str = "0", how: str = "after") -> None:
    if how == "size":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(point), resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    elif int(point):
        Mortal(int(point), how).install()
    settings = Settings(base_urls={"anthropic": url}, max_retries=0)
    runner = BatchRunner(settings, journal=path, defaults=DEFAULTS, max_in_flight=4)
    try:
        for result in runner.run(f"hi {number}" for number in range(int(count))):
            print(result.custom_id, flush=True)
    except JournalError as error:
        print("journal error", error)


if __name__ == "__main__":
    main(*sys.argv[1:])
