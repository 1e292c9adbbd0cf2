"""Blocks: the pieces that a message's content is made of.

What a block holds may have been given in any API's shape; it is kept as it was given.
What a provider's wire format makes of it is in :mod:`specwire.chat.dialects`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, TypeAlias

from ..core.errors import RequestValidationError

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
        """A text."""
        return cls("text", text=text, **extra)

    @classmethod
    def thinking_block(
        cls, thinking: str, signature: str | None = None
    ) -> ContentBlock:
        """What a model thought, to be sent back with its ``signature``."""
        return cls("thinking", thinking=thinking, signature=signature)

    # -- what is not text --------------------------------------------------------

    @classmethod
    def image_of(
        cls,
        given: Any,
        media_type: str | None = None,
        *,
        max_side: int | None = None,
        **extra: Any,
    ) -> ContentBlock:
        """An image: a path, a URL, bytes, a file opened in binary mode, Pillow's image.

        Nothing is fetched; the provider is sent the URL.

        :param max_side: pixels that no side has more of afterwards (extra ``vision``).
        :raises RequestValidationError: where it is empty, of more than 20 MiB, or no
            known format.
        :raises OSError: where a file cannot be read.
        :raises ImportError: for ``max_side`` without Pillow.
        """
        change = None
        if max_side is not None:
            from functools import partial

            from .pictures import fitted

            change = partial(fitted, most=max_side)
        source = _source("image", given, media_type, change)
        return cls("image", source=source, **extra)

    @classmethod
    def audio_of(
        cls, given: Any, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A recording, of at most 25 MiB. What is taken is as in :meth:`image_of`."""
        return cls("audio", source=_source("audio", given, media_type), **extra)

    @classmethod
    def video_of(
        cls, given: Any, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A film, of at most 20 MiB. What is taken is as in :meth:`image_of`."""
        return cls("video", source=_source("video", given, media_type), **extra)

    @classmethod
    def document_of(
        cls,
        given: Any,
        media_type: str | None = None,
        *,
        title: str | None = None,
        **extra: Any,
    ) -> ContentBlock:
        """A document, of at most 32 MiB. What is taken is as in :meth:`image_of`."""
        source = _source("document", given, media_type)
        path = isinstance(given, (str, os.PathLike)) and source["type"] != "url"
        title = title or (os.path.basename(os.fspath(given)) if path else None)
        return cls("document", source=source, title=title, **extra)

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
        """A recording: bytes, or base64 text.

        :param media_type: such as ``audio/wav``; by default its first bytes tell.
        """
        return cls("audio", source=_inline(data, media_type), **extra)

    @classmethod
    def audio_url(cls, url: str, **extra: Any) -> ContentBlock:
        """A recording that the provider fetches."""
        return cls("audio", source={"type": "url", "url": url}, **extra)

    @classmethod
    def audio_from_file(
        cls, path: Path, media_type: str | None = None, **extra: Any
    ) -> ContentBlock:
        """A recording of at most 25 MiB. Errors as :meth:`image_from_file`."""
        return cls("audio", source=_read("audio", path, media_type), **extra)

    @classmethod
    def video_url(cls, url: str, **extra: Any) -> ContentBlock:
        """A film that the provider fetches."""
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
        """A document that the provider fetches."""
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
        """``{"type": str, ...}``, as it is in a message."""
        return {"type": self.type, **self.members}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContentBlock) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = self.text if self.type == "text" else ", ".join(self.members)
        return f"ContentBlock({self.type!r}, {shown!r:.60})"


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


def _source(kind: str, given: Any, media_type: str | None, change: Any = None) -> Any:
    from .attachments import source_of

    return source_of(kind, given, media_type, change)
