"""Images, recordings, films and documents, in each of the wire's shapes.

A block is first understood (:func:`source_of`), whichever API's shape it was given in,
and then written in the shape that the provider's record names: ``openai_url``,
``anthropic_source``, ``gemini_inline_data``, ``openai_file``, ``anthropic_document``,
``text``, ``mistral_audio``, ``mistral_document``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from ...core.errors import RequestValidationError, UnsupportedCapabilityError
from ..messages import ContentBlock

KINDS: Final = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "video": "video",
    "video_url": "video",
    "document": "document",
    "file": "document",
    "input_file": "document",
}
"""The block types that hold something, and what that is."""
_DEFAULT_TYPES: Final = {
    "image": "image/png",
    "audio": "audio/wav",
    "video": "video/mp4",
    "document": "application/pdf",
}


class Source:
    """Where a block's bytes are: ``how`` is base64, url, file, ref or text."""

    __slots__ = ("data", "how", "kind", "media_type", "title")

    def __init__(
        self, kind: str, how: str, data: str, media_type: str | None, title: str | None
    ) -> None:
        self.kind = kind
        self.how = how
        self.data = data
        self.media_type = media_type
        self.title = title

    @property
    def url(self) -> str:
        """An URL that has the bytes in it, or leads to them."""
        if self.how != "base64":
            return self.data
        return f"data:{self.media_type};base64,{self.data}"

    @property
    def titled(self) -> str:
        """The text, below its title."""
        return f"{self.title}\n\n{self.data}" if self.title else self.data


def source_of(block: ContentBlock, where: str, rules: Mapping[str, Any]) -> Source:
    """What ``block`` holds.

    :param rules: the record's ``blocks``.
    :raises RequestValidationError: where it holds nothing, or what must not be sent.
    """
    kind = KINDS[block.type]
    rule = rules.get(kind) or {}
    how, data, media_type = _found(block)
    if rule.get("supported") is False:
        raise _unsupported(where, kind, "the provider takes none")
    if how == "ref" and rule.get("ref_resolution") == "resolve_at_runtime":
        how = "file"
    if how == "ref":
        raise _refused(where, kind, "a ref has to be resolved to base64 or url first")
    if not isinstance(media_type, (str, type(None))):
        raise _refused(where, kind, f"expected a media_type, got {media_type!r:.40}")
    if not isinstance(data, str) or not data:
        raise _refused(where, kind, "expected a source with data or url, got none")
    if how == "url" and data.startswith("data:"):
        how, data, media_type = _from_data_url(where, kind, data)
    default = rule.get("default_mime_type") or _DEFAULT_TYPES[kind]
    if how == "base64":
        media_type = media_type or default
    return Source(kind, how, data, media_type, block.title or block.filename)


def _found(block: ContentBlock) -> tuple[str, Any, str | None]:
    source = block.source
    if isinstance(source, str):
        source = {"type": "url", "url": source}
    if not isinstance(source, Mapping):
        source = {**block.members, "type": block.source_type or ""}
        inner = block.members.get(block.type)
        if isinstance(inner, str):
            source = {"type": "url", "url": inner}
        elif isinstance(inner, Mapping):
            source = {"type": "", **inner}
    how = source.get("type") or source.get("source_type") or ""
    media_type = source.get("media_type") or source.get("mime_type")
    if how in ("base64", "ref", "text"):
        return how, source.get("data") or source.get(how), media_type
    if source.get("format") and block.type == "input_audio":
        return "base64", source.get("data"), f"audio/{source['format']}"
    for name in ("url", "file_data", "file_id", "file_uri"):
        if source.get(name):
            how = "file" if name in ("file_id",) else "url"
            return how, source[name], media_type
    return how or "base64", source.get("data"), media_type


def _from_data_url(where: str, kind: str, url: str) -> tuple[str, str, str | None]:
    head, comma, data = url[5:].partition(",")
    media_type, *marks = head.split(";")
    if not comma:
        raise _refused(where, kind, "a data: URL without a comma")
    if "base64" not in marks:
        data = base64.b64encode(unquote_to_bytes(data)).decode()
    return "base64", data, media_type or None


def measure(source: Source, where: str, record: Mapping[str, Any]) -> None:
    """Hold what goes along in a request against what the manifest says of files.

    :raises UnsupportedCapabilityError: for a format that the provider does not take.
    :raises RequestValidationError: for what is too large for it.
    """
    from .. import measures

    word = "vision" if source.kind == "image" else source.kind
    said = measures.rule(record, "input", word)
    if said and source.how == "base64":
        place = f"{where}: {source.kind} block"
        measures.check_format(place, said, source.media_type, source.kind)
        measures.check_size(place, said, len(source.data) * 3 // 4)


def _refused(where: str, kind: str, why: str) -> RequestValidationError:
    return RequestValidationError(f"{where}: {kind} block: {why}", pointer="/messages")


def _unsupported(where: str, kind: str, why: str) -> UnsupportedCapabilityError:
    return UnsupportedCapabilityError(
        f"{where}: {kind} block: {why}; nothing was sent",
        pointer="/messages",
        capability=kind,
    )


# -- the shapes --------------------------------------------------------------------


def openai_url(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "image_url", "image_url": {"url": ...}}``; films alike."""
    if source.how not in ("base64", "url"):
        raise _unsupported(where, source.kind, f"cannot be sent from a {source.how}")
    name = f"{source.kind}_url"
    return {"type": name, name: {"url": source.url}}


def openai_audio(source: Source, where: str) -> dict[str, Any]:
    if source.how != "base64":
        raise _unsupported(where, "audio", "has to be base64; a URL cannot be sent")
    ending = (source.media_type or "").partition("/")[2].removeprefix("x-")
    named = {"mpeg": "mp3", "wave": "wav", "mp4": "m4a"}.get(ending, ending)
    return {
        "type": "input_audio",
        "input_audio": {"data": source.data, "format": named},
    }


def mistral_audio(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "input_audio", "input_audio": ...}``: base64 or a URL, bare."""
    if source.how not in ("base64", "url"):
        raise _unsupported(where, "audio", f"cannot be sent from a {source.how}")
    return {"type": "input_audio", "input_audio": source.data}


def text(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "text", "text": ...}``: of a document, what can be read as text."""
    if source.how == "base64" and (source.media_type or "").startswith("text/"):
        try:
            read = base64.b64decode(source.data).decode()
        except ValueError:
            raise _refused(where, source.kind, "is not text in base64") from None
        source = Source(source.kind, "text", read, source.media_type, source.title)
    if source.how != "text":
        raise _unsupported(where, source.kind, "documents can only be text here")
    return {"type": "text", "text": source.titled}


def mistral_document(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "document_url", "document_url": ..., "document_name": ...}``."""
    if source.how == "text":
        return text(source, where)
    if source.how == "file":
        return {"type": "file", "file_id": source.data}
    part = {"type": "document_url", "document_url": source.url}
    return {**part, "document_name": source.title} if source.title else part


def openai_file(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "file", "file": {...}}``; plain text becomes a text part."""
    if source.how == "text":
        return text(source, where)
    if source.how == "file":
        return {"type": "file", "file": {"file_id": source.data}}
    if source.how == "url":
        raise _unsupported(where, source.kind, "has to be base64; no URL can be sent")
    file = {"filename": source.title or "document.pdf", "file_data": source.url}
    return {"type": "file", "file": file}


def anthropic_source(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "image", "source": {...}}``."""
    return {"type": source.kind, "source": _anthropic(source, where)}


def anthropic_document(source: Source, where: str) -> dict[str, Any]:
    """``{"type": "document", "source": {...}, "title": ...}``."""
    block = {"type": "document", "source": _anthropic(source, where)}
    return {**block, "title": source.title} if source.title else block


def _anthropic(source: Source, where: str) -> dict[str, Any]:
    if source.how == "url":
        return {"type": "url", "url": source.data}
    if source.how == "file":
        return {"type": "file", "file_id": source.data}
    media_type = "text/plain" if source.how == "text" else source.media_type
    return {"type": source.how, "media_type": media_type, "data": source.data}


def gemini_inline_data(source: Source, where: str) -> dict[str, Any]:
    """``{"inlineData": {...}}``, or ``fileData`` for what is elsewhere."""
    if source.how == "text":
        return {"text": source.titled}
    if source.how == "base64":
        return {"inlineData": {"mimeType": source.media_type, "data": source.data}}
    file = {"mimeType": source.media_type, "fileUri": source.data}
    return {"fileData": {k: v for k, v in file.items() if v}}


SHAPES: Final[Mapping[str, Callable[[Source, str], dict[str, Any]]]] = {
    "openai_url": openai_url,
    "openai_audio": openai_audio,
    "openai_file": openai_file,
    "anthropic_source": anthropic_source,
    "anthropic_document": anthropic_document,
    "gemini_inline_data": gemini_inline_data,
    "text": text,
    "mistral_audio": mistral_audio,
    "mistral_document": mistral_document,
}
"""The names that contracts have for them."""
