"""What runs did and what they cost: the logs and the bills of the second contract."""

from __future__ import annotations

from typing import Any

from ..state import Run, State
from ..values import Refused, Request, Response, json_response
from . import allowance
from .paging import by_cursor

_CREDITS = 200
"""Credits of a dollar."""


def _log(run: Run) -> dict[str, Any]:
    return {
        "runId": run.id,
        "workflowId": run.workflow_id,
        "deploymentVersionId": None,
        "status": "pending" if run.status == "queued" else run.status,
        "level": "error" if run.error else "info",
        "trigger": "api",
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
        "totalDurationMs": run.duration_ms if run.ended_at else None,
        "cost": {"total": run.cost},
        "files": None,
    }


def _spans(run: Run) -> list[dict[str, Any]]:
    span: dict[str, Any] = {
        "id": f"span_{run.id}",
        "name": "Agent 1",
        "type": "agent",
        "blockId": "agent1",
        "durationMs": run.duration_ms,
        "startTime": run.started_at,
        "status": "error" if run.error else "success",
        "input": run.given,
        "children": [],
    }
    return [{**span, "errorMessage": run.error["message"]} if run.error else span]


def list_logs(request: Request, state: State) -> Response:
    """One page of the logs, newest first if nothing else is asked."""
    asked = request.query_args
    with state.lock:
        runs = list(state.runs.values())
    full = asked.get("details") == "full"
    items = []
    for run in runs:
        log, workflow = _log(run), state.workflows[run.workflow_id].facts
        if workflow["workspaceId"] != asked["workspaceId"] or not _wanted(log, asked):
            continue
        if full:
            kept = ("id", "name", "description")
            log["workflow"] = {**{key: workflow[key] for key in kept}, "deleted": False}
        if full and asked.get("includeTraceSpans"):
            log["traceSpans"] = _spans(run)
        if full and asked.get("includeFinalOutput"):
            log["finalOutput"] = run.output
        items.append(log)
    if asked.get("order", "desc") == "desc":
        items.reverse()
    return by_cursor(items, request, 100)


def _wanted(log: dict[str, Any], asked: Any) -> bool:
    return (
        asked.get("level", log["level"]) == log["level"]
        and asked.get("runId", log["runId"]) == log["runId"]
        and log["workflowId"] in asked.get("workflowIds", [log["workflowId"]])
        and log["trigger"] in asked.get("triggers", [log["trigger"]])
        and log["cost"]["total"] >= asked.get("minCost", 0)
    )


def get_log(request: Request, state: State) -> Response:
    """The log of one run."""
    run = state.runs.get(request.path_args["run_id"])
    if run is None:
        raise Refused(404, "Log not found")
    facts = state.workflows[run.workflow_id].facts
    kept = ("id", "name", "description", "folderPath", "workspaceId")
    times = ("createdAt", "updatedAt")
    workflow = {key: facts[key] for key in (*kept, *times)}
    return json_response(
        {
            "data": {
                **_log(run),
                "workflow": {**workflow, "ownerEmail": None, "deleted": False},
                "workflowState": None,
                "traceSpans": _spans(run),
                "finalOutput": run.output,
                "createdAt": run.started_at,
            }
        }
    )


def billing_status(request: Request, state: State) -> Response:
    """What is used of the money that there is."""
    used, limit = state.cost * _CREDITS, state.limits.cost * _CREDITS
    spent = state.cost + allowance.COST > state.limits.cost + 1e-9
    stored = sum(len(file.content) for file in state.workspace_files.values())
    return json_response(
        {
            "data": {
                "workspaceId": request.query_args.get("workspaceId"),
                "period": {"start": state.now(), "end": state.now(30 * 86_400)},
                "plan": "free",
                "status": "limit_exceeded" if spent else "active",
                "credits": {"used": used, "limit": limit, "remaining": limit - used},
                "storage": {
                    "usedBytes": stored,
                    "limitBytes": 5 << 30,
                    "percentUsed": 100 * stored / (5 << 30),
                },
            }
        }
    )


def list_bills(request: Request, state: State) -> Response:
    """One page of what was paid for, newest first."""
    asked = request.query_args
    with state.lock:
        runs = list(reversed(state.runs.values()))
    items = [_bill(run, state) for run in runs if run.cost]
    for key in ("source", "workspaceId"):
        items = [each for each in items if asked.get(key, each[key]) == each[key]]
    return by_cursor(items, request)


def _bill(run: Run, state: State) -> dict[str, Any]:
    facts = state.workflows[run.workflow_id].facts
    return {
        "id": f"bill_{run.id}",
        "createdAt": run.started_at,
        "source": "workflow",
        "workspaceId": facts["workspaceId"],
        "workflow": {"id": facts["id"], "name": facts["name"]},
        "runId": run.id,
        "creditCost": run.cost * _CREDITS,
    }


def _deeds(state: State) -> list[dict[str, Any]]:
    """What people did, newest first: here they do nothing but deploy."""
    with state.lock:
        found = [(w, v) for w in state.workflows.values() for v in w.versions]
    return [
        {
            "id": f"audit_{version['id']}",
            "workspaceId": workflow.facts["workspaceId"],
            "actorName": "Ann",
            "actorEmail": "ann@sandbox.test",
            "action": "workflow.deployed",
            "resourceType": "workflow",
            "resourceId": workflow.facts["id"],
            "resourceName": workflow.facts["name"],
            "description": version["description"],
            "metadata": {"version": version["version"]},
            "createdAt": version["createdAt"],
        }
        for workflow, version in reversed(found)
    ]


def list_audit_logs(request: Request, state: State) -> Response:
    """One page of what people did."""
    asked, items = request.query_args, _deeds(state)
    for key in ("action", "resourceType", "resourceId", "workspaceId", "actorEmail"):
        items = [each for each in items if asked.get(key, each[key]) == each[key]]
    return by_cursor(items, request)


def get_audit_log(request: Request, state: State) -> Response:
    """One thing that was done."""
    for each in _deeds(state):
        if each["id"] == request.path_args["audit_log_id"]:
            return json_response({"data": each})
    raise Refused(404, "Audit log not found")


HANDLERS = {
    "listAuditLogs": list_audit_logs,
    "getAuditLog": get_audit_log,
    "listLogs": list_logs,
    "getLog": get_log,
    "getBillingStatus": billing_status,
    "listBillingLogs": list_bills,
}
