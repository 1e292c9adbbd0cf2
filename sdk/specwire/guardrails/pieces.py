"""Which texts an event brings a piece of, so that pieces can be read as one text.

A *channel* is a text that comes in pieces: the answer of a candidate, the arguments of
a tool call, a workflow block's output. What else an event holds is whole as it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from .places import Leaf, Texts, is_json, leaves, shown

_DELTAS_NAMES: Final = """
    text thinking partial_json content arguments chunk delta reasoning_content reasoning
    response output_text refusal answer output data summary_text transcript
"""
_DELTAS: Final = frozenset(_DELTAS_NAMES.split())
_WRAPPERS: Final = frozenset({"delta", "content_block"})
_OWNERS: Final = ("item_id", "output_index", "content_index", "block_id", "blockId")
_ENDS: Final = ("_stop", ".done", ".completed", "_done", "_end")
_END: Final = frozenset({"stop", "done", "final", "end", "completed", "complete"})


class Piece(NamedTuple):
    """A part of a text, and how to put another in its place.

    :ivar channel: which text; ``None`` where it is whole.
    :ivar alone: the event is nothing without it.
    """

    channel: Any
    value: str
    put: Callable[[str], None]
    place: str
    json: bool = False
    alone: bool = False


class Pieces:
    """Reads events of all kinds.

    :param rows: each is whole: a line of a file, not a part of an answer.
    """

    def __init__(self, texts: Texts, *, rows: bool = False) -> None:
        self._texts, self._rows = texts, rows

    def of(self, event: Any) -> list[Piece]:
        """The pieces that ``event`` brings."""
        kind = getattr(type(event), "event_type", None)
        if kind.__class__ is str and kind:
            return _of_chat(event, kind)
        return list(self._generic(event))

    def _generic(self, event: Any) -> Iterator[Piece]:
        if event.__class__ is str:
            return
        paths = self._texts.paths
        for leaf in leaves(event, self._texts):
            name = next((p for p in reversed(leaf.path) if p.__class__ is str), "")
            json = is_json(leaf.path) or "arguments" in _kind_of(event)
            delta = not self._rows and (paths is not None or name in _DELTAS)
            channel = _channel(leaf, json) if delta else None
            yield Piece(channel, leaf.value, leaf.put, shown(leaf.path), json)

    def ends(self, event: Any) -> Callable[[Any], bool] | None:
        """Which channels are whole once ``event`` is here; ``None`` for no one."""
        kind = getattr(type(event), "event_type", None)
        if kind.__class__ is str and kind:
            return _chat_ends(event, kind)
        named = _kind_of(event)
        if named in _END or named.endswith(_ENDS):
            return lambda channel: True
        return None


def _kind_of(event: Any) -> str:
    for key in ("type", "event"):
        said = event.get(key) if isinstance(event, dict) else getattr(event, key, None)
        if isinstance(said, str):
            return said
    return ""


def _channel(leaf: Leaf, json: bool) -> tuple[Any, ...]:
    parts: list[Any] = []
    last = len(leaf.path) - 1
    for place, step in enumerate(leaf.path):
        if isinstance(step, int):
            parts.append(_number(leaf.holders[place][step], step))
        elif step not in _WRAPPERS or place == last:
            parts.append(step)
    event = leaf.holders[0]
    for name in (*_OWNERS, "index") if json else _OWNERS:
        owner = _member(event, name)
        if owner is not None:
            parts.append((name, owner))
    return tuple(parts)


def _number(item: Any, place: int) -> Any:
    number = _member(item, "index")
    return place if number is None else number


def _member(item: Any, name: str) -> Any:
    found = item.get(name) if isinstance(item, dict) else getattr(item, name, None)
    return found if isinstance(found, (str, int)) else None


# -- chat ----------------------------------------------------------------------------


def _of_chat(event: Any, kind: str) -> list[Piece]:
    number = event.candidate_index
    if kind == "PartialContentDelta":
        return [_attribute(event, ("text", number), "content")]
    if kind == "ThinkingDelta":
        return [_attribute(event, ("thinking", number), "thinking")]
    if kind == "PartialToolCall":
        channel = ("tool", number, event.tool_call_id)
        return [_attribute(event, channel, "arguments", json=True)]
    return []


def _attribute(event: Any, channel: Any, name: str, *, json: bool = False) -> Piece:
    def put(text: str) -> None:
        setattr(event, name, text)

    return Piece(channel, getattr(event, name), put, name, json, alone=True)


def _chat_ends(event: Any, kind: str) -> Callable[[Any], bool] | None:
    if kind == "ToolCallEnded":
        call = event.tool_call_id
        return lambda channel: bool(channel[0] == "tool" and channel[2] == call)
    if kind == "FinalCandidate":
        number = event.candidate_index
        return lambda channel: bool(channel[1] == number)
    if kind == "StreamEnd":
        return lambda channel: True
    return None
