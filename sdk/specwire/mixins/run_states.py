"""How far a background run is, in the words of the older contract for both.

The newer one knows a run by its workflow too. Whose it is tells the receipt that was
seen when it was started; without one the older path is asked, which newer servers have
as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.codec import dump, load
from ..core.errors import NotFoundError
from ..core.types import UNSET, ReplyDict
from .contracts import contracts_of

if TYPE_CHECKING:
    from ..client import Client
    from ..core.resource import TimeoutOption
    from ..models import JobStatus

_WORDS: Final = {
    "pending": "queued",
    "running": "processing",
    "redacting": "processing",
    "resuming": "processing",
}
_TOLD_LATER: Final = frozenset({"output", "error", "estimatedDuration"})
_TIMES: Final = frozenset({"startedAt", "completedAt", "duration"})


class JobDict(ReplyDict):
    """A background run as a mapping; what the server has not told (yet) is ``None``."""

    _later = _TOLD_LATER

    def __missing__(self, name: str) -> None:
        if name not in self._later:
            raise KeyError(name)


class JobTimes(JobDict):
    """The ``metadata`` of a background run."""

    _later = _TIMES


def job_status(
    client: Client, task_id: str, timeout: TimeoutOption = UNSET
) -> JobStatus:
    """The background run ``task_id``; ``_raw`` is what the server said.

    :raises NotFoundError: where no such run can be found by its name alone.
    """
    contracts = contracts_of(client)
    workflow_id = contracts.workflow_of(task_id)
    if workflow_id is not None:
        return _run(client, workflow_id, task_id, timeout)
    try:
        job = client.jobs.get(task_id, timeout=timeout)
    except NotFoundError as error:
        if contracts.of(client._base_urls["sim"]) == "v1":
            raise
        error.args = (
            f"{error.message}; a run of the newer API that this client has not started "
            "itself is found by its workflow: "
            f"client.workflows.runs.get(workflow_id, {task_id!r})",
        )
        raise
    job._raw = dump(job)  # type: ignore[attr-defined]
    job.task_id = job.task_id or getattr(job, "jobId", None) or task_id
    job.status = _WORDS.get(job.status, job.status)
    return job


def _run(
    client: Client, workflow_id: str, run_id: str, timeout: TimeoutOption
) -> JobStatus:
    from ..models import JobStatus

    run = client.workflows.runs.get(
        workflow_id, run_id, include_output=True, timeout=timeout
    )
    raw = dump(run)
    job: JobStatus = load(JobStatus, _as_job(raw))
    job._reply = run._reply
    job._raw = raw  # type: ignore[attr-defined]
    return job


def _as_job(run: Mapping[str, Any]) -> dict[str, Any]:
    times = {
        "startedAt": run.get("startedAt"),
        "completedAt": run.get("endedAt"),
        "duration": run.get("durationMs"),
        "workflowId": run.get("workflowId"),
    }
    job = {
        "success": True,
        "taskId": run.get("runId"),
        "status": _WORDS.get(run["status"], run["status"]),
        "metadata": {name: v for name, v in times.items() if v is not None},
    }
    told = ("output", "error", "paused", "cost", "blockOutputs")
    return {**job, **{n: run[n] for n in told if run.get(n) is not None}}


def as_dict(job: JobStatus) -> JobDict:
    """``job`` as the mapping that ``get_job_status`` returns."""
    told = JobDict(dump(job))
    if isinstance(told.get("metadata"), dict):
        told["metadata"] = JobTimes(told["metadata"])
    told._reply = job._reply
    told._raw = getattr(job, "_raw", None)  # type: ignore[attr-defined]
    return told


_ENDED: Final = frozenset({"completed", "failed", "cancelled"})


def is_over(job: JobStatus) -> bool:
    """Whether the run has ended, or waits for somebody to resume it."""
    if job.status != "paused":
        return job.status in _ENDED
    paused = getattr(job, "paused", None)
    return not (isinstance(paused, dict) and paused.get("pauseKind") == "time")
