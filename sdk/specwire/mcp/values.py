"""What a server offers and answers, as values; ``raw`` is always what came.

Texts that a person or a model is to read are freed of control characters; what is sent
back to the server (names, URIs) stays as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..core.errors import DecodeError
from .messages import an_object, plain


@frozen
class Tool:
    """A tool as the server lists it.

    :ivar input_schema: the JSON Schema of its arguments, unchecked.
    :ivar output_schema: that of its structured result, or ``None``.
    :ivar annotations: the server's own word on what it does (``readOnlyHint``), which
        an untrusted server may say falsely.
    """

    name: str
    title: str = ""
    description: str = ""
    input_schema: Mapping[str, Any] = field(factory=dict)
    output_schema: Mapping[str, Any] | None = None
    annotations: Mapping[str, Any] = field(factory=dict)
    raw: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class Resource:
    """Something that can be read by its ``uri``."""

    uri: str
    name: str = ""
    title: str = ""
    description: str = ""
    mime_type: str = ""
    size: int | None = None
    raw: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class ResourceTemplate:
    """A family of resources: ``uri_template`` with places to fill (RFC 6570)."""

    uri_template: str
    name: str = ""
    title: str = ""
    description: str = ""
    mime_type: str = ""
    raw: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class ResourceContents:
    """What a resource holds: ``text``, or ``blob``, which is base64 as it came."""

    uri: str
    mime_type: str = ""
    text: str | None = None
    blob: str | None = None
    raw: Mapping[str, Any] = field(factory=dict, repr=False)

    @property
    def data(self) -> bytes:
        """What it holds, as bytes.

        :raises DecodeError: where the blob is no base64.
        """
        if self.blob is None:
            return (self.text or "").encode()
        import base64

        try:
            return base64.b64decode(self.blob, validate=True)
        except ValueError:
            raise DecodeError(f"mcp: the blob of {self.uri!r} is no base64") from None


@frozen
class Prompt:
    """A prompt that can be had filled in.

    :ivar arguments: what it takes: ``{"name", "description", "required"}``.
    """

    name: str
    title: str = ""
    description: str = ""
    arguments: tuple[Mapping[str, Any], ...] = ()
    raw: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class PromptMessages:
    """A prompt filled in: ``messages`` of ``{"role", "content"}``."""

    description: str
    messages: tuple[Mapping[str, Any], ...]
    raw: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class ToolResult:
    """What a tool answered.

    :ivar content: blocks as MCP has them: ``text``, ``image``, ``audio``,
        ``resource_link``, ``resource``.
    :ivar structured: the result as JSON data, where the tool gives one.
    :ivar is_error: the tool failed; the content says how.
    """

    content: tuple[Mapping[str, Any], ...] = ()
    structured: Any = None
    is_error: bool = False
    raw: Mapping[str, Any] = field(factory=dict, repr=False)

    @property
    def text(self) -> str:
        """All text of it."""
        kept = (each.get("text") for each in self.content if each["type"] == "text")
        return "\n".join(text for text in kept if isinstance(text, str))


# -- from what came --------------------------------------------------------------------


def tool(raw: Mapping[str, Any]) -> Tool:
    schema, output = raw.get("inputSchema"), raw.get("outputSchema")
    annotations = raw.get("annotations")
    return Tool(
        text_of(raw, "name", "tools/list"),
        **_told(raw),
        input_schema=schema if isinstance(schema, dict) else {},
        output_schema=output if isinstance(output, dict) else None,
        annotations=annotations if isinstance(annotations, dict) else {},
        raw=raw,
    )


def resource(raw: Mapping[str, Any]) -> Resource:
    size = raw.get("size")
    return Resource(
        text_of(raw, "uri", "resources/list"),
        plain(str(raw.get("name") or "")),
        **_told(raw),
        mime_type=str(raw.get("mimeType") or ""),
        size=size if type(size) is int else None,
        raw=raw,
    )


def template(raw: Mapping[str, Any]) -> ResourceTemplate:
    return ResourceTemplate(
        text_of(raw, "uriTemplate", "resources/templates/list"),
        plain(str(raw.get("name") or "")),
        **_told(raw),
        mime_type=str(raw.get("mimeType") or ""),
        raw=raw,
    )


def contents(raw: Mapping[str, Any]) -> ResourceContents:
    text, blob = raw.get("text"), raw.get("blob")
    return ResourceContents(
        text_of(raw, "uri", "resources/read"),
        str(raw.get("mimeType") or ""),
        text if isinstance(text, str) else None,
        blob if isinstance(blob, str) else None,
        raw,
    )


def prompt(raw: Mapping[str, Any]) -> Prompt:
    named = raw.get("arguments") or ()
    return Prompt(
        text_of(raw, "name", "prompts/list"),
        **_told(raw),
        arguments=objects(named, "prompts/list", "arguments"),
        raw=raw,
    )


def prompt_messages(raw: Mapping[str, Any]) -> PromptMessages:
    said = objects(raw.get("messages"), "prompts/get", "messages")
    return PromptMessages(plain(str(raw.get("description") or "")), said, raw)


def tool_result(raw: Mapping[str, Any]) -> ToolResult:
    """:raises DecodeError: where it has no content, which it must, if it is empty."""
    structured = raw.get("structuredContent")
    given = raw.get("content", [] if structured is not None else None)
    content = objects(given, "tools/call", "content")
    for each in content:
        text_of(each, "type", "tools/call")
    return ToolResult(content, structured, raw.get("isError") is True, raw)


def objects(given: Any, method: str, name: str) -> tuple[dict[str, Any], ...]:
    """``given``, which has to be a list of objects."""
    if not isinstance(given, (list, tuple)):
        kind = type(given).__name__
        raise DecodeError(
            f"mcp {method}: expected a list {name!r}, got {kind}", body=given
        )
    return tuple(an_object(each, method, f"each of {name!r}") for each in given)


def text_of(raw: Mapping[str, Any], name: str, method: str) -> str:
    value = raw.get(name)
    if isinstance(value, str) and value:
        return value
    raise DecodeError(f"mcp {method}: expected text {name!r}, got {value!r:.60}")


def _told(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(str(raw.get(name) or "")) for name in ("title", "description")}
