"""Many calls that survive: a runner with a journal, on one machine or many.

>>> from specwire.batch import BatchRunner
>>> runner = BatchRunner(client, journal="run.db")  # doctest: +SKIP
>>> for result in runner.run(requests):  # doctest: +SKIP
...     print(result.custom_id, result.text)

:class:`BatchCollector` and :class:`BatchExecutor` are for a few calls at a time,
without a journal.
"""

from __future__ import annotations

from .collector import BatchCollector, BatchExecutor, BatchOutcome
from .errors import (
    BatchError,
    InputChangedError,
    ItemError,
    JournalBusyError,
    JournalError,
)
from .progress import Progress
from .results import ItemResult, Status
from .runner import BatchRunner
from .settings import Settings
from .work import Job

__all__ = [
    "BatchCollector",
    "BatchError",
    "BatchExecutor",
    "BatchOutcome",
    "BatchRunner",
    "InputChangedError",
    "ItemError",
    "ItemResult",
    "Job",
    "JournalBusyError",
    "JournalError",
    "Progress",
    "Settings",
    "Status",
]
