"""From the events of a streamed message to the message.

Pieces are kept as they come and joined when somebody looks, so a long message costs
linear time. Members and counters that this version does not know are kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core.codec import Mismatch, dump, load
from ..core.errors import DecodeError, StreamError

if TYPE_CHECKING:
    from ..models import Message

_TEXTS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


class _Block:
    """One content block: what it began as, and the pieces since."""

    def __init__(self, start: dict[str, Any]) -> None:
        self.start = start
        self.pieces: dict[str, list[str]] = {}
        self.citations: list[Any] = []
        self.stopped = False

    def take(self, delta: Any) -> None:
        kind = delta.type
        member = _TEXTS.get(kind)
        if member is not None:
            self.pieces.setdefault(member, []).append(getattr(delta, member))
        elif kind == "signature_delta":
            self.start["signature"] = delta.signature
        elif kind == "citations_delta":
            self.citations.append(dump(delta.citation))

    def whole(self) -> dict[str, Any]:
        """The block so far, as JSON."""
        block = dict(self.start)
        for member, pieces in self.pieces.items():
            if member == "partial_json":
                block["input"] = self._input("".join(pieces), block.get("input"))
            else:
                block[member] = (block.get(member) or "") + "".join(pieces)
        if self.citations:
            block["citations"] = [*(block.get("citations") or []), *self.citations]
        return block

    def _input(self, text: str, before: Any) -> Any:
        if not text:
            return before
        try:
            return json.loads(text)
        except ValueError:
            # Not whole yet (or cut for good): what it began as is no lie.
            return before


class MessageAccumulator:
    """Takes events in order; :meth:`snapshot` is the message so far."""

    def __init__(self) -> None:
        self._base: dict[str, Any] | None = None
        self._blocks: dict[int, _Block] = {}
        self._type: Any = None

    def take(self, event: Any) -> None:
        """Add one ``MessageStreamEvent``; kinds that are not known are passed by.

        :raises DecodeError: for a delta to a block that never began.
        """
        kind = event.type
        if kind == "content_block_delta":
            self._block(event).take(event.delta)
        elif kind == "content_block_start":
            self._blocks[event.index] = _Block(dump(event.content_block))
        elif kind == "content_block_stop":
            self._block(event).stopped = True
        elif kind == "message_start":
            self._base = dump(event.message)
            self._type = type(event.message)
        elif kind == "message_delta" and self._base is not None:
            self._finish(event)

    def _block(self, event: Any) -> _Block:
        block = self._blocks.get(event.index)
        if block is None:
            raise DecodeError(
                f"messages.stream: {event.type} for block {event.index}, which has not "
                "begun",
                body=dump(event),
            )
        return block

    def _finish(self, event: Any) -> None:
        """Stop reason and the like overwrite; usage counters are cumulative."""
        base: dict[str, Any] = self._base or {}
        data = dump(event)
        base.update(data.get("delta") or {})
        usage = base.setdefault("usage", {})
        for name, count in (data.get("usage") or {}).items():
            if count is not None or name not in usage:
                usage[name] = count
        for name, value in data.items():
            if name not in ("type", "delta", "usage"):
                base[name] = value

    def snapshot(self) -> Message:
        """The message so far.

        :raises StreamError: before its beginning has arrived.
        """
        if self._base is None:
            raise StreamError("messages.stream: no message has begun to arrive")
        blocks = [self._blocks[index].whole() for index in sorted(self._blocks)]
        data = {**self._base, "content": [*self._base.get("content", ()), *blocks]}
        try:
            message: Message = load(self._type, data)
        except Mismatch as mismatch:
            raise DecodeError(
                f"messages.stream: the message is odd: {mismatch}", body=data
            ) from None
        return message
