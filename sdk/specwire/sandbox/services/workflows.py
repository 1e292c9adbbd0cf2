"""The first contract of the workflow API: run, look at a run, see what is left.

What workflows do is in :mod:`.running`; the output is derived from the input.
"""

from __future__ import annotations

from typing import Any

from ..state import Run, State
from ..values import Refused, Request, Response, event_response, json_response
from . import allowance, deploying, running

_CONTROL = ("stream", "selectedOutputs")
_ESTIMATE_MS = 180_000


def execute_workflow(request: Request, state: State) -> Response:
    """Run a workflow: at once, in the background, or as a stream."""
    workflow_id = request.path_args["workflow_id"]
    body = request.json if isinstance(request.json, dict) else {}
    headers = request.headers
    selected = list(body.get("selectedOutputs") or ())
    in_background = headers.get("x-execution-mode", "").lower() == "async"
    kind = "async" if in_background else "sync"
    run_id = headers.get("x-execution-id")
    if run_id in state.runs:
        text = "Execution ID already used"
        raise Refused(409, text, kind="EXECUTION_ID_CONFLICT")
    given = body.get("input", body)
    if given is body:
        given = {key: value for key, value in body.items() if key not in _CONTROL}
    run = running.begin(workflow_id, given, state, kind=kind, run_id=run_id)
    if in_background:
        return _queued(run, state)
    wants_stream = bool(body.get("stream"))
    wants_stream |= headers.get("x-stream-response", "").lower() == "true"
    if wants_stream and not request.as_json:
        return event_response(running.frames(run, selected, {}))
    if run.error is not None:
        raise Refused(500, run.error["message"], kind="EXECUTION_ERROR")
    return running.authored(run) or json_response(_result(run))


def _result(run: Run) -> dict[str, Any]:
    result = {
        "success": True,
        "output": run.output,
        "metadata": {
            "duration": run.duration_ms,
            "startTime": run.started_at,
            "endTime": run.ended_at,
        },
    }
    return {**result, "status": "paused"} if run.paused is not None else result


def get_workflow_status(request: Request, state: State) -> Response:
    """Whether the workflow is deployed."""
    facts = deploying.workflow_of(request.path_args["workflow_id"], state).facts
    return json_response(
        {
            "isDeployed": facts["isDeployed"],
            "deployedAt": facts["deployedAt"],
            "needsRedeployment": False,
        }
    )


def get_job(request: Request, state: State) -> Response:
    """The background run's state; looking at it moves it on."""
    with state.lock:
        run = state.jobs.get(request.path_args["task_id"])
        if run is None:
            raise Refused(404, "Task not found")
        running.look(run, state, ("queued", "processing"))
        return json_response(_job(run))


def get_usage_limits(request: Request, state: State) -> Response:
    """What is left; every run takes one away."""
    rates: dict[str, Any] = {"authType": "api"}
    for kind in ("sync", "async"):
        limit, remaining, wait_s = allowance.left(state, kind)
        rates[kind] = {
            "isLimited": remaining == 0,
            "limit": limit,
            "remaining": remaining,
            "resetAt": state.now(wait_s, milliseconds=True),
        }
    with state.lock:
        stored = sum(file.content.size for file in state.files.values())
        stored += sum(len(file.content) for file in state.workspace_files.values())
    return json_response(
        {
            "success": True,
            "rateLimit": rates,
            "usage": {
                "currentPeriodCost": round(state.cost, 6),
                "limit": state.limits.cost,
                "plan": "free",
            },
            "storage": {
                "usedBytes": stored,
                "limitBytes": 5 << 30,
                "percentUsed": round(100 * stored / (5 << 30), 6),
            },
        }
    )


def _queued(run: Run, state: State) -> Response:
    running.in_background(run, state)
    with state.lock:
        state.jobs[run.id] = run
    return json_response(
        {
            "success": True,
            "taskId": run.id,
            "status": "queued",
            "createdAt": run.started_at,
            "links": {"status": f"/api/jobs/{run.id}"},
        },
        status=202,
    )


def _job(run: Run) -> dict[str, Any]:
    metadata: dict[str, Any] = {"startedAt": run.started_at}
    # The first contract knows neither a run that waits nor the newer word.
    words = {"paused": "completed", "running": "processing"}
    status = words.get(run.status, run.status)
    job = {"success": True, "taskId": run.id, "status": status, "metadata": metadata}
    if status in ("queued", "processing"):
        job["estimatedDuration"] = _ESTIMATE_MS
        return job
    metadata |= {"completedAt": run.ended_at, "duration": run.duration_ms}
    if run.error is not None:
        job["error"] = run.error["message"]
    elif status == "completed":
        job["output"] = run.output
    return job


HANDLERS = {
    "executeWorkflow": execute_workflow,
    "getWorkflowStatus": get_workflow_status,
    "getJob": get_job,
    "getUsageLimits": get_usage_limits,
}
