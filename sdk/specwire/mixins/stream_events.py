"""What is handed out of a streamed message besides the events that came.

Each follows the event it was made from. A ``snapshot`` is what there was of the block
up to its event, put together when it is asked for: who does not ask pays nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from ..core.types import Unknown
    from ..models import (
        ContentBlock,
        ContentBlockDeltaEvent,
        ContentBlockStartEvent,
        ContentBlockStopEvent,
        Message,
        MessageDeltaEvent,
        MessageStartEvent,
        MessageStopEvent,
        TextCitation,
    )
    from .accumulation import Block

    class ContentBlockStop(ContentBlockStopEvent):
        """A content block is complete, and this is it."""

        content_block: ContentBlock

    class MessageStop(MessageStopEvent):
        """The message is complete, and this is it."""

        message: Message


class Derived:
    """Base: made from a delta, with the piece it brought."""

    __slots__ = ("_block", "_count", "index")
    _shown: tuple[str, ...] = ()

    def __init__(self, index: int, block: Block, count: int) -> None:
        self.index = index
        self._block = block
        self._count = count

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)
        return f"{type(self).__name__}({shown})"


class TextEvent(Derived):
    """``text``: more text, in the block of that ``index``."""

    __slots__ = ("text",)
    _shown = ("index", "text")
    type: Literal["text"] = "text"
    text: str

    @property
    def snapshot(self) -> str:
        """The block's text so far."""
        return self._block.text_up_to("text", self._count)

    def parsed_snapshot(self) -> Any:
        """What the text says so far, where it is JSON; ``None`` before it says any.

        For messages with an ``output_format``: strings are shown as they grow. The same
        object each time; the next piece changes it.

        :raises ValueError: where the text is not JSON.
        """
        return self._block.value_up_to("text", self._count)


class InputJSONEvent(Derived):
    """``input_json``: more of a tool call's arguments."""

    __slots__ = ("partial_json",)
    _shown = ("index", "partial_json")
    type: Literal["input_json"] = "input_json"
    partial_json: str

    @property
    def snapshot(self) -> Any:
        """The arguments so far: an object that the next piece changes.

        :raises ValueError: where they are not JSON.
        """
        return self._block.value_up_to("partial_json", self._count)


class ThinkingEvent(Derived):
    """``thinking``: more thinking."""

    __slots__ = ("thinking",)
    _shown = ("index", "thinking")
    type: Literal["thinking"] = "thinking"
    thinking: str

    @property
    def snapshot(self) -> str:
        """The block's thinking so far."""
        return self._block.text_up_to("thinking", self._count)


class SignatureEvent(Derived):
    """``signature``: the whole signature of a thinking block."""

    __slots__ = ("signature",)
    _shown = ("index", "signature")
    type: Literal["signature"] = "signature"
    signature: str


class CitationEvent(Derived):
    """``citation``: one more citation of a text block."""

    __slots__ = ("citation",)
    _shown = ("index", "citation")
    type: Literal["citation"] = "citation"
    citation: TextCitation

    @property
    def snapshot(self) -> list[TextCitation]:
        """The block's citations so far."""
        return self._block.citations[: self._count]


class CompactionEvent(Derived):
    """``compaction``: the summary that stands for earlier turns from now on."""

    __slots__ = ("content",)
    _shown = ("index", "content")
    type: Literal["compaction"] = "compaction"
    content: str | None


KINDS: dict[str, tuple[type[Derived], str, str]] = {
    "text_delta": (TextEvent, "text", "text"),
    "input_json_delta": (InputJSONEvent, "partial_json", "partial_json"),
    "thinking_delta": (ThinkingEvent, "thinking", "thinking"),
    "signature_delta": (SignatureEvent, "signature", "signature"),
    "citations_delta": (CitationEvent, "citation", "citation"),
    "compaction_delta": (CompactionEvent, "content", "content"),
}
"""Kind of delta -> the event made of it, its member, and the delta's."""

if TYPE_CHECKING:
    HelperEvent: TypeAlias = (
        MessageStartEvent
        | MessageDeltaEvent
        | MessageStop
        | ContentBlockStartEvent
        | ContentBlockDeltaEvent
        | ContentBlockStop
        | Unknown
        | TextEvent
        | InputJSONEvent
        | ThinkingEvent
        | SignatureEvent
        | CitationEvent
        | CompactionEvent
    )
