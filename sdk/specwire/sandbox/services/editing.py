"""Context management: old tool calls and thinking cleared, or all of it summed up.

What comes out is how many tokens are left and what was done. A conversation that holds
a summary already counts from its last one on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from .conversation import blocks_of, input_tokens, size_of, texts_of, words

_TOOLS_TRIGGER: dict[str, Any] = {"type": "input_tokens", "value": 100_000}
_COMPACT_TRIGGER: dict[str, Any] = {"type": "input_tokens", "value": 150_000}


@attrs.define
class Context:
    """What a prompt has become. ``summary`` is set where it was summed up."""

    original_tokens: int
    tokens: int
    applied: list[dict[str, Any]] | None = None
    summary: str | None = None
    paused: bool = False


def managed(params: Any) -> Context:
    """The prompt after the edits that ``context_management`` asks for."""
    tokens = input_tokens(params)
    context = Context(tokens, tokens)
    management = params.get("context_management")
    if management is None:
        return context
    context.applied = []
    for edit in management.get("edits") or ():
        _EDITS[edit["type"]](edit, params, context)
    return context


def _clear_tool_uses(edit: Any, params: Any, context: Context) -> None:
    uses = list(_tool_uses(params))
    trigger = edit.get("trigger") or _TOOLS_TRIGGER
    reached = {"tool_uses": len(uses), "input_tokens": context.tokens}
    if reached[trigger["type"]] < trigger["value"]:
        return
    keep = (edit.get("keep") or {"value": 3})["value"]
    old = uses[: max(0, len(uses) - keep)]
    spared = edit.get("exclude_tools") or ()
    old = [(use, result) for use, result in old if use["name"] not in spared]
    cleared = sum(map(_result_size, (result for _, result in old)))
    inputs = edit.get("clear_tool_inputs") or False
    for use, _ in old:
        if inputs is True or (inputs and use["name"] in inputs):
            cleared += words(json.dumps(use["input"]))
    if not old or cleared < (edit.get("clear_at_least") or {"value": 0})["value"]:
        return
    context.tokens -= cleared
    assert context.applied is not None
    context.applied.append(
        {
            "type": edit["type"],
            "cleared_tool_uses": len(old),
            "cleared_input_tokens": cleared,
        }
    )


def _clear_thinking(edit: Any, params: Any, context: Context) -> None:
    keep = edit.get("keep") or {"type": "thinking_turns", "value": 1}
    if keep == "all" or keep["type"] == "all":
        return
    turns = [sizes for sizes in _thinking(params) if sizes]
    old = turns[: max(0, len(turns) - keep["value"])]
    if not old:
        return
    cleared = sum(map(sum, old))
    context.tokens -= cleared
    assert context.applied is not None
    context.applied.append(
        {
            "type": edit["type"],
            "cleared_thinking_turns": len(old),
            "cleared_input_tokens": cleared,
        }
    )


def _compact(edit: Any, params: Any, context: Context) -> None:
    trigger = edit.get("trigger") or _COMPACT_TRIGGER
    if context.tokens < trigger["value"]:
        return
    said = [" ".join(texts_of(m["content"])) for m in params["messages"]]
    first = " ".join(said[0].split()[:20])
    context.summary = f"{len(said)} turns so far, beginning with “{first}”."
    if edit.get("instructions"):
        context.summary += f" Kept in mind: {edit['instructions']}"
    context.tokens = words(context.summary)
    context.paused = bool(edit.get("pause_after_compaction"))


_EDITS = {
    "clear_tool_uses_20250919": _clear_tool_uses,
    "clear_thinking_20251015": _clear_thinking,
    "compact_20260112": _compact,
}


def _tool_uses(params: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each call that was answered, oldest first, with its answer."""
    calls: dict[str, dict[str, Any]] = {}
    for message in params["messages"]:
        for block in blocks_of(message["content"]):
            if block["type"] == "tool_use":
                calls[block["id"]] = block
            elif block["type"] == "tool_result" and block["tool_use_id"] in calls:
                yield calls[block["tool_use_id"]], block


def _result_size(block: dict[str, Any]) -> int:
    return sum(map(size_of, blocks_of(block.get("content", ""))))


def _thinking(params: Any) -> Iterator[list[int]]:
    """The sizes of the thinking blocks of each of the model's turns."""
    for message in params["messages"]:
        if message["role"] == "assistant":
            blocks = blocks_of(message["content"])
            yield [size_of(b) for b in blocks if "thinking" in b["type"]]
