"""``ai_lib_python.mcp``: its bridge, with its names."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.compat.ai_lib.mcp import (
    McpProviderConfig,
    McpServerSpec,
    McpTool,
    McpToolBridge,
    McpToolInvocation,
    McpToolResult,
    extract_provider_config,
)

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
TOOLS = [McpTool("read", "Read a file", SCHEMA), McpTool("list"), McpTool("drop")]


def shown(bridge: McpToolBridge) -> list[str]:
    return [t["function"]["name"] for t in bridge.mcp_tools_to_protocol(TOOLS)]


def test_tools_have_their_servers_name() -> None:
    """``mcp__server__tool``, in the shape that most APIs share."""
    first, second, _ = McpToolBridge("fs").mcp_tools_to_protocol(TOOLS)
    function = {
        "name": "mcp__fs__read",
        "description": "Read a file",
        "parameters": SCHEMA,
    }
    assert first == {"type": "function", "function": function}
    # No API takes null for a schema or a description.
    empty = {"type": "object", "properties": {}}
    assert second["function"] == {"name": "mcp__fs__list", "parameters": empty}


def test_filters() -> None:
    """What is denied is not shown, and of the rest what is allowed, or all."""
    deny = McpToolBridge("fs", deny_filter={"drop"})
    assert shown(deny) == ["mcp__fs__read", "mcp__fs__list"]
    both = McpToolBridge("fs", allow_filter={"read", "drop"}, deny_filter={"drop"})
    assert shown(both) == ["mcp__fs__read"]


@pytest.mark.parametrize(
    "call",
    [
        {"name": "mcp__fs__read", "arguments": {"path": "x"}},
        {"name": "mcp__fs__read", "arguments": '{"path": "x"}'},
        {"function": {"name": "mcp__fs__read", "arguments": '{"path": "x"}'}},
        {"type": "tool_use", "name": "mcp__fs__read", "input": {"path": "x"}},
    ],
)
def test_a_call_goes_back_to_its_server(call: Any) -> None:
    """In any shape that a call has; another server's is not ours."""
    bridge = McpToolBridge("fs")
    wanted = McpToolInvocation("read", {"path": "x"})
    assert bridge.protocol_call_to_mcp(call) == wanted
    assert McpToolBridge("web").protocol_call_to_mcp(call) is None


def test_results() -> None:
    """The texts of a result; an error is an object."""
    bridge = McpToolBridge("fs")
    texts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text"}]
    told = bridge.mcp_result_to_protocol("t1", McpToolResult(texts))
    assert told == {"tool_use_id": "t1", "content": "a\n", "is_error": False}
    failed = bridge.mcp_result_to_protocol("t1", McpToolResult(texts[:1], True))
    assert failed["content"] == {"error": "a"}


def test_a_manifests_mcp() -> None:
    """How a provider is told of servers, where it connects to them itself."""
    mapping = {"tool_type": "mcp_toolset", "beta_header": "mcp-1"}
    client = {"supported": True, "provider_mapping": mapping}
    wanted = McpProviderConfig("mcp_toolset", "mcp-1")
    assert extract_provider_config(client) == wanted
    assert extract_provider_config({"client": client}) == wanted
    for none in (None, {}, {"client": {}}, {"supported": False}, {"client": None}):
        assert extract_provider_config(none) is None
    assert McpServerSpec("fs", "stdio", "x").auth is None
