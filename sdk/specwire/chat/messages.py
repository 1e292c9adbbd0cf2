"""Messages, and the blocks that their content is made of.

A message is a role, a content and whatever else was given with it; the same as a dict,
and dicts are taken wherever a message is. Nothing is thrown away: a member that this
version does not know is kept, and sent. What a provider's wire format makes of it is in
:mod:`specwire.chat.dialects`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ..core.errors import RequestValidationError
from .tools import ToolCall

Content: TypeAlias = "str | Sequence[ContentBlock | Mapping[str, Any] | str] | None"
Path: TypeAlias = "str | os.PathLike[str]"


class ContentBlock:
    """A piece of a message: ``{"type": str, ...}``.

    The members are attributes; one that the block does not have is ``None``. What is
    not text has a ``source``: ``{"type": "base64", "media_type": str, "data": str}``,
    ``{"type": "url", "url": str}``, ``{"type": "file", "file_id": str}``; the shapes of
    OpenAI's parts (``image_url``, ``input_audio``, ``file``) are understood as well.
    """

    __slots__ = ("members", "type")

    def __init__(self, type: str, /, **members: Any) -> None:
        self.type = type
        self.members = {k: v for k, v in members.items() if v is not None}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "members":
            raise AttributeError(name)
        return self.members.get(name)

    @classmethod
    def of(cls, given: Any) -> ContentBlock:
        """``given``: a block, a text, or a dict.

        :raises RequestValidationError: for anything else.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            return cls("text", text=given)
        if hasattr(given, "to_dict"):
            given = given.to_dict()
        if isinstance(given, Mapping):
            rest = dict(given)
            kind = rest.pop("type", None) or rest.pop("block_type", None)
            if kind is None and "text" in rest:
                kind = "text"
            if kind == "text" and not isinstance(rest.get("text"), str):
                raise RequestValidationError(
                    "content: expected a text block with a text, got "
                    f"{type(rest.get('text')).__name__}"
                )
            if isinstance(kind, str):
                block = cls(kind)
                block.members.update(rest)
                return block
        raise RequestValidationError(
            "content: expected a text, a ContentBlock or a dict with a type, got "
            f"{type(given).__name__}"
        )

    # -- text and thinking -------------------------------------------------------

    @classmethod
    def text_block(cls, text: str, **extra: Any) -> ContentBlock:
        return cls("text", text=text, **extra)

    @classmethod
    def thinking_block(
        cls, thinking: str, signature: str | None = None
    ) -> ContentBlock:
        """What a model thought, to be sent back with its ``signature``."""
        return cls("thinking", thinking=thinking, signature=signature)

    # -- what is not text --------------------------------------------------------

    @classmethod
    def image_base64(
        cls, data: str | bytes, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """An image: base64 text, or the bytes themselves."""
        return cls("image", source=_inline(data, media_type), **extra)

    @classmethod
    def image_url(cls, url: str, **extra: Any) -> ContentBlock:
        """An image that the provider fetches; ``data:`` URLs are taken as well."""
        return cls("image", source={"type": "url", "url": url}, **extra)

    @classmethod
    def image_from_file(
        cls, path: Path, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """An image of this machine, of at most 20 MiB.

        :raises RequestValidationError: where it is larger, or no known format.
        :raises OSError: where it cannot be read.
        """
        return cls("image", source=_read("image", path, media_type), **extra)

    @classmethod
    def audio_base64(
        cls, data: str | bytes, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        return cls("audio", source=_inline(data, media_type), **extra)

    @classmethod
    def audio_url(cls, url: str, **extra: Any) -> ContentBlock:
        return cls("audio", source={"type": "url", "url": url}, **extra)

    @classmethod
    def audio_from_file(
        cls, path: Path, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A recording of at most 25 MiB. Errors as :meth:`image_from_file`."""
        return cls("audio", source=_read("audio", path, media_type), **extra)

    @classmethod
    def video_url(cls, url: str, **extra: Any) -> ContentBlock:
        return cls("video", source={"type": "url", "url": url}, **extra)

    @classmethod
    def document_base64(
        cls,
        data: str | bytes,
        media_type: str | None = None,
        *,
        title: str | None = None,
        **extra: Any,
    ) -> ContentBlock:
        """A document; PDF, unless ``media_type`` says otherwise."""
        return cls("document", source=_inline(data, media_type), title=title, **extra)

    @classmethod
    def document_url(
        cls, url: str, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        source = {"type": "url", "url": url, "media_type": media_type}
        source = {k: v for k, v in source.items() if v is not None}
        return cls("document", source=source, **extra)

    @classmethod
    def document_text(
        cls, text: str, *, title: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A document that is plain text."""
        source = {"type": "text", "media_type": "text/plain", "data": text}
        return cls("document", source=source, title=title, **extra)

    @classmethod
    def document_ref(cls, ref: str, media_type: str | None = None) -> ContentBlock:
        """A document that the provider has already: the name it has there."""
        source = {"type": "ref", "data": ref, "media_type": media_type}
        return cls("document", source=source)

    @classmethod
    def document_from_file(
        cls, path: Path, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A document of at most 32 MiB. Errors as :meth:`image_from_file`."""
        title = extra.pop("title", None) or os.path.basename(os.fspath(path))
        source = _read("document", path, media_type)
        return cls("document", source=source, title=title, **extra)

    # -- tools -------------------------------------------------------------------

    @classmethod
    def tool_use(
        cls, id: str, name: str, input: Mapping[str, Any], **extra: Any
    ) -> ContentBlock:
        """A call that the model asked for."""
        return cls("tool_use", id=id, name=name, input=dict(input), **extra)

    @classmethod
    def tool_result(
        cls, tool_use_id: str, content: Any, is_error: bool = False, **extra: Any
    ) -> ContentBlock:
        """What a call gave: a text, blocks, or anything that JSON can say."""
        error = True if is_error else None
        return cls(
            "tool_result",
            tool_use_id=tool_use_id,
            content=content,
            is_error=error,
            **extra,
        )

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, **self.members}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContentBlock) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = self.text if self.type == "text" else ", ".join(self.members)
        return f"ContentBlock({self.type!r}, {shown!r:.60})"


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
        return cls("system", content, **extra)

    @classmethod
    def user(cls, content: Content, **extra: Any) -> Message:
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
        return self.extra.get("name")

    @property
    def tool_call_id(self) -> str | None:
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
        return self._has("image", "image_url")

    def contains_audio(self) -> bool:
        return self._has("audio", "input_audio")

    def is_multimodal(self) -> bool:
        return self.contains_image() or self.contains_audio()

    def get_text_content(self) -> str:
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


def json_text(value: Any) -> str:
    """``value`` as a text: itself, or JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestValidationError(
            f"content: expected a text or what JSON can say, got "
            f"{type(value).__name__} ({error})"
        ) from None


def _inline(data: str | bytes, media_type: str | None) -> dict[str, Any]:
    from .attachments import inline

    return inline(data, media_type)


def _read(kind: str, path: Path, media_type: str | None) -> dict[str, Any]:
    from .attachments import read

    return read(kind, path, media_type)
