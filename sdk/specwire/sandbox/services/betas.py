"""Which parts of a request are in beta, and the names that switch them on.

A part that is used without one of its names in the header ``anthropic-beta`` is refused
by its path and the name that is missing. Names are dated; where the API keeps several
dates of one feature at work, any of them will do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..values import Refused, Request

HEADER = "anthropic-beta"
_MEMBERS = {
    "mcp_servers": ("mcp-client-2025-11-20", "mcp-client-"),
    "context_management": ("context-management-2025-06-27", "context-management-"),
    "output_format": ("structured-outputs-2025-12-15", "structured-outputs-"),
    "speed": ("fast-mode-2026-02-01", "fast-mode-"),
    "diagnostics": ("cache-diagnosis-2026-04-07", "cache-diagnosis-"),
    "fallbacks": ("server-side-fallback-2026-07-01", "server-side-fallback-"),
    "fallback_credit_token": ("fallback-credit-2026-07-01", "fallback-credit-"),
}
"""Member of the body: the name to tell, and how names that will do begin."""
_SKILLS = ("skills-2025-10-02", "skills-")
_BUDGET = ("task-budgets-2026-03-13", "task-budgets-")
_FILES = ("files-api-2025-04-14", "files-api-")
_COMPACT = ("compact-2026-01-12", "compact-", "context-management-")
_MCP = _MEMBERS["mcp_servers"]
_CHANGES = ("mid-conversation-tool-changes-2026-07-01", "mid-conversation-tool-")
_TOOLS = {
    "computer_20241022": ("computer-use-2024-10-22",) * 2,
    "bash_20241022": ("computer-use-2024-10-22",) * 2,
    "text_editor_20241022": ("computer-use-2024-10-22",) * 2,
    "computer_20250124": ("computer-use-2025-01-24",) * 2,
    "computer_20251124": ("computer-use-2025-11-24",) * 2,
    "advisor_20260301": ("advisor-tool-2026-03-01", "advisor-tool-"),
    "mcp_toolset": _MCP,
}
_BLOCKS = {
    "mcp_tool_use": _MCP,
    "mcp_tool_result": _MCP,
    "advisor_tool_result": _TOOLS["advisor_20260301"],
    "compaction": _COMPACT,
    "tool_addition": _CHANGES,
    "tool_removal": _CHANGES,
    "fallback": _MEMBERS["fallbacks"],
}
Need = tuple[str, tuple[str, ...]]
"""A part of a body, the name to tell, and how names that will do begin."""


def names_of(headers: Mapping[str, str]) -> frozenset[str]:
    """The beta names in the request's header."""
    listed = headers.get(HEADER, "").split(",")
    return frozenset(name.strip() for name in listed if name.strip())


def as_twin(request: Request) -> Request:
    """A request that names betas asks for the beta twin, whatever its query says."""
    twin = ("beta", "true")
    if twin in request.query_pairs or not names_of(request.headers):
        return request
    return attrs.evolve(request, query_pairs=(*request.query_pairs, twin))


def check_body(request: Request) -> None:
    """:func:`check` of a body that has not been parsed; one that is no JSON passes."""
    try:
        params = json.loads(bytes(request.body))
    except (ValueError, RecursionError):
        return
    check(params, names_of(request.headers))


def check(params: Any, names: frozenset[str]) -> None:
    """Refuse what is in beta and not switched on.

    :raises Refused: 400, naming the part and the beta.
    """
    for where, (told, *begins) in _needs(params):
        if not any(name.startswith(begin) for begin in begins for name in names):
            raise Refused(
                400,
                f"{where}: Extra inputs are not permitted without the beta {told!r}; "
                f"name it in the header {HEADER}",
            )


def _needs(params: Any) -> Iterator[Need]:
    if not isinstance(params, dict):
        return
    for name, need in _MEMBERS.items():
        # Edits say for themselves what they need.
        if params.get(name) is not None and name != "context_management":
            yield name, need
    yield from _edits(params.get("context_management"))
    container = params.get("container")
    if isinstance(container, dict) and container.get("skills"):
        yield "container.skills", _SKILLS
    config = params.get("output_config")
    if isinstance(config, dict) and config.get("task_budget"):
        yield "output_config.task_budget", _BUDGET
    for index, tool in _listed(params.get("tools")):
        if tool.get("type") in _TOOLS:
            yield f"tools.{index}", _TOOLS[tool["type"]]
    for at, message in _listed(params.get("messages")):
        yield from _content(message.get("content"), f"messages.{at}.content")


def _edits(management: Any) -> Iterator[Need]:
    if not isinstance(management, dict):
        return
    kinds = [edit.get("type") for _, edit in _listed(management.get("edits"))]
    if kinds and all(kind == "compact_20260112" for kind in kinds):
        yield "context_management", _COMPACT
    else:
        yield "context_management", _MEMBERS["context_management"]


def _content(content: Any, where: str) -> Iterator[Need]:
    for index, block in _listed(content):
        kind, source = block.get("type"), block.get("source")
        if isinstance(source, dict) and source.get("type") == "file":
            yield f"{where}.{index}.source", _FILES
        if isinstance(kind, str) and kind in _BLOCKS:
            yield f"{where}.{index}", _BLOCKS[kind]
        if kind == "tool_result":
            yield from _content(block.get("content"), f"{where}.{index}.content")


def _listed(items: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    if isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield index, item
