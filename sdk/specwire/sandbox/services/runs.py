"""The second contract's runs: start, list, look at, resume and cancel them.

A run that waits for a person is found a moment later than it paused: the first attempt
to resume it comes too early, as with the real service.
"""

from __future__ import annotations

from typing import Any

from ..state import Run, State
from ..values import Refused, Request, Response, event_response, json_response
from . import allowance, deploying, running
from .paging import by_cursor

_PROTOCOL = "agent-events-v1"
_ASKED = ("includeThinking", "includeToolCalls")
_ENDED = ("completed", "failed", "cancelled")
_RESERVED = ("error", "selectedOption", "selectedRoute", "_pauseMetadata")


def start_run(request: Request, state: State) -> Response:
    """Run a workflow: at once, in the background, or as a stream."""
    body = request.json or {}
    asked = {key: True for key in _ASKED if body.get(key)}
    _check(request, body, asked)
    kind = "async" if body.get("async") else "sync"
    given = body.get("input", {})
    run_id = request.headers.get("x-run-id")
    workflow_id = request.path_args["workflow_id"]
    if run_id in state.runs:
        details = {"code": "RUN_ID_CONFLICT", "runId": run_id}
        raise Refused(409, "Run id was already used", details=details)
    run = running.begin(
        workflow_id, given, state, kind=kind, second=True, run_id=run_id
    )
    if reserved := [key for key in _RESERVED if key in given]:
        text = f"Input uses a reserved name: {reserved[0]}"
        run.status, run.output = "failed", None
        run.error = {"message": text, "code": "INVALID_INPUT"}
    limits = tuple(allowance.headers(state, kind))
    if kind == "async":
        running.in_background(run, state)
        return _data(_receipt(run, state), 202, (*limits, ("x-run-id", run.id)))
    if body.get("stream") and not request.as_json:
        selected = list(body.get("selectedOutputs") or ())
        frames = running.frames(run, selected, asked, second=True)
        # The stream does not carry the run's id, though the public document says so.
        return event_response(frames).with_headers(*limits)
    return _data(_result(run), 200, (*limits, ("x-run-id", run.id)))


def _check(request: Request, body: dict[str, Any], asked: dict[str, bool]) -> None:
    said = request.headers.get("x-sim-stream-protocol", "")
    if asked and _PROTOCOL not in said:
        text = "includeThinking and includeToolCalls require the "
        raise Refused(400, f"{text}X-Sim-Stream-Protocol: {_PROTOCOL} request header")
    if body.get("async") and body.get("stream"):
        raise Refused(400, "async and stream cannot be combined")
    if "executionTimeoutSeconds" in body and not body.get("async"):
        raise Refused(400, "executionTimeoutSeconds requires async")


def _data(
    value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    return json_response({"data": value}, status=status, headers=headers)


def _receipt(run: Run, state: State) -> dict[str, Any]:
    path = f"/api/v2/workflows/{run.workflow_id}/runs/{run.id}"
    return {"runId": run.id, "statusUrl": state.base_url + path}


def _error(run: Run) -> dict[str, Any] | None:
    if run.error is None:
        return None
    block = {"blockId": "agent1", "blockName": "Agent 1", "blockType": "agent"}
    return {"code": "BLOCK_EXECUTION_FAILED", **block, **run.error}


def _result(run: Run) -> dict[str, Any]:
    return {
        "runId": run.id,
        "workflowId": run.workflow_id,
        "status": run.status,
        "output": run.output,
        "error": _error(run),
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
        "durationMs": run.duration_ms,
    }


def run_of(request: Request, state: State) -> Run:
    """The run that the path names; :raises Refused: 404 where there is none."""
    deploying.workflow_of(request.path_args["workflow_id"], state)
    run = state.runs.get(request.path_args["run_id"])
    if run is None or run.workflow_id != request.path_args["workflow_id"]:
        raise Refused(404, "Run not found")
    return run


def _summary(run: Run) -> dict[str, Any]:
    return {
        "runId": run.id,
        "workflowId": run.workflow_id,
        "status": "pending" if run.status == "queued" else run.status,
        "trigger": "api",
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
        "durationMs": run.duration_ms if run.ended_at else None,
        "cost": {"total": run.cost},
    }


def list_runs(request: Request, state: State) -> Response:
    """One page of a workflow's runs, newest first if nothing else is asked."""
    workflow_id, asked = request.path_args["workflow_id"], request.query_args
    deploying.workflow_of(workflow_id, state)
    with state.lock:
        runs = [run for run in state.runs.values() if run.workflow_id == workflow_id]
    items = [_summary(run) for run in runs]
    for key in ("status", "trigger"):
        items = [each for each in items if asked.get(key, each[key]) == each[key]]
    if asked.get("order", "desc") == "desc":
        items.reverse()
    return by_cursor(items, request)


def get_run(request: Request, state: State) -> Response:
    """How far a run is; looking at it moves it on."""
    with state.lock:
        run = run_of(request, state)
        running.look(run, state)
        over, asked = run.status in _ENDED, request.query_args
        shown = {**_summary(run), "status": run.status}
        blocks = asked.get("selectedOutputs") if over else None
        return _data(
            {
                **shown,
                "paused": run.paused,
                "error": _error(run) if over else None,
                "output": run.output if over and asked.get("includeOutput") else None,
                "blockOutputs": dict.fromkeys(blocks, run.output) if blocks else None,
            }
        )


def resume_run(request: Request, state: State) -> Response:
    """Let a run go on that waits; what goes on is a new run."""
    with state.lock:
        run, body = run_of(request, state), request.json
        if run.paused is None:
            raise Refused(409, f"Run is {run.status}, not paused")
        if run.early:
            run.early -= 1
            raise Refused(404, "Paused execution not found")
        if run.paused["contextId"] != body["contextId"]:
            raise Refused(404, "Pause context not found")
        answer = body.get("input")
        following = running.made(run.workflow_id, answer, state, pauses=False)
        state.runs[following.id] = following
        run.paused, run.status = None, "completed"
    return _data(_result(following), 200, (("x-run-id", following.id),))


def cancel_run(request: Request, state: State) -> Response:
    """End a run that has not ended; one that has is left alone."""
    with state.lock:
        run = run_of(request, state)
        reason, was_paused = "recorded", run.paused is not None
        if run.status in _ENDED:
            reason = f"already_{run.status}"
        else:
            run.status, run.paused = "cancelled", None
            run.output, run.ended_at = None, state.now(milliseconds=True)
    return _data(
        {
            "success": True,
            "runId": run.id,
            "redisAvailable": True,
            "durablyRecorded": reason == "recorded",
            "locallyAborted": False,
            "pausedCancelled": was_paused,
            "reason": reason,
        }
    )


HANDLERS = {
    "startWorkflowRun": start_run,
    "listWorkflowRuns": list_runs,
    "getWorkflowRun": get_run,
    "resumeWorkflowRun": resume_run,
    "cancelWorkflowRun": cancel_run,
}
