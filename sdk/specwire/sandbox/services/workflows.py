"""The workflow API's operations: run, look at a run, see what is left.

Every workflow exists and is deployed, except by name: ``wf_missing…`` is not found,
``wf_undeployed…`` is not deployed, ``wf_fail…`` fails when it runs. The output is
derived from the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..shapes import sse
from ..state import Run, State
from ..values import (
    Refused,
    Request,
    Response,
    dump_json,
    event_response,
    json_response,
)

_LIMITS = {"sync": 60, "async": 60}
_COST = 0.005
_CONTROL = ("stream", "selectedOutputs")
_FAILURE = "Block agent1 failed: the sandbox was asked to"
_ESTIMATE_MS = 180_000


def execute_workflow(request: Request, state: State) -> Response:
    """Run a workflow: at once, in the background, or as a stream."""
    workflow_id = request.path_args["workflow_id"]
    _check(workflow_id)
    body = request.json if isinstance(request.json, dict) else {}
    headers = request.headers
    selected = list(body.get("selectedOutputs") or ())
    in_background = headers.get("x-execution-mode", "").lower() == "async"
    kind = "async" if in_background else "sync"
    with state.lock:
        state.used[kind] += 1
    run = _run(workflow_id, body, state)
    if in_background:
        return _queued(run, state)
    wants_stream = bool(body.get("stream"))
    wants_stream |= headers.get("x-stream-response", "").lower() == "true"
    if wants_stream and not request.as_json:
        return event_response(_frames(run, selected))
    if run.error is not None:
        raise Refused(500, run.error["message"], kind="EXECUTION_ERROR")
    return json_response(
        {
            "success": True,
            "output": run.output,
            "metadata": {
                "duration": run.duration_ms,
                "startTime": run.started_at,
                "endTime": run.ended_at,
            },
        }
    )


def get_workflow_status(request: Request, state: State) -> Response:
    """Whether the workflow is deployed."""
    workflow_id = request.path_args["workflow_id"]
    if workflow_id.startswith("wf_missing"):
        raise Refused(404, "Workflow not found")
    deployed = not workflow_id.startswith("wf_undeployed")
    return json_response(
        {
            "isDeployed": deployed,
            "deployedAt": "2026-01-02T03:04:05.000Z" if deployed else None,
            "needsRedeployment": False,
        }
    )


def get_job(request: Request, state: State) -> Response:
    """The background run's state; looking at it moves it on."""
    with state.lock:
        run = state.jobs.get(request.path_args["task_id"])
        if run is None:
            raise Refused(404, "Task not found")
        run.looked += 1
        run.status = _status_after(run)
        if run.status in ("completed", "failed") and run.ended_at is None:
            run.ended_at = state.now(milliseconds=True)
        return json_response(_job(run))


def get_usage_limits(request: Request, state: State) -> Response:
    """What is left; every run takes one away."""
    rates: dict[str, Any] = {"authType": "api"}
    for kind, limit in _LIMITS.items():
        remaining = max(limit - state.used[kind], 0)
        rates[kind] = {
            "isLimited": remaining == 0,
            "limit": limit,
            "remaining": remaining,
            "resetAt": state.now(60, milliseconds=True),
        }
    with state.lock:
        stored = sum(file.content.size for file in state.files.values())
    cost = round(_COST * sum(state.used.values()), 6)
    return json_response(
        {
            "success": True,
            "rateLimit": rates,
            "usage": {"currentPeriodCost": cost, "limit": 20.0, "plan": "free"},
            "storage": {
                "usedBytes": stored,
                "limitBytes": 5 << 30,
                "percentUsed": round(100 * stored / (5 << 30), 6),
            },
        }
    )


def _check(workflow_id: str) -> None:
    if workflow_id.startswith("wf_missing"):
        raise Refused(404, "Workflow not found")
    if workflow_id.startswith("wf_undeployed"):
        raise Refused(403, "Workflow is not deployed")


def _run(workflow_id: str, body: Mapping[str, Any], state: State) -> Run:
    given = body.get("input", body)
    if given is body:
        given = {key: value for key, value in body.items() if key not in _CONTROL}
    failed = workflow_id.startswith("wf_fail")
    random = state.random(workflow_id, given)
    duration_ms = random.randint(100, 900)
    words = dump_json(given).decode()
    content = f"Workflow {workflow_id} received {words} and has come to its end."
    return Run(
        id=state.ids.new("run_"),
        workflow_id=workflow_id,
        status="failed" if failed else "completed",
        output=None if failed else {"content": content, "input": given},
        error={"message": _FAILURE} if failed else None,
        started_at=state.now(milliseconds=True),
        ended_at=state.now(duration_ms / 1000, milliseconds=True),
        duration_ms=duration_ms,
    )


def _queued(run: Run, state: State) -> Response:
    run.steps = state.job_steps
    run.status, run.ended_at = "queued", None
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


def _status_after(run: Run) -> str:
    if run.looked > run.steps:
        return "completed" if run.error is None else "failed"
    return "queued" if run.looked == 1 and run.steps > 1 else "processing"


def _job(run: Run) -> dict[str, Any]:
    metadata: dict[str, Any] = {"startedAt": run.started_at}
    job = {
        "success": True,
        "taskId": run.id,
        "status": run.status,
        "metadata": metadata,
    }
    if run.status in ("queued", "processing"):
        job["estimatedDuration"] = _ESTIMATE_MS
        return job
    metadata |= {"completedAt": run.ended_at, "duration": run.duration_ms}
    if run.error is None:
        job["output"] = run.output
    else:
        job["error"] = run.error["message"]
    return job


def _frames(run: Run, selected: list[str]) -> Iterator[bytes]:
    """Chunks of text per block, the result, and the mark that ends the stream.

    A failed run ends with its error and without the mark, as with the API.
    """
    if run.error is not None:
        yield sse({"event": "error", "error": run.error["message"]})
        return
    output: dict[str, Any] = {}
    for index, name in enumerate(selected or ["agent1.content"]):
        block, _, path = name.partition(".")
        text = _at(run.output, path)
        output.setdefault(block, {})[path or "content"] = text
        gap = "\n\n" if index else ""
        for piece in _pieces(text):
            yield sse({"blockId": block, "chunk": gap + piece})
            gap = ""
    final = {"success": True, "output": output if selected else run.output}
    yield sse({"event": "final", "data": final})
    yield sse("[DONE]")


def _at(output: Any, path: str) -> str:
    value = output.get(path, output["content"])
    return value if isinstance(value, str) else dump_json(value).decode()


def _pieces(text: str) -> Iterator[str]:
    for index, word in enumerate(text.split(" ")):
        yield f" {word}" if index else word


HANDLERS = {
    "executeWorkflow": execute_workflow,
    "getWorkflowStatus": get_workflow_status,
    "getJob": get_job,
    "getUsageLimits": get_usage_limits,
}
