"""``ai_lib_python.mcp``: its bridge, and a client that waits in tasks."""

from __future__ import annotations

from ....aio.faces.mcp import AsyncMCPClient as MCPClient
from ..mcp import (
    MCPError,
    McpProviderConfig,
    McpServerSpec,
    McpTool,
    McpToolBridge,
    McpToolInvocation,
    McpToolResult,
    extract_provider_config,
)

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
