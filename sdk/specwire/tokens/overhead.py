"""What a request has beside its texts: the marks of turns, calls, tools and media.

By what the providers publish of it, and else by what their replies have shown; counts
of these parts are estimates whoever counts the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from ..chat.messages import ContentBlock, Message, json_text
from ..chat.tools import ToolDefinition
from . import media

Count: TypeAlias = "Callable[[str], int]"

BASE: Final = 3
"""What begins the answer."""
_TURN: Final = 4
"""A role and its marks."""
_CALL: Final = 8
"""The marks of a call, or of its result, with an id."""
_TOOLS: Final = {"anthropic": 290, "openai": 12, "gemini": 12}
"""What the model is told about tools where there are any."""
_TOOL: Final = 10


def of_message(count: Count, given: Any, vendor: str) -> int:
    """The tokens of one turn."""
    message = Message.of(given)
    total = _TURN + sum(of_block(count, block, vendor) for block in message.blocks())
    return total + (1 + count(message.name) if message.name else 0)


def of_block(count: Count, block: ContentBlock, vendor: str) -> int:
    """The tokens of one block."""
    if block.type in ("text", "input_text"):
        return count(block.text or "")
    if block.type == "thinking":
        return count(str(block.members.get("thinking") or ""))
    if block.type == "tool_use":
        called = block.members.get("arguments_raw") or json_text(block.input or {})
        return _CALL + count(str(block.name or "")) + count(called)
    if block.type == "tool_result":
        return _CALL + _of_result(count, block.content, vendor)
    if block.type in media.KINDS:
        return media.tokens(count, block, vendor)
    return count(json_text(block.members))


def _of_result(count: Count, content: Any, vendor: str) -> int:
    if isinstance(content, list):
        blocks = [_block(each) for each in content]
        return sum(of_block(count, each, vendor) for each in blocks)
    return 0 if content is None else count(json_text(content))


def _block(given: Any) -> ContentBlock:
    if isinstance(given, (str, ContentBlock)):
        return ContentBlock.of(given)
    if isinstance(given, Mapping) and isinstance(given.get("type"), str):
        return ContentBlock.of(given)
    return ContentBlock("text", text=json_text(given))


def of_tools(count: Count, tools: Iterable[Any], vendor: str) -> int:
    """The tokens of the tools' definitions, with what introduces them."""
    told = [_tool(count, ToolDefinition.of(tool)) for tool in tools]
    return _TOOLS[vendor] + sum(told) if told else 0


def _tool(count: Count, tool: ToolDefinition | Mapping[str, Any]) -> int:
    if not isinstance(tool, ToolDefinition):
        return _TOOL + count(json_text(dict(tool)))  # a provider's own
    text = f"{tool.name}: {tool.description or ''}"
    return _TOOL + count(text) + count(json_text(tool.parameters or {}))
