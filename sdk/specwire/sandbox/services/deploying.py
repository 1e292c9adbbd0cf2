"""Workflows themselves: made, changed, deployed, rolled back, exported and imported.

Every workflow exists as soon as it is asked for, in the workspace ``ws_sandbox`` and
deployed, except by name: ``wf_missing…`` is not found, ``wf_undeployed…`` is deployed
only once somebody deploys it.
"""

from __future__ import annotations

import json
from typing import Any

from ..state import State, Workflow
from ..values import Refused, Request, Response, json_response
from .paging import by_cursor

WORKSPACE = "ws_sandbox"
_ORDERS = ("name", "createdAt", "updatedAt", "runCount")


def workflow_of(workflow_id: str, state: State) -> Workflow:
    """The workflow of that name.

    :raises Refused: 404 where it is not there or was deleted.
    """
    with state.lock:
        found = state.workflows.get(workflow_id)
        if found is None and not workflow_id.startswith("wf_missing"):
            found = _made(workflow_id, workflow_id, WORKSPACE, state)
            if not workflow_id.startswith("wf_undeployed"):
                _new_version(found, state)
    if found is None or found.deleted:
        raise Refused(404, "Workflow not found")
    return found


def deployed(workflow_id: str, state: State) -> Workflow:
    """The workflow, if it may be run; :raises Refused: 403 where it is not deployed."""
    found = workflow_of(workflow_id, state)
    if found.deployed is None:
        raise Refused(403, "Workflow is not deployed")
    return found


def _made(workflow_id: str, name: str, workspace: str, state: State) -> Workflow:
    now = state.now(milliseconds=True)
    made = Workflow(
        {
            "id": workflow_id,
            "name": name,
            "description": None,
            "folderPath": "/",
            "workspaceId": workspace,
            "isDeployed": False,
            "deployedAt": None,
            "runCount": 0,
            "lastRunAt": None,
            "createdAt": now,
            "updatedAt": now,
        }
    )
    state.workflows[workflow_id] = made
    return made


def _new_version(workflow: Workflow, state: State, said: Any = None) -> None:
    said = said or {}
    number = len(workflow.versions) + 1
    workflow.versions.append(
        {
            "id": state.ids.new("ver_"),
            "version": number,
            "name": said.get("name"),
            "description": said.get("description"),
            "createdAt": state.now(milliseconds=True),
            "state": {"blocks": {}, "edges": [], "workflow": workflow.facts["name"]},
        }
    )
    _serve(workflow, number, state)


def _serve(workflow: Workflow, number: int | None, state: State) -> None:
    workflow.deployed = number
    at = None if number is None else state.now(milliseconds=True)
    workflow.facts.update(isDeployed=number is not None, deployedAt=at)


def _asked(request: Request, state: State) -> Workflow:
    return workflow_of(request.path_args["workflow_id"], state)


def _data(value: Any, status: int = 200) -> Response:
    return json_response({"data": value}, status=status)


# -- the workflows -----------------------------------------------------------------


def list_workflows(request: Request, state: State) -> Response:
    """One page of a workspace's workflows."""
    asked = request.query_args
    with state.lock:
        items = [each.facts for each in state.workflows.values() if not each.deleted]
    items = [each for each in items if each["workspaceId"] == asked["workspaceId"]]
    if asked.get("deployedOnly"):
        items = [each for each in items if each["isDeployed"]]
    if "folderPath" in asked:
        items = [each for each in items if each["folderPath"] == asked["folderPath"]]
    words = asked.get("search", "").lower()
    items = [each for each in items if words in each["name"].lower()]
    if asked.get("sortBy") in _ORDERS:
        items.sort(key=lambda each: each[asked["sortBy"]])
    if asked.get("sortOrder") == "desc":
        items.reverse()
    return by_cursor(items, request)


def create_workflow(request: Request, state: State) -> Response:
    """Make a workflow that is not deployed."""
    body = request.json
    with state.lock:
        made = _made(state.ids.new("wf_"), body["name"], body["workspaceId"], state)
    made.facts["description"] = body.get("description")
    made.facts["folderPath"] = body.get("folderPath", "/")
    return _data(made.facts, 201)


def get_workflow(request: Request, state: State) -> Response:
    """One workflow with its inputs."""
    inputs = [{"name": "message", "type": "string"}]
    return _data({**_asked(request, state).facts, "variables": {}, "inputs": inputs})


def update_workflow(request: Request, state: State) -> Response:
    """Change what the body names."""
    found = _asked(request, state)
    with state.lock:
        found.facts.update(request.json, updatedAt=state.now(milliseconds=True))
    return _data(found.facts)


def delete_workflow(request: Request, state: State) -> Response:
    """Forget a workflow."""
    found = _asked(request, state)
    found.deleted = True
    return _data({"id": found.facts["id"], "deleted": True})


# -- what is in service --------------------------------------------------------------


def _deployment(workflow: Workflow) -> dict[str, Any]:
    facts, number = workflow.facts, workflow.deployed
    said = {key: facts[key] for key in ("id", "isDeployed", "deployedAt")}
    active = attempt = None
    if number is not None:
        version = workflow.versions[number - 1]
        of = {"deploymentVersionId": version["id"], "version": number}
        active = {**of, "deployedAt": facts["deployedAt"]}
        ready = dict.fromkeys(("webhooks", "schedules", "mcp"), "not_applicable")
        attempt = {
            **of,
            "id": f"op_{version['id']}",
            "action": "deploy",
            "status": "active",
            "isCurrent": True,
            "readiness": ready,
            "requestedAt": facts["deployedAt"],
            "activatedAt": facts["deployedAt"],
            "error": None,
        }
    return {
        **said,
        "warnings": [],
        "activeDeployment": active,
        "latestDeploymentAttempt": attempt,
    }


def get_deployment(request: Request, state: State) -> Response:
    """What is in service."""
    found = _asked(request, state)
    return _data({**_deployment(found), "needsRedeployment": False})


def deploy(request: Request, state: State) -> Response:
    """Put the workflow as it is now in service, as a new version."""
    found = _asked(request, state)
    with state.lock:
        _new_version(found, state, request.json)
    return _data({**_deployment(found), "version": found.deployed})


def undeploy(request: Request, state: State) -> Response:
    """Take the workflow out of service."""
    found = _asked(request, state)
    with state.lock:
        _serve(found, None, state)
    return _data(_deployment(found))


def rollback(request: Request, state: State) -> Response:
    """Put an older version in service; the one before the present if none is named."""
    found = _asked(request, state)
    if found.deployed is None:
        raise Refused(409, "Workflow is not deployed")
    number = (request.json or {}).get("version", found.deployed - 1)
    if not 1 <= number <= len(found.versions):
        raise Refused(404, "Deployment version not found")
    with state.lock:
        _serve(found, number, state)
    return _data({**_deployment(found), "version": number})


def _version(found: Workflow, version: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in version.items() if key != "state"}
    return {**shown, "isActive": version["version"] == found.deployed}


def list_versions(request: Request, state: State) -> Response:
    """One page of the versions, newest first."""
    found = _asked(request, state)
    return by_cursor([_version(found, v) for v in reversed(found.versions)], request)


def get_version(request: Request, state: State) -> Response:
    """One version with the workflow as it was."""
    found, number = _asked(request, state), request.path_args["version"]
    for version in found.versions:
        if str(version["version"]) == number:
            return _data({**_version(found, version), "state": version["state"]})
    raise Refused(404, "Deployment version not found")


def export_workflow(request: Request, state: State) -> Response:
    """The workflow in a form that can be imported."""
    facts = _asked(request, state).facts
    kept = ("id", "name", "description", "workspaceId", "folderPath")
    return _data(
        {
            "version": "1.0",
            "exportedAt": state.now(milliseconds=True),
            "workflow": {key: facts[key] for key in kept},
            "state": {"blocks": {}, "edges": []},
        }
    )


def import_workflow(request: Request, state: State) -> Response:
    """A workflow made of an export."""
    body, given = request.json, request.json["workflow"]
    try:
        given = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise Refused(400, "workflow: not JSON") from None
    said = given.get("workflow") if isinstance(given, dict) else None
    name = body.get("name") or (said or {}).get("name") or "Imported workflow"
    with state.lock:
        made = _made(state.ids.new("wf_"), name, body["workspaceId"], state)
    made.facts["description"] = body.get("description")
    made.facts["folderPath"] = body.get("folderPath", "/")
    kept = ("id", "name", "description", "workspaceId", "folderPath")
    times = ("createdAt", "updatedAt")
    return _data({key: made.facts[key] for key in (*kept, *times)}, 201)


HANDLERS = {
    "listWorkflows": list_workflows,
    "createWorkflow": create_workflow,
    "getWorkflow": get_workflow,
    "updateWorkflow": update_workflow,
    "deleteWorkflow": delete_workflow,
    "getWorkflowDeployment": get_deployment,
    "deployWorkflow": deploy,
    "undeployWorkflow": undeploy,
    "rollbackWorkflow": rollback,
    "listWorkflowVersions": list_versions,
    "getWorkflowVersion": get_version,
    "exportWorkflow": export_workflow,
    "importWorkflow": import_workflow,
}
