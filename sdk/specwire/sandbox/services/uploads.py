"""Uploads of files: begun, sent to addresses that need no key, and completed.

A file of more than 8 MiB is sent in parts. The addresses lead to the sandbox itself and
stand for those of a store of objects: whoever has one may write there.
"""

from __future__ import annotations

from typing import Any, Final

from ..state import State, Upload
from ..values import Refused, Request, Response, json_response
from . import workspace_files

PLACE: Final = "/sandbox-store/"
_PART: Final = 8 << 20
_LASTS_S: Final = 3600.0


def _data(value: Any, status: int = 200) -> Response:
    return json_response({"data": value}, status=status)


def begin(request: Request, state: State) -> Response:
    """Say how a file of this size is to be sent."""
    body = request.json
    facts = {
        "id": state.ids.new("upload_"),
        "status": "uploading",
        "name": body["name"],
        "contentType": body["contentType"],
        "size": body["size"],
        "expiresAt": state.now(_LASTS_S, milliseconds=True),
        "error": None,
        "file": None,
    }
    token = state.ids.new("token_")
    folder = body.get("folderPath", "/")
    upload = Upload(facts, token, body["workspaceId"], folder)
    with state.lock:
        state.uploads[facts["id"]] = upload
    transfer: dict[str, Any]
    if body["size"] > _PART:
        count = -(-body["size"] // _PART)
        transfer = {"method": "multipart", "partSize": _PART, "partCount": count}
    else:
        transfer = {"method": "put", **_address(upload, 1, state)}
    said = {"session": facts, "uploadToken": token, "transfer": transfer}
    return _data(said, 201)


def _address(upload: Upload, number: int, state: State) -> dict[str, Any]:
    path = f"{PLACE}{upload.facts['id']}/{number}/{upload.token}"
    return {
        "url": state.base_url + path,
        "headers": {"content-type": upload.facts["contentType"]},
        "expiresAt": upload.facts["expiresAt"],
    }


def _upload(request: Request, state: State) -> Upload:
    upload = state.uploads.get(request.path_args["upload_id"])
    if upload is None or upload.workspace_id != request.query_args["workspaceId"]:
        raise Refused(404, "Upload not found")
    if request.headers.get("upload-token") != upload.token:
        raise Refused(403, "The upload token is another one")
    return upload


def part_urls(request: Request, state: State) -> Response:
    """Where to send the parts with these numbers."""
    upload = _upload(request, state)
    numbers = request.json["partNumbers"]
    parts = [{"partNumber": n, **_address(upload, n, state)} for n in numbers]
    return _data({"parts": parts})


def take(request: Request, state: State) -> Response:
    """What is sent to an address."""
    pieces = request.path.removeprefix(PLACE).split("/")
    upload = state.uploads.get(pieces[0]) if len(pieces) == 3 else None
    if upload is None or pieces[2] != upload.token or not pieces[1].isdigit():
        raise Refused(403, "this address does not work")
    upload.parts[int(pieces[1])] = bytes(request.body)
    return Response(200, headers=(("etag", f'"{pieces[0]}-{pieces[1]}"'),))


def complete(request: Request, state: State) -> Response:
    """Make a file of the parts, if none is missing."""
    upload = _upload(request, state)
    facts = upload.facts
    if facts["status"] == "uploading":
        content = b"".join(upload.parts[number] for number in sorted(upload.parts))
        if len(content) != facts["size"]:
            text = f"{len(content)} of {facts['size']} bytes were uploaded"
            raise Refused(409, text)
        place = (upload.workspace_id, upload.folder)
        file = workspace_files.stored(
            facts["name"], facts["contentType"], content, *place, state
        )
        facts.update(status="completed", file=file.facts)
        upload.parts.clear()
    return _data(facts)


def abort(request: Request, state: State) -> Response:
    """Give an upload up."""
    upload = _upload(request, state)
    upload.facts["status"] = "aborted"
    upload.parts.clear()
    return _data(upload.facts)


HANDLERS = {
    "beginFileUpload": begin,
    "getUploadPartUrls": part_urls,
    "completeFileUpload": complete,
    "abortFileUpload": abort,
}
