"""Model Context Protocol: servers' tools, resources and prompts, from plain code.

>>> from specwire.mcp import MCPClient
>>> with MCPClient(["python", "server.py"]) as mcp:  # doctest: +SKIP
...     runner = client.messages.tool_runner(tools=mcp.tools(), ...)

The names load when they are first used (PEP 562).
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import MCPClient as MCPClient
    from .errors import MCPError as MCPError
    from .toolbox import tools_of as tools_of
    from .values import Prompt as Prompt
    from .values import PromptMessages as PromptMessages
    from .values import Resource as Resource
    from .values import ResourceContents as ResourceContents
    from .values import ResourceTemplate as ResourceTemplate
    from .values import Tool as Tool
    from .values import ToolResult as ToolResult

_HOMES = {
    "MCPClient": ".client",
    "MCPError": ".errors",
    "Prompt": ".values",
    "PromptMessages": ".values",
    "Resource": ".values",
    "ResourceContents": ".values",
    "ResourceTemplate": ".values",
    "Tool": ".values",
    "ToolResult": ".values",
    "tools_of": ".toolbox",
}

__all__ = [
    "MCPClient",
    "MCPError",
    "Prompt",
    "PromptMessages",
    "Resource",
    "ResourceContents",
    "ResourceTemplate",
    "Tool",
    "ToolResult",
    "tools_of",
]

__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
