"""Pages of a list: by the identifiers of their first and last item, or by a cursor."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from ..values import Refused, Request, Response, json_response


def page(items: Sequence[dict[str, Any]], request: Request) -> Response:
    """One page of ``items``, as ``limit``, ``after_id`` and ``before_id`` ask.

    body: {"data": [item], "has_more": bool, "first_id": str | null, "last_id": ...}
    """
    limit = int(request.query_args.get("limit", 20))
    after, before = (request.query_args.get(name) for name in ("after_id", "before_id"))
    if after and before:
        raise Refused(400, "after_id: not allowed together with before_id")
    if before:
        found = items[: _index(items, before, "before_id")]
        shown, more = found[-limit:], len(found) > limit
    else:
        found = items[_index(items, after, "after_id") + 1 :] if after else items
        shown, more = found[:limit], len(found) > limit
    return json_response(
        {
            "data": list(shown),
            "has_more": more,
            "first_id": shown[0]["id"] if shown else None,
            "last_id": shown[-1]["id"] if shown else None,
        }
    )


def _index(items: Sequence[dict[str, Any]], cursor: str, name: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == cursor:
            return index
    raise Refused(400, f"{name}: there is no {cursor!r} in this list")


def by_cursor(
    items: Sequence[dict[str, Any]], request: Request, usual: int = 50
) -> Response:
    """One page of ``items``, as ``limit`` and ``cursor`` ask.

    body: {"data": [item], "nextCursor": str | null}
    """
    limit = max(1, int(request.query_args.get("limit", usual)))
    cursor = request.query_args.get("cursor")
    start = 0
    if cursor is not None:
        try:
            start = int(b64decode(cursor, validate=True))
        except ValueError:
            raise Refused(400, "cursor: not one of this list") from None
    end = start + limit
    more = b64encode(str(end).encode()).decode() if end < len(items) else None
    return json_response({"data": list(items[start:end]), "nextCursor": more})
