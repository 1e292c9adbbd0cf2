"""Media types: which one a request is sent as, and what kind of text each one is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["json", "form", "multipart", "text", "bytes"]
Reply: TypeAlias = Literal["json", "events", "lines", "text", "bytes"]

_LINES = frozenset(
    f"application/{name}"
    for name in ("x-jsonl", "jsonl", "jsonlines", "x-ndjson", "ndjson", "json-seq")
)


def essence(media: str) -> str:
    """``media`` without parameters, in lower case."""
    return media.split(";", 1)[0].strip().lower()


def request_kind(media: str) -> Kind:
    """How a body of this media type is built."""
    name = essence(media)
    if _is_json(name):
        return "json"
    if name == "application/x-www-form-urlencoded":
        return "form"
    if name.startswith("multipart/"):
        return "multipart"
    return "text" if name.startswith("text/") else "bytes"


def reply_kind(media: str) -> Reply:
    """How a reply of this media type is read."""
    name = essence(media)
    if name == "text/event-stream":
        return "events"
    if name in _LINES:
        return "lines"
    if _is_json(name):
        return "json"
    return "text" if name.startswith("text/") or name.endswith("xml") else "bytes"


def one_a_kind(found: Iterable[str]) -> dict[str, str]:
    """Label to media type, one for each way of building a body.

    The first one is what is sent if nothing is said: the first whose members can be
    arguments, else the first of all.
    """
    listed = list(found)
    first = sorted(listed, key=lambda media: request_kind(media) in ("text", "bytes"))
    out: dict[str, str] = {}
    for media in first:
        kind = request_kind(media)
        name = essence(media)
        xml = name.endswith(("/xml", "+xml"))
        out.setdefault("xml" if xml else kind, media)
    return out


def _is_json(name: str) -> bool:
    return name in ("application/json", "text/json") or name.endswith("+json")
