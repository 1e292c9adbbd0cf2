"""Workflows, folders, files, logs and bills of the workflow API's second contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from specwire import Client
from specwire.sandbox import Sandbox

from .conftest import Caller

Problems = Callable[..., list[str]]
V2 = "/api/v2"
WS = {"workspaceId": "ws"}


@pytest.fixture
def check(call: Caller, problems: Problems) -> Callable[..., Any]:
    """Call, and compare the answer with the document; gives its data."""

    def checked(operation: str, method: str, path: str, **options: Any) -> Any:
        answer = call(method, V2 + path, **options)
        assert answer.status_code < 300, answer.text
        assert problems(operation, answer.json(), str(answer.status_code)) == []
        return answer.json()["data"]

    return checked


def test_a_workflow_lives(check: Callable[..., Any]) -> None:
    """Made, found, changed, exported, imported and deleted, all as documented."""
    made = check("createWorkflow", "POST", "/workflows", json={**WS, "name": "One"})
    path = f"/workflows/{made['id']}"
    check("updateWorkflow", "PATCH", path, json={"name": "Two", "folderPath": "/a"})
    assert check("getWorkflow", "GET", path)["name"] == "Two"
    [found] = check("listWorkflows", "GET", "/workflows", params=WS)
    assert found["folderPath"] == "/a"
    export = check("exportWorkflow", "GET", f"{path}/export")
    body = {**WS, "workflow": export}
    copy = check("importWorkflow", "POST", "/workflows/import", json=body)
    assert (copy["name"], copy["id"] != made["id"]) == ("Two", True)
    check("deleteWorkflow", "DELETE", path)
    [left] = check("listWorkflows", "GET", "/workflows", params=WS)
    assert left["id"] == copy["id"]


def test_versions_go_in_and_out_of_service(check: Callable[..., Any]) -> None:
    """Deployed twice, rolled back, undeployed: what may run follows."""
    path = "/workflows/wf_undeployed"
    for number in (1, 2):
        deployed = check("deployWorkflow", "POST", f"{path}/deploy", json={"name": "n"})
        assert deployed["version"] == number
    assert check("rollbackWorkflow", "POST", f"{path}/rollback")["version"] == 1
    versions = check("listWorkflowVersions", "GET", f"{path}/versions")
    assert [(v["version"], v["isActive"]) for v in versions] == [(2, False), (1, True)]
    check("getWorkflowVersion", "GET", f"{path}/versions/2")
    check("startWorkflowRun", "POST", f"{path}/execute", json={})
    check("undeployWorkflow", "DELETE", f"{path}/deploy")
    found = check("getWorkflowDeployment", "GET", f"{path}/deployment")
    assert (found["isDeployed"], found["activeDeployment"]) == (False, None)


def test_the_first_contract_sees_what_the_second_does(
    call: Caller, check: Callable[..., Any]
) -> None:
    """A workflow that is taken out of service may not be run by either."""
    assert call("GET", "/api/workflows/wf_1/status").json()["isDeployed"] is True
    check("undeployWorkflow", "DELETE", "/workflows/wf_1/deploy")
    assert call("GET", "/api/workflows/wf_1/status").json()["isDeployed"] is False
    assert call("POST", "/api/workflows/wf_1/execute").status_code == 403


@pytest.mark.parametrize("kind", ["Workflow", "File"])
def test_folders_have_paths(check: Callable[..., Any], kind: str) -> None:
    """Made, listed, moved and deleted."""
    at, one = f"/{kind.lower()}s/folders", {**WS, "path": "/a"}
    check(f"create{kind}Folder", "POST", at, json=one)
    moved = {**one, "destinationPath": "/b"}
    check(f"move{kind}Folder", "PATCH", at, json=moved)
    [found] = check(f"list{kind}Folders", "GET", at, params=WS)
    assert found["path"] == "/b"
    check(f"delete{kind}Folder", "DELETE", at, params={**WS, "path": "/b"})
    assert check(f"list{kind}Folders", "GET", at, params=WS) == []


def test_a_file_lives(call: Caller, check: Callable[..., Any]) -> None:
    """Made, written, renamed, moved, shared, deleted and restored."""
    body = {**WS, "name": "a.txt", "content": "aGk=", "encoding": "base64"}
    made = check("createWorkspaceFile", "POST", "/files", json=body)
    path = f"/files/{made['id']}"
    assert call("GET", V2 + path, params=WS).content == b"hi"
    content = {**WS, "content": "longer"}
    assert (
        check("writeWorkspaceFile", "PUT", f"{path}/content", json=content)["size"] == 6
    )
    check("renameWorkspaceFile", "PATCH", path, json={**WS, "name": "b.txt"})
    several = {**WS, "fileIds": [made["id"], "other"]}
    moved = check("moveWorkspaceFiles", "POST", "/files/move", json=several)
    assert moved["movedItems"] == {"files": 1}
    assert check("getFileShare", "GET", f"{path}/share", params=WS) is None
    check("setFileShare", "PATCH", f"{path}/share", json={**WS, "isActive": True})
    found = check("getWorkspaceFile", "GET", f"{path}/metadata", params=WS)
    assert (found["name"], found["share"]["isActive"]) == ("b.txt", True)
    check("deleteWorkspaceFile", "DELETE", path, params=WS)
    assert check("listWorkspaceFiles", "GET", "/files", params=WS) == []
    check("restoreWorkspaceFile", "POST", f"{path}/restore", json=WS)
    gone = check("deleteWorkspaceFiles", "POST", "/files/bulk-delete", json=several)
    assert gone["deletedItems"] == {"files": 1}


@pytest.mark.parametrize("size", [3, (8 << 20) + 1])
def test_a_file_is_uploaded_whole_or_in_parts(
    call: Caller, check: Callable[..., Any], size: int
) -> None:
    """To addresses that need no key; completing it twice is the same file."""
    body = {**WS, "name": "a", "contentType": "x/y", "size": size}
    begun = check("beginFileUpload", "POST", "/files/uploads", json=body)
    path, transfer = f"/files/uploads/{begun['session']['id']}", begun["transfer"]
    told: dict[str, Any] = {
        "params": WS,
        "headers": {"upload-token": begun["uploadToken"]},
    }
    places, whole = [transfer], b"x" * size
    if transfer["method"] == "multipart":
        numbers = {"partNumbers": [*range(1, transfer["partCount"] + 1)]}
        places = check(
            "getUploadPartUrls", "POST", f"{path}/parts", json=numbers, **told
        )["parts"]
    step = transfer.get("partSize", size)
    for number, place in enumerate(places):
        at = place["url"].removeprefix(call.box.url)
        piece = whole[number * step : (number + 1) * step]
        assert (
            call("PUT", at, data=piece, headers={"x-api-key": None}).status_code == 200
        )
    done = [
        check("completeFileUpload", "POST", f"{path}/complete", **told)
        for _ in range(2)
    ]
    assert done[0] == done[1]
    assert (
        call("GET", f"{V2}/files/{done[0]['file']['id']}", params=WS).content == whole
    )


def test_logs_and_bills_tell_of_runs(check: Callable[..., Any]) -> None:
    """Every run has a log and a bill; a failed one is told as an error."""
    for workflow in ("wf_1", "wf_fail"):
        check("startWorkflowRun", "POST", f"/workflows/{workflow}/execute", json={})
    asked = {"workspaceId": "ws_sandbox", "level": "error", "details": "full"}
    asked |= {"includeTraceSpans": "true", "workflowIds": "wf_1,wf_fail"}
    [log] = check("listLogs", "GET", "/logs", params=asked)
    assert (log["workflow"]["id"], len(log["traceSpans"])) == ("wf_fail", 1)
    assert check("getLog", "GET", f"/logs/{log['runId']}")["status"] == "failed"
    bills = check("listBillingLogs", "GET", "/billing/logs")
    assert sum(bill["creditCost"] for bill in bills) == 2.0
    assert check("getBillingStatus", "GET", "/billing/status")["credits"]["used"] == 2.0
    [deed, _] = check(
        "listAuditLogs", "GET", "/audit-logs", params={"organizationId": "o"}
    )
    path = f"/audit-logs/{deed['id']}"
    assert check("getAuditLog", "GET", path, params={"organizationId": "o"}) == deed


def test_the_client_reads_all_of_it(box: Sandbox) -> None:
    """Envelopes are opened, lists go on by themselves, files are downloads."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        for number in range(3):
            client.workflows.create(workspace_id="ws", name=f"n{number}")
        found = client.workflows.list(workspace_id="ws", limit=2)
        assert [each.name for each in found] == ["n0", "n1", "n2"]
        file = client.workspaces.files.create(workspace_id="ws", name="a", content="é")
        with client.workspaces.files.download(file.id, workspace_id="ws") as body:
            assert body.read() == "é".encode()
        assert client.workspaces.files.share(file.id, workspace_id="ws") is None
        assert client.workflows.folders.list(workspace_id="ws") == []
