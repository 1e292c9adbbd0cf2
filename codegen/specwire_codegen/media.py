"""Media types: which one a request is sent as, and what kind of text each one is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["json", "form", "multipart", "text", "bytes"]
Reply: TypeAlias = Literal["json", "events", "lines", "text", "bytes"]

_ORDER: tuple[Kind, ...] = ("json", "form", "multipart", "text", "bytes")
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


def preferred(found: Iterable[str]) -> str | None:
    """The media type to send: JSON, else a form, else multipart, else the first."""
    listed = list(found)
    ranked = sorted(listed, key=lambda media: _ORDER.index(request_kind(media)))
    return ranked[0] if ranked else None


def _is_json(name: str) -> bool:
    return name in ("application/json", "text/json") or name.endswith("+json")
