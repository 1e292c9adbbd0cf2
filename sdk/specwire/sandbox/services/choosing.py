"""Which tools an answer uses, and what those of the caller are called with.

The tools that the user names, or else the first one that is not deferred; none once a
tool has answered, unless the user asks for more with ``sandbox:tool_use``.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

from ..sampling import Hints, Sampler
from . import server_tools
from .conversation import tool_results

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "bash_": {"command": "echo sandbox"},
    "text_editor_": {"command": "view", "path": "/"},
    "memory_": {"command": "view", "path": "/memories"},
    "computer_": {"action": "screenshot"},
}
"""What tools that bring their own schema are called with, by how their type begins."""


def arguments_for(tool: dict[str, Any], random: Random, said: str) -> dict[str, Any]:
    """Arguments that fit ``tool``: by its schema, or by what its type is known for."""
    if "input_schema" in tool:
        schema = tool["input_schema"]
        made: dict[str, Any] = Sampler(schema, random, Hints(said)).sample(schema)
        return made
    kind = tool.get("type") or ""
    quoted = re.search(r'"([^"]+)"', said)
    if kind.startswith("computer_") and quoted:
        return {"action": "type", "text": quoted[1]}
    found = [a for begin, a in _ARGUMENTS.items() if kind.startswith(begin)]
    return dict(found[0]) if found else {}


def chosen_tools(params: Any, said: str, wanted: str) -> list[dict[str, Any]]:
    """The tools the user names, or else the first one; none after a result."""
    choice = params.get("tool_choice") or {"type": "auto"}
    tools = server_tools.tools_of(params)
    if choice["type"] == "tool":
        tools = [tool for tool in tools if tool.get("name") == choice["name"]]
    done = tool_results(params) and wanted != "tool_use"
    if choice["type"] == "none" or done:
        return []
    named = [tool for tool in tools if name_of(tool) in said]
    if choice.get("disable_parallel_tool_use"):
        named = named[:1]
    return named or [tool for tool in tools if not tool.get("defer_loading")][:1]


def name_of(tool: dict[str, Any]) -> str:
    """What the tool is called; an MCP toolset goes by its server."""
    name: str = tool.get("name") or tool["mcp_server_name"]
    return name
