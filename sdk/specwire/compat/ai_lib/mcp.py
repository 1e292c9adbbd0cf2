"""``ai_lib_python.mcp``: its bridge between MCP's words and those of a chat.

It converts and connects to nothing; :class:`specwire.mcp.MCPClient` does, and its
``tools()`` need no bridge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field

from ...chat.tools import ToolCall
from ...mcp.client import MCPClient
from ...mcp.errors import MCPError

__all__ = [
    "MCPClient",
    "MCPError",
    "McpProviderConfig",
    "McpServerSpec",
    "McpTool",
    "McpToolBridge",
    "McpToolInvocation",
    "McpToolResult",
    "extract_provider_config",
]


@define
class McpTool:
    """A tool as a server lists it."""

    name: str
    description: str | None = None
    input_schema: dict[str, Any] | None = None


@define
class McpToolInvocation:
    """A call, as a server takes it."""

    name: str
    arguments: dict[str, Any] = field(factory=dict)


@define
class McpToolResult:
    """What a server answers to a call."""

    content: list[dict[str, Any]] = field(factory=list)
    is_error: bool = False


@define
class McpServerSpec:
    """Where a server is."""

    name: str
    transport: str
    uri: str
    auth: dict[str, Any] | None = None


@define
class McpProviderConfig:
    """How a provider that connects to servers itself is told of them."""

    tool_type: str = "mcp"
    beta_header: str | None = None
    api_endpoint: str | None = None
    config_method: str = "tool_parameter"


class McpToolBridge:
    """One server's tools under names of their own: ``mcp__server__tool``.

    :param allow_filter: names of the only tools that are shown; empty shows all.
    :param deny_filter: names of tools that are not shown, whatever else is said.
    """

    def __init__(
        self,
        server_name: str,
        *,
        allow_filter: Iterable[str] | None = None,
        deny_filter: Iterable[str] | None = None,
    ) -> None:
        self._prefix = f"mcp__{server_name}__"
        self._allowed = frozenset(allow_filter or ())
        self._denied = frozenset(deny_filter or ())

    def mcp_tools_to_protocol(self, mcp_tools: Iterable[Any]) -> list[dict[str, Any]]:
        """The definitions of ``mcp_tools`` that are shown: ours, or the peer's."""
        return [
            self._definition(tool) for tool in mcp_tools if self._is_shown(tool.name)
        ]

    def _is_shown(self, name: str) -> bool:
        allowed = not self._allowed or name in self._allowed
        return allowed and name not in self._denied

    def _definition(self, tool: Any) -> dict[str, Any]:
        function = {"name": f"{self._prefix}{tool.name}"}
        if tool.description:
            function["description"] = tool.description
        schema = dict(tool.input_schema or {"type": "object", "properties": {}})
        return {"type": "function", "function": {**function, "parameters": schema}}

    def protocol_call_to_mcp(self, call: Any) -> McpToolInvocation | None:
        """The call as the server takes it; ``None`` for a tool of another server.

        :param call: a ``ToolCall``, or a dict in any of the shapes that one is read of.
        """
        asked = ToolCall.of(call)
        if not asked.name.startswith(self._prefix):
            return None
        return McpToolInvocation(asked.name[len(self._prefix) :], asked.arguments)

    def mcp_result_to_protocol(self, tool_call_id: str, result: Any) -> dict[str, Any]:
        """What the server answered, as a result: its texts, a line each."""
        texts = [b.get("text") or "" for b in result.content if b.get("type") == "text"]
        text = "\n".join(texts)
        return {
            "tool_use_id": tool_call_id,
            "content": {"error": text} if result.is_error else text,
            "is_error": result.is_error,
        }


def extract_provider_config(
    mcp_config: Mapping[str, Any] | None,
) -> McpProviderConfig | None:
    """What a manifest's ``mcp`` says of a provider's own client; ``None`` without."""
    config: Any = mcp_config or {}
    client = config if "supported" in config else config.get("client") or {}
    if not client.get("supported"):
        return None
    given = client.get("provider_mapping") or {}
    usual = McpProviderConfig()
    return McpProviderConfig(
        tool_type=given.get("tool_type", usual.tool_type),
        beta_header=given.get("beta_header"),
        api_endpoint=given.get("api_endpoint"),
        config_method=given.get("config_method", usual.config_method),
    )
