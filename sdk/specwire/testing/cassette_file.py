"""Cassettes as files: JSON that people read, change and compare in reviews.

``{"specwire_cassette": 1, "entries": [{"operation", "request": {"method", "path",
"query", "body"}, "reply": {"status", "headers", "body" | "chunks", "broken"}}]}``. A
body is ``{"json": any}``, ``{"text": str or lines}`` or ``{"base64": str}``; the chunks
of a stream are such bodies too, in the borders that they came in.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import define

from .asked import Asked

FORMAT: Final = "specwire_cassette"


@define(eq=False)
class Entry:
    """One request and its answer.

    :ivar chunks: of a body that was streamed, as they came; else ``None``.
    :ivar broken: the connection broke behind them.
    """

    operation: str
    asked: Asked
    status_code: int
    headers: Mapping[str, str]
    body: bytes = b""
    chunks: list[bytes] | None = None
    broken: bool = False


def written(entries: Sequence[Entry]) -> str:
    """``entries`` as the text of a file."""
    data = {FORMAT: 1, "entries": [_record(each) for each in entries]}
    text = json.dumps(data, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which JSON can name
        text = json.dumps(data, indent=2)
    return text + "\n"


def save(path: Path, entries: Sequence[Entry]) -> None:
    """Write ``entries`` to ``path``, whole or not at all; make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(written(entries), "utf-8", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> list[Entry]:
    """The entries of the file at ``path``.

    :raises ValueError: where it is no cassette.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        if data[FORMAT] != 1:
            raise ValueError(f"format {data[FORMAT]!r}, expected 1")
        return [_entry(each) for each in data["entries"]]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} is no cassette ({why}); record it anew") from error


def _record(entry: Entry) -> dict[str, Any]:
    asked = entry.asked
    request: dict[str, Any] = {"method": asked.method, "path": asked.path}
    if asked.query:
        request["query"] = [list(pair) for pair in asked.query]
    if asked.content:
        request["body"] = _body(asked.content)
        if "json" not in request["body"]:
            request["content_type"] = asked.content_type
    reply: dict[str, Any] = {"status": entry.status_code, "headers": entry.headers}
    if entry.chunks is not None:
        reply["chunks"] = [_text(chunk) for chunk in entry.chunks]
        if entry.broken:
            reply["broken"] = True
    elif entry.body:
        reply["body"] = _body(entry.body)
    return {"operation": entry.operation, "request": request, "reply": reply}


def _body(content: bytes) -> dict[str, Any]:
    try:
        return {"json": json.loads(content)}
    except (ValueError, RecursionError):
        return _text(content)


def _text(content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}
    lines = text.split("\n")
    return {"text": lines if len(lines) > 1 else text}


def _entry(record: Mapping[str, Any]) -> Entry:
    request, reply = record["request"], record["reply"]
    query = tuple((str(name), str(value)) for name, value in request.get("query", ()))
    asked = Asked(
        request["method"],
        request["path"],
        query,
        _content(request.get("body")),
        request.get("content_type", "application/json"),
    )
    chunks = reply.get("chunks")
    return Entry(
        record.get("operation", ""),
        asked,
        int(reply["status"]),
        {str(name): str(value) for name, value in reply.get("headers", {}).items()},
        _content(reply.get("body")),
        None if chunks is None else [_content(each) for each in chunks],
        bool(reply.get("broken")),
    )


def _content(body: Mapping[str, Any] | None) -> bytes:
    if body is None:
        return b""
    if "json" in body:
        return json.dumps(body["json"]).encode()
    if "base64" in body:
        return base64.b64decode(body["base64"])
    text = body["text"]
    return (text if isinstance(text, str) else "\n".join(text)).encode()
