"""Folders of workflows and of files, by their paths."""

from __future__ import annotations

from typing import Any

from ..state import State
from ..values import Refused, Request, Response, json_response


class Folders:
    """The folders of one kind: ``workflows`` or ``files``."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def _facts(self, path: str, state: State) -> dict[str, Any]:
        now = state.now(milliseconds=True)
        parent, _, name = path.rpartition("/")
        facts = {"name": name, "path": path, "parentPath": parent or "/"}
        times = {"createdAt": now, "updatedAt": now}
        locked = {"locked": False} if self.kind == "workflows" else {}
        return {**facts, **times, **locked}

    def list(self, request: Request, state: State) -> Response:
        """All of a workspace; there are no pages."""
        asked = request.query_args
        with state.lock:
            items = [
                facts
                for (kind, workspace, _), facts in sorted(state.folders.items())
                if (kind, workspace) == (self.kind, asked["workspaceId"])
                and asked.get("parentPath", facts["parentPath"]) == facts["parentPath"]
            ]
        return json_response({"data": items, "nextCursor": None})

    def create(self, request: Request, state: State) -> Response:
        """Make a folder; one that is there is a conflict."""
        path = "/" + request.json["path"].strip("/")
        key = (self.kind, request.json["workspaceId"], path)
        with state.lock:
            if key in state.folders:
                raise Refused(409, "A folder with this path already exists")
            state.folders[key] = self._facts(path, state)
        return json_response({"data": state.folders[key]}, status=201)

    def move(self, request: Request, state: State) -> Response:
        """Give a folder another path."""
        body = request.json
        to = "/" + body["destinationPath"].strip("/")
        with state.lock:
            old = self._taken(body["workspaceId"], body["path"], state)
            facts = {**self._facts(to, state), "createdAt": old["createdAt"]}
            state.folders[self.kind, body["workspaceId"], to] = facts
        return json_response({"data": facts})

    def delete(self, request: Request, state: State) -> Response:
        """Forget a folder."""
        asked = request.query_args
        with state.lock:
            old = self._taken(asked["workspaceId"], asked["path"], state)
        items = {"folders": 1, self.kind: 0}
        gone = {"path": old["path"], "deleted": True, "deletedItems": items}
        return json_response({"data": gone})

    def _taken(self, workspace: str, path: str, state: State) -> dict[str, Any]:
        key = (self.kind, workspace, "/" + path.strip("/"))
        if key not in state.folders:
            raise Refused(404, "Folder not found")
        return state.folders.pop(key)


_WORKFLOWS = Folders("workflows")
_FILES = Folders("files")
HANDLERS = {
    "listWorkflowFolders": _WORKFLOWS.list,
    "createWorkflowFolder": _WORKFLOWS.create,
    "moveWorkflowFolder": _WORKFLOWS.move,
    "deleteWorkflowFolder": _WORKFLOWS.delete,
    "listFileFolders": _FILES.list,
    "createFileFolder": _FILES.create,
    "moveFileFolder": _FILES.move,
    "deleteFileFolder": _FILES.delete,
}
