"""Messages: the turns of a conversation.

A message is a role, a content and whatever else was given with it; the same as a dict,
and dicts are taken wherever a message is. Nothing is thrown away: a member that this
version does not know is kept, and sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ..core.errors import RequestValidationError
from .blocks import ContentBlock as ContentBlock
from .blocks import json_text as json_text
from .tools import ToolCall

Content: TypeAlias = "str | Sequence[ContentBlock | Mapping[str, Any] | str] | None"


class Message:
    """One turn of a conversation.

    :ivar role: ``system``, ``user``, ``assistant`` or ``tool``.
    :ivar content: a text, or a list of blocks.
    :ivar extra: whatever else was given: ``name``, ``tool_call_id``, ``metadata``.
    """

    __slots__ = ("content", "extra", "role")

    def __init__(self, role: str, content: Any = None, **extra: Any) -> None:
        self.role: str = str(getattr(role, "value", role))
        if isinstance(content, Sequence) and not isinstance(content, (str, bytes)):
            content = [ContentBlock.of(block) for block in content]
        self.content: Any = content
        self.extra = extra

    @classmethod
    def of(cls, given: Any) -> Message:
        """``given``: a message, a dict, or a text that the user says.

        :raises RequestValidationError: for anything else.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            return cls("user", given)
        if hasattr(given, "to_message"):
            return cls.of(given.to_message())
        if isinstance(given, Mapping) and isinstance(given.get("role"), str):
            rest = dict(given)
            message = cls(rest.pop("role"), rest.pop("content", None))
            message.extra = rest
            return message
        raise RequestValidationError(
            "messages: expected a Message or a dict with a role, got "
            f"{type(given).__name__}",
            pointer="/messages",
        )

    @classmethod
    def system(cls, content: Content, **extra: Any) -> Message:
        """What the model is to keep to."""
        return cls("system", content, **extra)

    @classmethod
    def user(cls, content: Content, **extra: Any) -> Message:
        """What the user says: a text, or content blocks."""
        return cls("user", content, **extra)

    @classmethod
    def assistant(
        cls,
        content: Content = None,
        *,
        tool_calls: Iterable[ToolCall | Mapping[str, Any]] | None = None,
        **extra: Any,
    ) -> Message:
        """What the model said, and the tools that it called."""
        if tool_calls:
            extra["tool_calls"] = [ToolCall.of(call) for call in tool_calls]
        return cls("assistant", content, **extra)

    @classmethod
    def tool(
        cls, tool_call_id: str, content: Any, *, is_error: bool = False, **extra: Any
    ) -> Message:
        """What a tool gave: a text, blocks, or anything that JSON can say."""
        if is_error:
            extra["is_error"] = True
        return cls("tool", content, tool_call_id=tool_call_id, **extra)

    @classmethod
    def with_content(cls, role: str, content: Content, **extra: Any) -> Message:
        """A message made of several blocks."""
        return cls(role, content, **extra)

    @property
    def name(self) -> str | None:
        """Who speaks, for providers that take a name."""
        return self.extra.get("name")

    @property
    def tool_call_id(self) -> str | None:
        """Of a tool's result: the call that it answers."""
        return self.extra.get("tool_call_id")

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls of the message, wherever they stand in it."""
        blocks = self.content if isinstance(self.content, list) else ()
        inside = [b.to_dict() for b in blocks if b.type == "tool_use"]
        return [*map(ToolCall.of, inside), *self._calls()]

    def _calls(self) -> list[ToolCall]:
        """The calls that stand beside the content."""
        calls = self.extra.get("tool_calls") or ()
        if not isinstance(calls, (list, tuple)):
            raise RequestValidationError(
                f"tool_calls: expected a list, got {type(calls).__name__}",
                pointer="/messages",
            )
        return [ToolCall.of(call) for call in calls]

    @property
    def text(self) -> str:
        """The texts of the message, a line each."""
        if isinstance(self.content, str):
            return self.content
        blocks = self.content if isinstance(self.content, list) else ()
        return "\n".join(b.text for b in blocks if b.type == "text" and b.text)

    def blocks(self) -> list[ContentBlock]:
        """The content as blocks; calls and results are blocks as well."""
        content = self.content
        if self.role == "tool":
            return self._results()
        if content is None or content == "":
            blocks = []
        elif isinstance(content, list):
            blocks = list(content)
        else:
            blocks = [ContentBlock("text", text=json_text(content))]
        for call in self._calls():
            block = ContentBlock.of(call.to_content_block())
            if call.arguments_raw is not None:
                block.members["arguments_raw"] = call.arguments_raw
            blocks.append(block)
        return blocks

    def _results(self) -> list[ContentBlock]:
        if isinstance(self.content, list) and any(
            block.type == "tool_result" for block in self.content
        ):
            return list(self.content)
        id = self.tool_call_id or self.extra.get("tool_use_id") or ""
        error = bool(self.extra.get("is_error"))
        return [ContentBlock.tool_result(id, self.content, error, name=self.name)]

    def contains_image(self) -> bool:
        """Whether a block is a picture."""
        return self._has("image", "image_url")

    def contains_audio(self) -> bool:
        """Whether a block is a recording."""
        return self._has("audio", "input_audio")

    def is_multimodal(self) -> bool:
        """Whether there is a picture or a recording in it."""
        return self.contains_image() or self.contains_audio()

    def get_text_content(self) -> str:
        """The same as ``text``."""
        return self.text

    def _has(self, *kinds: str) -> bool:
        blocks = self.content if isinstance(self.content, list) else ()
        return any(block.type in kinds for block in blocks)

    def to_dict(self) -> dict[str, Any]:
        """The message, normalised: ``{"role", "content", ...}``."""
        content = self.content
        if isinstance(content, list):
            content = [block.to_dict() for block in content]
        extra = dict(self.extra)
        if extra.get("tool_calls"):
            extra["tool_calls"] = [
                call.to_dict() if isinstance(call, ToolCall) else call
                for call in extra["tool_calls"]
            ]
        return {"role": self.role, "content": content, **extra}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Message({self.role!r}, {self.content!r:.80})"


def normalised(messages: Iterable[Any]) -> list[dict[str, Any]]:
    """The messages as dicts of one shape, before any provider's."""
    return [Message.of(message).to_dict() for message in messages]
