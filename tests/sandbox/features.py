"""A request for each feature of the messages operations, and what adds a stream up."""

from __future__ import annotations

import json
from typing import Any

from .conftest import message

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["score", "why"],
    "additionalProperties": False,
}
SERVER = {"type": "url", "url": "https://mcp.example.com/api", "name": "db"}
TEXT_SOURCE = {"type": "text", "media_type": "text/plain", "data": "Grass is green."}
DOCUMENT = {
    "type": "document",
    "source": TEXT_SOURCE,
    "title": "Grass",
    "citations": {"enabled": True},
}
PDF = {
    "type": "document",
    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
    "citations": {"enabled": True},
}
BLOCKS = {
    "type": "document",
    "source": {"type": "content", "content": [{"type": "text", "text": "One."}]},
    "citations": {"enabled": True},
}
FOUND = {
    "type": "search_result",
    "source": "https://example.com/a",
    "title": "A",
    "content": [{"type": "text", "text": "A is for apple."}],
    "citations": {"enabled": True},
}
ASK = {"type": "text", "text": "What does it say?"}


def said(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [*blocks, ASK]}]


def tool(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"tools": [{"type": kind, "name": name, **more}]}


def screen(kind: str) -> dict[str, Any]:
    size = {"display_width_px": 1024, "display_height_px": 768}
    return tool(kind, "computer", **size)


def edits(*items: dict[str, Any]) -> dict[str, Any]:
    return {"context_management": {"edits": list(items)}}


COMPACT = {
    "type": "compact_20260112",
    "trigger": {"type": "input_tokens", "value": 1},
}
MCP = "mcp-client-2025-11-20"
FEATURES: dict[str, tuple[str, dict[str, Any]]] = {
    "thinking": ("", {"thinking": {"type": "adaptive"}}),
    "web search": ("", tool("web_search_20250305", "web_search")),
    "web fetch": ("", tool("web_fetch_20250910", "web_fetch")),
    "code": ("", tool("code_execution_20250522", "code_execution")),
    "shell code": ("", tool("code_execution_20250825", "code_execution")),
    "tool search": (
        "",
        tool("tool_search_tool_bm25_20251119", "tool_search_tool_bm25"),
    ),
    "bash": ("", tool("bash_20250124", "bash")),
    "editor": ("", tool("text_editor_20250728", "str_replace_based_edit_tool")),
    "memory": ("", tool("memory_20250818", "memory")),
    "screen 2024-10": ("computer-use-2024-10-22", screen("computer_20241022")),
    "screen 2025-01": ("computer-use-2025-01-24", screen("computer_20250124")),
    "screen 2025-11": ("computer-use-2025-11-24", screen("computer_20251124")),
    "advisor": (
        "advisor-tool-2026-03-01",
        tool("advisor_20260301", "advisor", model="claude-opus-4-8"),
    ),
    "mcp": (MCP, {"mcp_servers": [SERVER]}),
    "mcp toolset": (
        MCP,
        {
            "mcp_servers": [SERVER],
            "tools": [{"type": "mcp_toolset", "mcp_server_name": "db"}],
        },
    ),
    "skills": (
        "skills-2025-10-02",
        {
            "container": {"skills": [{"type": "anthropic", "skill_id": "pptx"}]},
            **tool("code_execution_20250825", "code_execution"),
        },
    ),
    "format": (
        "",
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    ),
    "old format": (
        "structured-outputs-2025-12-15",
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ),
    "effort": ("", {"output_config": {"effort": "high"}}),
    "speed": ("fast-mode-2026-02-01", {"speed": "fast"}),
    "cited text": ("", {"messages": said(DOCUMENT)}),
    "cited pages": ("", {"messages": said(PDF)}),
    "cited blocks": ("", {"messages": said(BLOCKS)}),
    "cited result": ("", {"messages": said(FOUND)}),
    "compaction": ("compact-2026-01-12", edits(COMPACT)),
    "compaction alone": (
        "compact-2026-01-12",
        edits({**COMPACT, "pause_after_compaction": True}),
    ),
    "no edit": (
        "context-management-2025-06-27",
        edits({"type": "clear_tool_uses_20250919"}),
    ),
    "refusal": ("", message("sandbox:refusal")),
    "fallback": (
        "server-side-fallback-2026-07-01",
        {**message("sandbox:refusal"), "fallbacks": [{"model": "claude-haiku-4-5"}]},
    ),
    "cut": ("", message("Hello sandbox:max_tokens")),
    "pause": (
        "",
        {
            **message("sandbox:pause_turn"),
            **tool("web_search_20250305", "web_search"),
        },
    ),
    "redacted thinking": (
        "",
        {**message("sandbox:redacted_thinking"), "thinking": {"type": "adaptive"}},
    ),
    "cache": ("", {"cache_control": {"type": "ephemeral"}}),
}
"""By name: the beta to be named, and what is added to the smallest request."""


def accumulated(stream: list[tuple[str, Any]]) -> dict[str, Any]:
    """The message that the events of ``stream`` build up."""
    whole: dict[str, Any] = {}
    partial = ""
    for name, data in stream:
        if name == "message_start":
            whole = data["message"]
        elif name == "content_block_start":
            partial = ""
            whole["content"].append(data["content_block"])
        elif name == "content_block_delta":
            block, delta = whole["content"][data["index"]], dict(data["delta"])
            kind = delta.pop("type")
            if kind == "input_json_delta":
                partial += delta["partial_json"]
            elif kind == "citations_delta":
                block["citations"] = [*(block["citations"] or ()), delta["citation"]]
            elif kind == "compaction_delta":
                block.update(delta)
            else:
                for key, piece in delta.items():
                    block[key] += piece
        elif name == "content_block_stop" and partial:
            whole["content"][data["index"]]["input"] = json.loads(partial)
        elif name == "message_delta":
            whole.update(data["delta"])
            whole["usage"].update(data["usage"])
            more = {"type", "delta", "usage"}
            whole.update({k: v for k, v in data.items() if k not in more})
    return whole
