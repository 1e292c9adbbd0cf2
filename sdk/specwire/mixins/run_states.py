"""How far a background run is, in the words of the older contract for both.

The newer one knows a run by its workflow too. Whose it is tells the receipt that was
seen when it was started; without one the older path is asked, which newer servers have
as well. Replies are read as the mappings they are: what one server leaves out or spells
in another way is no reason to lose sight of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from ..core.codec import Mismatch, load
from ..core.errors import NotFoundError
from ..core.results import Json
from ..core.types import UNSET, ReplyDict
from .contracts import contracts_of

if TYPE_CHECKING:
    from ..client import Client
    from ..core.resource import Operation, TimeoutOption
    from ..models import JobStatus

_WORDS: Final = {
    "pending": "queued",
    "running": "processing",
    "redacting": "processing",
    "resuming": "processing",
}
_ENDED: Final = frozenset({"completed", "failed", "cancelled"})
_BESIDES: Final = ("output", "error", "paused", "cost", "blockOutputs")


class JobDict(ReplyDict):
    """A background run as a mapping; what the server has not told (yet) is ``None``.

    :ivar _raw: what the server said.
    """

    _raw: Mapping[str, Any]
    _later = frozenset({"output", "error", "estimatedDuration"})

    def __missing__(self, name: str) -> None:
        if name not in self._later:
            raise KeyError(name)


class JobTimes(JobDict):
    """The ``metadata`` of a background run."""

    _later = frozenset({"startedAt", "completedAt", "duration"})


def job_dict(client: Client, task_id: str, timeout: TimeoutOption = UNSET) -> JobDict:
    """The background run ``task_id``.

    :raises NotFoundError: where no such run can be found by its name alone.
    """
    workflow_id = contracts_of(client).workflow_of(task_id)
    if workflow_id is None:
        raw = _by_name(client, task_id, timeout)
        told = dict(raw)
    else:
        args = {"workflow_id": workflow_id, "run_id": task_id, "include_output": True}
        args["selected_outputs"] = UNSET
        raw = client.workflows.runs._call(_run(), args, (timeout, UNSET, None), _NONE)
        told = _as_job(raw)
    told["taskId"] = told.get("taskId") or told.get("jobId") or task_id
    status = told.get("status")
    told["status"] = _WORDS.get(str(status), status)
    if isinstance(told.get("metadata"), dict):
        told["metadata"] = JobTimes(told["metadata"])
    job = JobDict(told)
    job._raw, job._reply = raw, raw._reply
    return job


_NONE: Final = (None, None, None)


def _by_name(client: Client, task_id: str, timeout: TimeoutOption) -> ReplyDict:
    try:
        limits = (timeout, UNSET, None)
        job: ReplyDict = client.jobs._call(_job(), {"task_id": task_id}, limits, _NONE)
        return job
    except NotFoundError as error:
        if contracts_of(client).of(client._base_urls["sim"]) != "v1":
            error.args = (
                f"{error.message}; a run of the newer API that this client has not "
                "started itself is found by its workflow: "
                f"client.workflows.runs.get(workflow_id, {task_id!r})",
            )
        raise


@cache
def _job() -> Operation[Any]:
    from ..resources.jobs import _GET

    return evolve(_GET, result=Json(lambda: dict[str, Any]))


@cache
def _run() -> Operation[Any]:
    from ..resources.workflows_runs import _GET

    return evolve(_GET, result=Json(lambda: dict[str, Any], member="data"))


def _as_job(run: Mapping[str, Any]) -> dict[str, Any]:
    times = {
        "startedAt": run.get("startedAt"),
        "completedAt": run.get("endedAt"),
        "duration": run.get("durationMs"),
        "workflowId": run.get("workflowId"),
    }
    return {
        "success": True,
        "taskId": run.get("runId"),
        "status": run.get("status"),
        "metadata": {name: v for name, v in times.items() if v is not None},
        **{name: run[name] for name in _BESIDES if run.get(name) is not None},
    }


def job_status(
    client: Client, task_id: str, timeout: TimeoutOption = UNSET
) -> JobStatus:
    """The background run ``task_id`` as the model of it."""
    from ..models import JobStatus

    job_told = job_dict(client, task_id, timeout)
    told = {**job_told, "status": str(job_told.get("status"))}
    if isinstance(told.get("metadata"), dict):
        told["metadata"] = dict(told["metadata"])  # as a plain one, which models are of
    try:
        job: JobStatus = load(JobStatus, told)
    except Mismatch:
        sure = ("taskId", "status", "output")
        job = load(JobStatus, {name: told.get(name) for name in sure})
    job._reply = job_told._reply
    return job


def is_over(job: JobStatus) -> bool:
    """Whether the run has ended, or waits for somebody to resume it."""
    if job.status != "paused":
        return job.status in _ENDED
    paused = getattr(job, "paused", None)
    return not (isinstance(paused, dict) and paused.get("pauseKind") == "time")
