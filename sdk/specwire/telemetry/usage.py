"""The tokens that a reply, or the events of a stream, tell of.

Usage stands last in the replies of most providers, so it is looked for from the end.
What is found there is the reply's own, and not a part of what a tool was given, where
the rest of the body with one brace before it is JSON; else all of it is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..budgets.counts import Counts, Meter, counted

_NEAR: Final = 4096
_LARGEST: Final = 8 << 20
_MEMBERS: Final = ("usage", "usageMetadata", "message", "response")
_MOST_KINDS: Final = 1000
_scan: Final[Any] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_telling: dict[type, bool] = {}


def usage_part(body: bytes) -> bytes | Counts | None:
    """What :func:`counts_in` needs of the JSON object ``body``, which may be little.

    It is made in no time, so that counting can wait.
    """
    # Within a text the closing quote would have a backslash before it.
    at = body.rfind(b'"usage"')
    if at < 0:
        at = body.rfind(b'"usageMetadata"')
        if at < 0:
            return None
    if len(body) - at <= _NEAR:
        part = body[at:]
        if part.count(b"}") - part.count(b"{") == 1:
            return part
    return None if len(body) > _LARGEST else _counts(body)


def counts_in(part: bytes | Counts | None) -> Counts | None:
    """The tokens that a part of a body tells of."""
    if not isinstance(part, bytes):
        return part
    try:
        # What json.loads comes to in the end, without its way there.
        text = "{" + part.decode()
        data, end = _scan(text, 0)
    except (ValueError, RecursionError, StopIteration):
        return None
    if end != len(text) and text[end:].strip():
        return None
    usage = data.get("usage")
    if len(data) == 1 and usage.__class__ is dict:  # as nearly all parts are
        return counted(usage)
    return _told(data)


def usage_in(body: bytes) -> Counts | None:
    """What the JSON object ``body`` tells of its usage."""
    return counts_in(usage_part(body))


def _counts(text: bytes) -> Counts | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _told(data) if isinstance(data, dict) else None


def _told(data: dict[str, Any]) -> Counts | None:
    meter = Meter()
    meter.add(data)
    return meter.counts()


def tells(event: Any) -> bool:
    """Whether events such as ``event`` may speak of usage; most do not."""
    kind = type(event)
    known = _telling.get(kind)
    if known is None:
        known = isinstance(event, Mapping) or any(
            hasattr(event, name) for name in _MEMBERS
        )
        if len(_telling) < _MOST_KINDS:
            _telling[kind] = known
    return known
