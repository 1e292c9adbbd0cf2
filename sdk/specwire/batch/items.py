"""Items: one request each, with a name, from whatever the input holds.

A request is a mapping. ``{"workflow_id": …, "input": …}`` is a run of a workflow; a
``model`` of the form ``provider/model`` is chat; the rest are messages. ``custom_id``
names it, and ``params`` may hold the rest, as in the rows of the Message Batches API.
Text alone is what the user says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from ..core.codec import dump
from ..core.crew import here
from .errors import ItemError

Requests: TypeAlias = "Iterable[Any]"
"""The input of a run."""
KINDS: Final = ("messages", "chat", "workflow")


@frozen
class Item:
    """One request, as it stands in the journal.

    :ivar body: the request as JSON text, keys sorted.
    :ivar digest: tells whether it is the same request as before.
    """

    custom_id: str
    position: int
    kind: str
    body: str
    digest: bytes


def read_items(
    requests: Requests, kind: str | None, defaults: Mapping[str, Any]
) -> Iterator[Item]:
    """The items of ``requests``, one at a time.

    :raises ItemError: for what is no request.
    """
    for position, request in enumerate(here().settled(requests)):
        yield _item(request, position, kind, defaults)


def _item(
    request: Any, position: int, kind: str | None, defaults: Mapping[str, Any]
) -> Item:
    if isinstance(request, str):
        request = {"messages": [{"role": "user", "content": request}]}
    if not isinstance(request, Mapping):
        raise _wrong(position, f"expected a mapping or text, got {type(request)!r}")
    members = dict(request)
    custom_id = members.pop("custom_id", None)
    if custom_id is None:
        custom_id = f"item-{position}"
    if not isinstance(custom_id, str) or not custom_id:
        raise _wrong(position, f"custom_id: expected text, got {custom_id!r}")
    if set(members) == {"params"} and isinstance(members["params"], Mapping):
        members = dict(members["params"])
    if "prompt" in members and "messages" not in members:
        prompt = members.pop("prompt")
        members["messages"] = [{"role": "user", "content": prompt}]
    chosen = kind or _kind_of({**defaults, **members})
    if chosen != "workflow":
        members = {**defaults, **members}
        _check_members(members, position)
    elif "workflow_id" not in members:
        members = {**defaults, **members}
    return Item(custom_id, position, chosen, *_written(members, chosen, position))


def _kind_of(members: Mapping[str, Any]) -> str:
    if "workflow_id" in members:
        return "workflow"
    return "chat" if "/" in str(members.get("model", "")) else "messages"


def _check_members(members: Mapping[str, Any], position: int) -> None:
    for name in ("model", "messages"):
        if name not in members:
            raise _wrong(
                position,
                f"expected {name!r}, got {sorted(map(str, members))}; a request is "
                '{"model": …, "messages": […]} or {"workflow_id": …, "input": …}, and '
                "defaults={'model': …} adds what all have in common",
            )
    if members.get("stream"):
        raise _wrong(position, "stream: a stream cannot be kept; leave it out")


def _written(members: Any, kind: str, position: int) -> tuple[str, bytes]:
    try:
        body = json.dumps(
            members,
            sort_keys=True,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
            default=_plain,
        )
        digest = hashlib.sha256(f"{kind}\n{body}".encode()).digest()[:16]
    except (TypeError, ValueError, RecursionError) as error:
        raise _wrong(position, f"it cannot be written as JSON: {error}") from error
    return body, digest


def _plain(value: Any) -> Any:
    plain = dump(value)
    if plain is value:
        raise TypeError(f"{type(value).__name__} is no JSON")
    return plain


def _wrong(position: int, problem: str) -> ItemError:
    return ItemError(f"batch: item {position}: {problem}", position=position)
