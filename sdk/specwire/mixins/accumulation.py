"""From the events of a streamed message to the message.

Pieces are kept as they come and joined when somebody looks, so a long message costs
linear time. Blocks, deltas, members and counters that this version does not know are
kept or passed by, never lost or refused.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ..core.codec import Mismatch, dump, hook_of, load, loads_text
from ..core.errors import DecodeError, StreamError, shortened

if TYPE_CHECKING:
    from ..models import Message
    from ..structured.partial_json import PartialJSON

_TEXTS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


def _joined(pieces: list[str]) -> str:
    """``pieces`` as one text; a surrogate pair that was cut in two is a character."""
    text = "".join(pieces)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode(
            "utf-16-le", "surrogatepass"
        )
    return text


class Block:
    """One content block: what it began as, and the pieces since."""

    def __init__(self, event: Any, start: dict[str, Any], keep_strings: bool) -> None:
        self.start = start
        self.pieces: dict[str, list[str]] = {name: [] for name in _TEXTS.values()}
        self.citations: list[Any] = []
        self._event = event
        self._keep_strings = keep_strings
        self._parsed: dict[str, tuple[PartialJSON, int]] = {}
        self._finished: Any = None
        self.stopped = False

    def take(self, delta: Any) -> None:
        try:
            kind = delta.type
            member = _TEXTS.get(kind)
        except (AttributeError, TypeError):
            return  # not known, and of no kind that could be
        if member is not None:
            piece = getattr(delta, member)
            if piece:
                self.pieces[member].append(piece)
        elif kind == "signature_delta":
            self.start["signature"] = delta.signature
        elif kind == "citations_delta":
            self.citations.append(delta.citation)
        elif kind == "compaction_delta":
            self.start.update({k: v for k, v in dump(delta).items() if k != "type"})

    def count(self, member: str) -> int:
        """How many pieces of ``member`` have come."""
        if member == "citation":
            return len(self.citations)
        return len(self.pieces[member]) if member in self.pieces else 0

    def text_up_to(self, member: str, count: int) -> str:
        """``member`` as it was after its first ``count`` pieces."""
        begun = self.start.get(member) or ""
        return begun + "".join(self.pieces[member][:count])

    def value_up_to(self, member: str, count: int) -> Any:
        """What the first ``count`` pieces say as JSON; each is parsed once."""
        return self._parser(member, count).value(self.start.get("input"))

    def _parser(self, member: str, count: int) -> PartialJSON:
        """The parser that has been fed ``count`` pieces; fewer where they are none."""
        parser, fed = self._parsed.get(member, (None, 0))
        if parser is None or fed > count:  # looked back: what came later is in it
            from ..structured.partial_json import PartialJSON

            parser = PartialJSON(keep_strings=self._keep_strings or member == "text")
            fed = 0
        for piece in self.pieces[member][fed:count]:
            if not parser.refused:
                with suppress(ValueError):
                    parser.feed(piece)
        self._parsed[member] = (parser, max(fed, count))
        return parser

    def malformed(self) -> DecodeError | None:
        """The error of an input that is no JSON object and no beginning of one."""
        text = _joined(self.pieces["partial_json"])
        if text.lstrip(" \t\r\n")[:1] in ("", "{"):
            with suppress(ValueError):
                loads_text(text)
                return None
            if not self._parser("partial_json", self.count("partial_json")).refused:
                return None
        index = self._event.index
        return DecodeError(
            f"messages.stream: the input of tool {self.start.get('name')!r} (block "
            f"{index}) is not a JSON object: {shortened(text, 200)!r}",
            body=text,
            pointer=f"/content/{index}/input",
        )

    def whole(self) -> dict[str, Any]:
        """The block so far, as JSON."""
        block = dict(self.start)
        for member, pieces in self.pieces.items():
            if not pieces:
                continue
            if member == "partial_json":
                block["input"] = self._input(_joined(pieces))
            else:
                block[member] = _joined([block.get(member) or "", *pieces])
        if self.citations:
            begun = block.get("citations") or []
            block["citations"] = [*begun, *map(dump, self.citations)]
        return block

    def _input(self, text: str) -> Any:
        try:
            value = loads_text(text)
        except ValueError:
            # Not whole yet, or cut for good by max_tokens: what is certain of it.
            count = self.count("partial_json")
            value = None
            with suppress(ValueError, RecursionError):
                value = deepcopy(self.value_up_to("partial_json", count))
        return value if isinstance(value, dict) else self.start.get("input")

    def value(self) -> Any:
        """The block so far, as the model of its type; made once when it has stopped."""
        if self._finished is not None:
            return self._finished
        event = self._event
        data = {"type": event.type, "index": event.index, "content_block": self.whole()}
        block = load(type(event), data).content_block
        if self.stopped:
            self._finished = block
        return block


class MessageAccumulator:
    """Takes events in order; :meth:`snapshot` is the message so far.

    :param keep_strings: show the beginning of strings of a tool's input.
    """

    def __init__(self, *, keep_strings: bool = False) -> None:
        self._base: dict[str, Any] | None = None
        self._blocks: dict[int, Block] = {}
        self._type: Any = None
        self._keep_strings = keep_strings

    def take(self, event: Any) -> None:
        """Add one ``MessageStreamEvent``; kinds that are not known are passed by.

        :raises DecodeError: for a delta to a block that never began.
        """
        try:
            kind = event.type
        except AttributeError:
            return
        if kind == "content_block_delta":
            block = self._blocks.get(event.index)
            (block or self.block(event)).take(event.delta)
        elif kind == "content_block_start":
            self._begin(event)
        elif kind == "content_block_stop":
            self.block(event).stopped = True
        elif kind == "message_start":
            self._base = dump(event.message)
            self._type = type(event.message)
        elif kind == "message_delta" and self._base is not None:
            self._finish(event)

    def _begin(self, event: Any) -> None:
        start = dump(event.content_block)
        if not isinstance(start, dict) or not isinstance(event.index, int):
            raise DecodeError(
                f"messages.stream: {event.type} without a block or an index",
                body=dump(event),
            )
        self._blocks[event.index] = Block(event, start, self._keep_strings)

    def block(self, event: Any) -> Block:
        """The block that ``event`` is about.

        :raises DecodeError: where it has not begun.
        """
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
        usage = base["usage"] = base.get("usage") or {}
        for name, count in (data.get("usage") or {}).items():
            if count is not None or name not in usage:
                usage[name] = count
        for name, value in data.items():
            if name not in ("type", "delta", "usage"):
                base[name] = value

    def malformed(self) -> DecodeError | None:
        """The error of the first tool call whose input is no JSON."""
        for index in sorted(self._blocks):
            error = self._blocks[index].malformed()
            if error is not None:
                return error
        return None

    def snapshot(self) -> Message:
        """The message so far.

        :raises StreamError: before its beginning has arrived.
        """
        if self._base is None:
            raise StreamError("messages.stream: no message has begun to arrive")
        try:
            # As lenient as the event was: what is not there reads ``None``.
            message: Message = hook_of(self._type)(self._base, None)
            blocks = [self._blocks[index].value() for index in sorted(self._blocks)]
        except Mismatch as mismatch:
            raise DecodeError(
                f"messages.stream: the message is odd: {mismatch}", body=self._base
            ) from None
        message.content = [*(message.content or ()), *blocks]
        return message
