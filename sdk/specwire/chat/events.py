"""What a streamed answer consists of: one class a kind.

The kinds are those of AI-Protocol and the names those of its runtimes. Every event can
be asked what it is (``is_content_delta``) and taken as that (``as_content_delta``: the
event itself; for another kind a ``ValueError`` says which it is). A stream ends with
one :class:`StreamEnd`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .usage import Usage


class _As:
    """``event.as_<kind>``: the event where it is one of the kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __get__(self, event: Any, owner: Any = None) -> Any:
        if event is None or getattr(event, f"is_{self._kind}"):
            return self if event is None else event
        raise ValueError(
            f"as_{self._kind}: the event is a {event.event_type}; "
            f"ask is_{self._kind} before"
        )


class StreamingEvent:
    """Base of the events; equal where kind and members are.

    :cvar event_type: the kind by AI-Protocol's name, ``"PartialContentDelta"``.
    """

    __slots__ = ()
    event_type: ClassVar[str] = ""
    candidate_index: int = 0

    is_content_delta: ClassVar[bool] = False
    is_thinking_delta: ClassVar[bool] = False
    is_tool_call_started: ClassVar[bool] = False
    is_partial_tool_call: ClassVar[bool] = False
    is_tool_call_ended: ClassVar[bool] = False
    is_metadata: ClassVar[bool] = False
    is_final_candidate: ClassVar[bool] = False
    is_stream_end: ClassVar[bool] = False
    is_stream_error: ClassVar[bool] = False

    if TYPE_CHECKING:
        as_content_delta: ContentDelta
        as_thinking_delta: ThinkingDelta
        as_tool_call_started: ToolCallStarted
        as_partial_tool_call: PartialToolCall
        as_tool_call_ended: ToolCallEnded
        as_metadata: Metadata
        as_final_candidate: FinalCandidate
        as_stream_end: StreamEnd
        as_stream_error: StreamError
    else:
        as_content_delta = _As("content_delta")
        as_thinking_delta = _As("thinking_delta")
        as_tool_call_started = _As("tool_call_started")
        as_partial_tool_call = _As("partial_tool_call")
        as_tool_call_ended = _As("tool_call_ended")
        as_metadata = _As("metadata")
        as_final_candidate = _As("final_candidate")
        as_stream_end = _As("stream_end")
        as_stream_error = _As("stream_error")

    @property
    def data(self) -> dict[str, Any]:
        """The members by name."""
        names: tuple[str, ...] = self.__slots__
        return {name: getattr(self, name) for name in names}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StreamingEvent):
            return NotImplemented
        return type(other) is type(self) and self.data == other.data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.data.items())
        return f"{type(self).__name__}({members})"


class ContentDelta(StreamingEvent):
    """A piece of the answer's text, never empty.

    :ivar content: the piece; also ``text``.
    :ivar sequence_id: its number among those of its candidate, from 0.
    """

    __slots__ = ("candidate_index", "content", "sequence_id")
    event_type = "PartialContentDelta"
    is_content_delta = True

    def __init__(
        self, content: str, sequence_id: int | None = None, candidate_index: int = 0
    ) -> None:
        self.content = content
        self.sequence_id = sequence_id
        self.candidate_index = candidate_index

    @property
    def text(self) -> str:
        """The piece."""
        return self.content


class ThinkingDelta(StreamingEvent):
    """A piece of what a model thinks before it answers; also ``text``."""

    __slots__ = ("candidate_index", "thinking")
    event_type = "ThinkingDelta"
    is_thinking_delta = True

    def __init__(self, thinking: str, candidate_index: int = 0) -> None:
        self.thinking = thinking
        self.candidate_index = candidate_index

    @property
    def text(self) -> str:
        """The piece."""
        return self.thinking


class ToolCallStarted(StreamingEvent):
    """A tool is being called; once a call, before its first piece.

    :ivar tool_call_id: also ``id``; made here where the provider has none.
    :ivar tool_name: also ``name``.
    :ivar index: the provider's number for it, else that among its candidate's calls.
    """

    __slots__ = ("candidate_index", "index", "tool_call_id", "tool_name")
    event_type = "ToolCallStarted"
    is_tool_call_started = True

    def __init__(
        self,
        tool_call_id: str,
        tool_name: str,
        index: int | None = None,
        candidate_index: int = 0,
    ) -> None:
        self.tool_call_id = tool_call_id
        self.tool_name = tool_name
        self.index = index
        self.candidate_index = candidate_index

    @property
    def id(self) -> str:
        """The call's id."""
        return self.tool_call_id

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.tool_name


class PartialToolCall(StreamingEvent):
    """A piece of a call's arguments, which are JSON text.

    :ivar is_complete: the piece is all there is.
    """

    __slots__ = ("arguments", "candidate_index", "index", "is_complete", "tool_call_id")
    event_type = "PartialToolCall"
    is_partial_tool_call = True

    def __init__(
        self,
        tool_call_id: str,
        arguments: str,
        index: int | None = None,
        is_complete: bool = False,
        candidate_index: int = 0,
    ) -> None:
        self.tool_call_id = tool_call_id
        self.arguments = arguments
        self.index = index
        self.is_complete = is_complete
        self.candidate_index = candidate_index

    @property
    def id(self) -> str:
        """The call's id."""
        return self.tool_call_id


class ToolCallEnded(StreamingEvent):
    """A call's arguments are complete, once a call."""

    __slots__ = ("candidate_index", "index", "tool_call_id")
    event_type = "ToolCallEnded"
    is_tool_call_ended = True

    def __init__(
        self, tool_call_id: str, index: int | None = None, candidate_index: int = 0
    ) -> None:
        self.tool_call_id = tool_call_id
        self.index = index
        self.candidate_index = candidate_index

    @property
    def id(self) -> str:
        """The call's id."""
        return self.tool_call_id


class Metadata(StreamingEvent):
    """What the answer has cost so far, and why it ends where that came along.

    :ivar usage: all counts known by now.
    :ivar finish_reason: as :class:`FinalCandidate` has it.
    :ivar stop_reason: the provider's own word.
    """

    __slots__ = ("candidate_index", "finish_reason", "stop_reason", "usage")
    event_type = "Metadata"
    is_metadata = True

    def __init__(
        self,
        usage: Usage | None = None,
        finish_reason: str | None = None,
        stop_reason: str | None = None,
        candidate_index: int = 0,
    ) -> None:
        self.usage = usage
        self.finish_reason = finish_reason
        self.stop_reason = stop_reason
        self.candidate_index = candidate_index


class FinalCandidate(StreamingEvent):
    """A candidate has ended.

    :ivar finish_reason: ``end_turn``, ``max_tokens``, ``stop_sequence``, ``tool_use``,
        ``refusal``, ``pause_turn`` or ``other``.
    :ivar raw_reason: the provider's own word.
    """

    __slots__ = ("candidate_index", "finish_reason", "raw_reason")
    event_type = "FinalCandidate"
    is_final_candidate = True

    def __init__(
        self,
        candidate_index: int = 0,
        finish_reason: str | None = None,
        raw_reason: str | None = None,
    ) -> None:
        self.candidate_index = candidate_index
        self.finish_reason = finish_reason
        self.raw_reason = raw_reason


class StreamEnd(StreamingEvent):
    """The stream is complete; its last event, once.

    :ivar finish_reason: that of the first candidate, see :class:`FinalCandidate`;
        ``None`` where the provider gave none.
    """

    __slots__ = ("finish_reason", "raw_reason", "usage")
    event_type = "StreamEnd"
    is_stream_end = True

    def __init__(
        self,
        finish_reason: str | None = None,
        raw_reason: str | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.finish_reason = finish_reason
        self.raw_reason = raw_reason
        self.usage = usage


class StreamError(StreamingEvent):
    """The provider reports an error inside the stream.

    A stream raises it as the error it stands for; only who assembles frames by hand
    sees this event.
    """

    __slots__ = ("error", "event_id")
    event_type = "StreamError"
    is_stream_error = True

    def __init__(self, error: Any, event_id: str | None = None) -> None:
        self.error = error
        self.event_id = event_id
