"""What the sandbox itself has under way: message batches and runs of workflows.

Nothing is moved on by looking here; only a caller's look does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from ..state import Batch, Run, State
from .masking import hide

T = TypeVar("T")

_MOST: Final = 20
_LONGEST: Final = 120


def work(state: State) -> dict[str, Any]:
    """The newest batches and runs, 20 of each at most, and how many there are."""
    with state.lock:
        return {
            "batches": [_batch(each) for each in _newest(state.batches)],
            "batches_made": len(state.batches),
            "executions": [_execution(each) for each in _newest(state.runs)],
            "executions_made": len(state.runs),
        }


def _newest(known: dict[str, T]) -> Iterator[T]:
    return islice(reversed(known.values()), _MOST)


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "failed": batch.counts["errored"] + batch.counts["expired"],
        "canceled": batch.counts["canceled"],
        "id": batch.id,
        "looks": batch.retrieved,
        "requests": len(batch.requests),
        "status": batch.status,
        "succeeded": batch.counts["succeeded"],
    }


def _execution(run: Run) -> dict[str, Any]:
    return {
        # A caller may choose both, so both may hold anything.
        "id": hide(run.id)[:_LONGEST],
        "looks": run.looked,
        "status": run.status,
        "workflow": hide(run.workflow_id)[:_LONGEST],
    }
