"""Tools of an MCP server that this program talks to, for ``tool_runner``.

The connection is the caller's: whatever lists the server's tools and calls one. Here
only the words change: MCP's descriptions become definitions, its results the content of
a tool result. Names and shapes are MCP's (specification 2025-06-18, "Tools"). Servers
that the API connects to itself are ``mcp_servers=`` of ``create`` and need no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import Any

from ..core.crew import here
from .protocol import ToolError


class MCPTool:
    """One tool of an MCP server.

    :param awaits: ``call`` waits in the loop of an async client; an ``async def`` does.
    """

    def __init__(
        self, listed: Any, call: Callable[[str, Any], Any], *, awaits: bool = False
    ) -> None:
        self.name: str = _member(listed, "name")
        self._description = _member(listed, "description")
        self._schema = _member(listed, "inputSchema") or {"type": "object"}
        self._call = call
        self.awaits = awaits or iscoroutinefunction(call)

    def to_dict(self) -> dict[str, Any]:
        """The definition, as it stands in a request's ``tools``."""
        definition = {"name": self.name, "input_schema": self._schema}
        if self._description:
            definition["description"] = self._description
        return definition

    def call(self, input: Any) -> Any:
        """Call it at its server.

        :raises ToolError: with the content, where the server says it is an error.
        """
        result = here().settled(self._call(self.name, input))
        blocks = [_block(each) for each in _member(result, "content") or ()]
        if _member(result, "isError"):
            raise ToolError(blocks or "the tool failed and did not say why")
        return blocks or _member(result, "structuredContent")


def mcp_tools(listed: Iterable[Any], call: Callable[[str, Any], Any]) -> list[MCPTool]:
    """The tools of an MCP server.

    >>> tools = mcp_tools(session.list_tools().tools, session.call_tool)
    ... # doctest: +SKIP

    :param listed: what the server lists: dicts as they come in JSON, or objects with
        these attributes (``name``, ``description``, ``inputSchema``).
    :param call: calls a tool by name with its arguments and gives its result, a dict or
        an object too (``content``, ``isError``, ``structuredContent``).
    """
    return [MCPTool(each, call) for each in listed]


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def _block(content: Any) -> dict[str, Any]:
    """MCP's content as a content block; what the API has no block for, as text."""
    kind = _member(content, "type")
    if kind == "image":
        source = {
            "type": "base64",
            "media_type": _member(content, "mimeType"),
            "data": _member(content, "data"),
        }
        return {"type": "image", "source": source}
    if kind == "resource":
        resource = _member(content, "resource")
        text = _member(resource, "text")
        return _text(text if text is not None else _member(resource, "uri"))
    if kind == "resource_link":
        return _text(_member(content, "uri"))
    text = _member(content, "text")
    return _text(text if text is not None else f"({kind} content that cannot be shown)")


def _text(text: Any) -> dict[str, Any]:
    return {"type": "text", "text": str(text)}
