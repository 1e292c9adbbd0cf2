"""What may be kept: which calls by themselves, and which replies at all.

By itself a call is kept where it asks a model: a POST of JSON that names one. What a
GET tells is a state, which others change and some wait for; it is kept as long as its
server says. Uploads, downloads, deletes, batches and jobs are none of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..core.errors import APIConnectionError, DecodeError, SpecwireError
from ..core.results import ByMedia, ByStatus, Bytes, Either, Result
from .marks import MARK

if TYPE_CHECKING:
    from ..core.wire import Call
    from .keys import Asked

OWN: Final = "own"
"""Kept as long as the cache says."""
SERVER: Final = "server"
"""Kept as long as the server says, where it does."""

_ASKS_A_MODEL = re.compile(r"/(?:models?|deployments)/[^/]+[:/]").search
_ENDED: Final = frozenset(
    (
        *("complete", "completed", "done", "finished", "incomplete", "ok"),
        *("ready", "succeeded", "success"),
    )
)
_EXCUSES: Final = frozenset(("E2001", "E3001", "E3002", "E3003"))
"""Too many, the server's own failures, no time."""
_AGE = re.compile(r"\bmax-age=\"?(\d{1,12})").search
_UNKEPT: Final = frozenset(
    (
        *("age", "connection", "content-encoding", "content-length", "keep-alive"),
        *("retry-after", "set-cookie", "set-cookie2", "trailer", "transfer-encoding"),
        *("upgrade", "www-authenticate"),
    )
)


def kept_by_itself(call: Call, body: Asked) -> str:
    """:data:`OWN`, :data:`SERVER`, or nothing."""
    operation = call.operation
    if call.request.method == "GET":
        return "" if downloads(operation.result) else SERVER
    if call.request.method != "POST" or operation.retry == "unstarted":
        return ""
    if not body.is_object or downloads(operation.result):
        return ""
    if body.names_model or "chat" in call.scratch:
        return OWN
    return OWN if _ASKS_A_MODEL(call.request.url.partition("?")[0]) else ""


def downloads(result: Result) -> bool:
    """Whether ``result`` may be a body of any size, for the caller to read."""
    if isinstance(result, ByMedia):
        return any(map(downloads, (result.usual, *result.others.values())))
    if isinstance(result, ByStatus):
        return any(map(downloads, result.table.values()))
    if isinstance(result, Either):
        return downloads(result.off) or downloads(result.on)
    return isinstance(result, Bytes)


def lasting_s(rule: str, headers: Mapping[str, str], ttl: float) -> float:
    """How long a reply with ``headers`` answers, in seconds; 0 is not at all."""
    said = headers.get("cache-control", "").lower()
    if "no-store" in said or headers.get("vary", "").strip() == "*":
        return 0.0
    told = headers.get("age", "0").strip()
    old = float(told) if told.isdigit() else 0.0
    if rule == OWN:
        # no-cache is what every stream of events says; age, what a cache behind does
        return ttl - old if MARK in headers else ttl
    limit = _AGE(said)
    if limit is None or "no-cache" in said:
        return 0.0
    return min(ttl, float(limit[1]) - old)


def tells_an_end(body: bytes, *, by_itself: bool = True) -> bool:
    """Whether a reply is the answer: no error, and no work that goes on.

    :param by_itself: nobody has said that calls of this kind are to be kept.
    """
    if b'"status"' not in body and b'"error"' not in body:
        return True
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return True  # no JSON; what it is, its reader has seen
    if not isinstance(data, dict):
        return True
    if data.get("error"):
        return False
    status = data.get("status")
    going_on = isinstance(status, str) and status.lower() not in _ENDED
    return not (by_itself and going_on)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that are still true of an answer that is given again."""
    return {
        name: value
        for name, value in headers.items()
        if name not in _UNKEPT and "ratelimit" not in name
    }


def excused(error: BaseException) -> bool:
    """Whether an older answer may stand in for ``error``: it is not the caller's."""
    if isinstance(error, (APIConnectionError, DecodeError)):
        return True
    return isinstance(error, SpecwireError) and error.standard_code in _EXCUSES
