"""Records and faults as the page's JSON: a row of the list, and all of one exchange.

Texts go out as JSON strings only; the page puts them into text nodes. So nothing that
a request holds becomes markup.
"""

from __future__ import annotations

from typing import Any

from ..faults import Fault
from .masking import hide
from .records import BODY_KEPT, Record

_HEX = 512
_LINE = 500


def row(record: Record) -> dict[str, Any]:
    """One line of the list."""
    return {
        "at": record.at,
        "attempt": record.attempt,
        "fault": None if record.fault is None else fault_text(record.fault),
        "method": record.method,
        "ms": None if record.ended_ms is None else round(record.ended_ms, 1),
        "number": record.number,
        "path": _short(record.path),
        "query": _short(record.query),
        "running_ms": round(record.elapsed_ms(), 1),
        "size": record.reply_size,
        "state": record.state,
        "status": record.status,
        "streams": record.streams,
        "version": record.version,
    }


def _short(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[:_LINE]}…"


def whole(record: Record) -> dict[str, Any]:
    """All that is kept of an exchange."""
    answered = record.answered_ms
    return {
        **row(record),
        "answered_ms": None if answered is None else round(answered, 1),
        "body": body(record.body, record.body_size, record.secrets),
        "headers": record.headers,
        "marks": record.marks,
        "path": record.path,
        "query": record.query,
        "reply": body(bytes(record.reply), record.reply_size, record.secrets),
        "reply_headers": record.reply_headers,
        "request_id": record.request_id,
    }


def body(data: bytes, size: int, secrets: tuple[str, ...]) -> dict[str, Any]:
    """The beginning of a body: text, or bytes in hexadecimal where it is none."""
    if b"\0" in data:
        # A key is hidden as text is, before the bytes are spelled out.
        plain = hide(data.decode("latin-1"), secrets).encode("latin-1", "replace")
        text = plain[:_HEX].hex(" ")
        return {"cut": size > _HEX, "kind": "bytes", "size": size, "text": text}
    text = hide(data.decode("utf-8", "replace"), secrets)
    cut = size > BODY_KEPT
    if cut:
        text = text.encode()[:BODY_KEPT].decode("utf-8", "ignore")
    return {"cut": cut, "kind": "text", "size": size, "text": text}


def fault_text(fault: Fault) -> str:
    """A fault in a few words: ``529, retry-after 0.2 s``."""
    words = []
    if fault.status is not None:
        words.append(str(fault.status))
    for value, text in (
        (fault.retry_after, "retry-after {:g} s"),
        (fault.latency_s or None, "{:g} s late"),
        (fault.cut_after, "cut after {} bytes"),
        (fault.drip_s or None, "a byte each {:g} s"),
        (fault.drop or None, "connection dropped"),
        (fault.as_json or None, "JSON for a stream"),
        (fault.stream_error, "{} in the stream"),
    ):
        if value is not None:
            words.append(text.format(value))
    if fault.headers:
        words.append("headers")
    if fault.body is not None:
        words.append("a body")
    return ", ".join(words) or "none"
