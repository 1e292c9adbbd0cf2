"""Files of a workspace: what is stored is given back byte for byte."""

from __future__ import annotations

import base64
import mimetypes
from typing import Any

from ..state import State, WorkspaceFile
from ..values import Refused, Request, Response, Slice, json_response
from .paging import by_cursor

_ORDERS = ("name", "size", "uploadedAt", "updatedAt")


def stored(
    name: str,
    kind: str | None,
    content: bytes,
    workspace: str,
    folder: str,
    state: State,
) -> WorkspaceFile:
    """Keep ``content`` as a new file."""
    now, file_id = state.now(milliseconds=True), state.ids.new("wf_file_")
    facts = {
        "id": file_id,
        "name": name,
        "size": len(content),
        "type": kind or mimetypes.guess_type(name)[0] or "application/octet-stream",
        "key": f"workspace/{workspace}/{file_id}",
        "folderPath": folder,
        "uploadedByEmail": "ann@sandbox.test",
        "uploadedAt": now,
        "updatedAt": now,
        "deletedAt": None,
    }
    file = WorkspaceFile(facts, workspace, content)
    with state.lock:
        state.workspace_files[file_id] = file
    return file


def _content(body: dict[str, Any]) -> bytes:
    text: str = body.get("content", "")
    if body.get("encoding", "utf-8") == "utf-8":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(400, "content: not base64") from None


def _data(value: Any, status: int = 200) -> Response:
    return json_response({"data": value}, status=status)


def _file(request: Request, state: State, *, deleted: bool = False) -> WorkspaceFile:
    file = state.workspace_files.get(request.path_args["file_id"])
    said = request.json if isinstance(request.json, dict) else request.query_args
    if file is None or file.workspace_id != said["workspaceId"]:
        raise Refused(404, "File not found")
    if bool(file.facts["deletedAt"]) and not deleted:
        raise Refused(404, "File not found")
    return file


def list_files(request: Request, state: State) -> Response:
    """One page of a workspace's files."""
    asked = request.query_args
    with state.lock:
        files = list(state.workspace_files.values())
    archived = asked.get("scope") == "archived"
    items = [
        file.facts
        for file in files
        if file.workspace_id == asked["workspaceId"]
        and bool(file.facts["deletedAt"]) == archived
        and _within(file.facts["folderPath"], asked)
        and asked.get("search", "").lower() in file.facts["name"].lower()
    ]
    order = asked.get("sortBy", "uploadedAt")
    items.sort(key=lambda each: each[order if order in _ORDERS else "uploadedAt"])
    if asked.get("sortOrder") == "desc":
        items.reverse()
    return by_cursor(items, request, 100)


def _within(folder: str, asked: Any) -> bool:
    wanted = asked.get("folderPath")
    if wanted is None or folder == wanted:
        return True
    return bool(asked.get("recursive")) and folder.startswith(wanted.rstrip("/") + "/")


def create_file(request: Request, state: State) -> Response:
    """Make a file of what the body holds."""
    body = request.json
    folder, kind = body.get("folderPath", "/"), body.get("contentType")
    content = _content(body)
    file = stored(body["name"], kind, content, body["workspaceId"], folder, state)
    return _data(file.facts, 201)


def get_file(request: Request, state: State) -> Response:
    """What is known of a file."""
    archived = request.query_args.get("scope") == "archived"
    file = _file(request, state, deleted=archived)
    return _data({**file.facts, "share": file.share})


def download_file(request: Request, state: State) -> Response:
    """The file's bytes."""
    file = _file(request, state)
    name = file.facts["name"].replace('"', "")
    headers = (("content-disposition", f'attachment; filename="{name}"'),)
    whole = Slice(file.content, 0, len(file.content))
    return Response(200, whole, headers, "application/octet-stream")


def write_file(request: Request, state: State) -> Response:
    """Write a file's content anew."""
    file = _file(request, state)
    file.content = _content(request.json)
    now = state.now(milliseconds=True)
    file.facts.update(size=len(file.content), updatedAt=now)
    return _data(file.facts)


def rename_file(request: Request, state: State) -> Response:
    """Give a file another name."""
    file = _file(request, state)
    file.facts["name"] = request.json["name"]
    return _data(file.facts)


def delete_file(request: Request, state: State) -> Response:
    """Delete a file; it can be restored."""
    file = _file(request, state)
    file.facts["deletedAt"] = state.now(milliseconds=True)
    return _data({"id": file.facts["id"], "deleted": True})


def restore_file(request: Request, state: State) -> Response:
    """Take a deleted file back."""
    file = _file(request, state, deleted=True)
    file.facts["deletedAt"] = None
    return _data(file.facts)


def _each(request: Request, state: State) -> list[WorkspaceFile]:
    body = request.json
    found = [state.workspace_files.get(file_id) for file_id in body["fileIds"]]
    return [
        file
        for file in found
        if file is not None
        and file.workspace_id == body["workspaceId"]
        and not file.facts["deletedAt"]
    ]


def move_files(request: Request, state: State) -> Response:
    """Put files into another folder."""
    files = _each(request, state)
    for file in files:
        file.facts["folderPath"] = request.json.get("targetFolderPath", "/")
    return _data({"movedItems": {"files": len(files)}})


def delete_files(request: Request, state: State) -> Response:
    """Delete several files."""
    files = _each(request, state)
    for file in files:
        file.facts["deletedAt"] = state.now(milliseconds=True)
    return _data({"deletedItems": {"files": len(files)}})


def get_share(request: Request, state: State) -> Response:
    """The file's share, or null."""
    return _data(_file(request, state).share)


def set_share(request: Request, state: State) -> Response:
    """Make or change the file's share."""
    file, body = _file(request, state), request.json
    share = file.share
    if share is None:
        token = state.ids.new("", 24)
        share = {"id": state.ids.new("share_"), "token": token, "authType": "public"}
        share |= {"url": f"{state.base_url}/share/{token}", "hasPassword": False}
        share |= {"resourceType": "file", "resourceId": file.facts["id"]}
        share |= {"allowedEmails": []}
    changed = {key: body[key] for key in ("authType", "allowedEmails") if key in body}
    guarded = {"hasPassword": True} if "password" in body else {}
    file.share = {**share, **changed, **guarded, "isActive": body["isActive"]}
    return _data(file.share)


HANDLERS = {
    "listWorkspaceFiles": list_files,
    "createWorkspaceFile": create_file,
    "getWorkspaceFile": get_file,
    "downloadWorkspaceFile": download_file,
    "writeWorkspaceFile": write_file,
    "renameWorkspaceFile": rename_file,
    "deleteWorkspaceFile": delete_file,
    "deleteWorkspaceFiles": delete_files,
    "moveWorkspaceFiles": move_files,
    "restoreWorkspaceFile": restore_file,
    "getFileShare": get_share,
    "setFileShare": set_share,
}
