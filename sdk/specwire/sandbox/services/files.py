"""The ``files`` operations: what was uploaded is kept and given back byte for byte."""

from __future__ import annotations

import re
from typing import Any

import attrs

from ..multipart import MalformedMultipart, Part, read_parts
from ..state import File, State
from ..values import Refused, Request, Response, json_response
from .paging import page

_RANGE = re.compile(r"bytes=(\d+)-")
_FORBIDDEN = set('<>:"|?*\\/') | {chr(code) for code in range(32)}


def upload_file(request: Request, state: State) -> Response:
    """Keep the form's ``file``; its name and type are those of the part."""
    try:
        parts = read_parts(request.headers.get("content-type", ""), request.body)
    except MalformedMultipart as error:
        raise Refused(400, f"expected multipart/form-data: {error}") from None
    by_name = {part.name: part for part in parts}
    part = by_name.get("file")
    if part is None or not part.filename:
        raise Refused(400, "file: expected a part with a file name")
    if len(part.filename) > 255 or set(part.filename) & _FORBIDDEN:
        raise Refused(
            400,
            f"file: the name {part.filename[:40]!r} is not allowed; expected 1 to 255 "
            'characters without < > : " | ? * \\ /',
        )
    file = File(_metadata(part, by_name.get("expires_in_seconds"), state), part.content)
    with state.lock:
        state.files[file.metadata["id"]] = file
    return json_response(file.metadata)


def _metadata(part: Part, expires: Part | None, state: State) -> dict[str, Any]:
    return {
        "type": "file",
        "id": state.ids.new("file_"),
        "filename": part.filename,
        "mime_type": part.content_type,
        "size_bytes": part.content.size,
        "created_at": state.now(),
        "expires_at": state.now(float(expires.content.read())) if expires else None,
        "downloadable": True,
        "scope": None,
    }


def list_files(request: Request, state: State) -> Response:
    """One page of the files, newest first."""
    with state.lock:
        items = [file.metadata for file in reversed(state.files.values())]
    return page(items, request)


def retrieve_file_metadata(request: Request, state: State) -> Response:
    """What is known about one file."""
    return json_response(_file(request, state).metadata)


def download_file(request: Request, state: State) -> Response:
    """The bytes of one file, or its rest from the byte that ``Range`` asks for."""
    file = _file(request, state)
    kind, content = file.metadata["mime_type"], file.content
    tag = f'"{file.metadata["id"]}"'  # what is stored under an id never changes
    headers: tuple[tuple[str, str], ...]
    headers = (("etag", tag), ("accept-ranges", "bytes"))
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", tag) != tag:
        return Response(body=content, headers=headers, content_type=kind)
    start, size = int(asked[1]), content.size
    if start >= size:
        text = f"the file has {size} bytes, none from {start} on"
        raise Refused(416, text, headers=(("content-range", f"bytes */{size}"),))
    rest = attrs.evolve(content, start=content.start + start, size=size - start)
    headers += (("content-range", f"bytes {start}-{size - 1}/{size}"),)
    return Response(206, rest, headers, kind)


def delete_file(request: Request, state: State) -> Response:
    """Forget one file."""
    with state.lock:
        file = _file(request, state)
        del state.files[file.metadata["id"]]
    return json_response({"id": file.metadata["id"], "type": "file_deleted"})


def _file(request: Request, state: State) -> File:
    wanted = request.path_args["file_id"]
    try:
        return state.files[wanted]
    except KeyError:
        raise Refused(404, f"File not found: {wanted}") from None


HANDLERS = {
    "uploadFile": upload_file,
    "listFiles": list_files,
    "retrieveFileMetadata": retrieve_file_metadata,
    "downloadFile": download_file,
    "deleteFile": delete_file,
}
