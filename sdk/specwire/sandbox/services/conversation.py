"""What is in a conversation: its text, its size, and whether it makes sense.

The rules checked here are the API's, beyond its schema: who speaks first, and that
every tool result answers a call in the turn before it and every call is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..state import State
from ..values import Refused

_MEDIA_TOKENS = 100
_WISH = re.compile(r"\bsandbox:(\w+)")
WISHES = ("refusal", "max_tokens", "pause_turn", "tool_use", "redacted_thinking")
"""What a user may ask of the sandbox by writing ``sandbox:refusal`` and so on."""


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """Message content as blocks, whichever way it was written."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content or ())


def texts_of(content: Any) -> Iterator[str]:
    """All text in ``content``, that of tool results included."""
    for block in blocks_of(content):
        if block["type"] == "text":
            yield block["text"]
        elif block["type"] in ("tool_result", "search_result"):
            yield from texts_of(block.get("content", ""))


def last_user_content(params: Any) -> Any:
    """What the user said last."""
    for message in reversed(params["messages"]):
        if message["role"] == "user":
            return message["content"]
    return ""


def tool_results(params: Any) -> list[dict[str, Any]]:
    """The tool results in the last turn."""
    last = params["messages"][-1]
    return [b for b in blocks_of(last["content"]) if b["type"] == "tool_result"]


def wish(params: Any) -> str:
    """How the user's last turn asks the answer to end; empty where it does not."""
    if params["messages"][-1]["role"] != "user":
        return ""
    said = " ".join(texts_of(params["messages"][-1]["content"]))
    return next((word for word in _WISH.findall(said) if word in WISHES), "")


def paused_call(params: Any) -> dict[str, Any] | None:
    """The call of a server tool that the last turn began and did not end."""
    last = params["messages"][-1]
    if last["role"] != "assistant":
        return None
    for block in blocks_of(last["content"])[-1:]:
        if block["type"] in ("server_tool_use", "mcp_tool_use"):
            return block
    return None


def input_tokens(params: Any) -> int:
    """Words in system, messages and tools; other media count as 100 each.

    What stands before the last summary of a compaction no longer counts.
    """
    size = sum(map(size_of, blocks_of(params.get("system"))))
    for message in params["messages"]:
        blocks = blocks_of(message["content"])
        kinds = [block["type"] for block in blocks]
        if "compaction" in kinds:
            last = len(kinds) - 1 - kinds[::-1].index("compaction")
            size, blocks = 0, blocks[last:]
            size += sum(map(size_of, blocks_of(params.get("system"))))
        size += 1 + sum(map(size_of, blocks))
    for tool in params.get("tools") or ():
        size += words(json.dumps(tool, sort_keys=True))
    return size


def words(text: str) -> int:
    """How many tokens ``text`` has, by the sandbox's count: its words."""
    return len(text.split())


def size_of(block: dict[str, Any]) -> int:
    """How many tokens a content block has."""
    if block["type"] == "text":
        return words(block["text"])
    if block["type"] == "tool_result":
        return 1 + sum(map(size_of, blocks_of(block.get("content", ""))))
    if block["type"] in ("image", "document"):
        return _MEDIA_TOKENS
    return words(json.dumps(block, sort_keys=True))


def check(params: Any) -> None:
    """Refuse what the schema allows and the API does not.

    :raises Refused: 400, naming the place.
    """
    messages = params["messages"]
    if not messages:
        raise Refused(400, "messages: at least one message is required")
    if messages[0]["role"] == "assistant":
        raise Refused(400, 'messages: first message must use the "user" role')
    thinking = params.get("thinking") or {}
    budget = thinking.get("budget_tokens", 0)
    if budget and budget >= params.get("max_tokens", budget + 1):
        raise Refused(400, "max_tokens: must be greater than thinking.budget_tokens")
    _check_tool_choice(params)
    _check_mcp(params)
    _check_tool_results(messages)


def check_files(params: Any, state: State) -> None:
    """Refuse files that are not stored.

    :raises Refused: 404, naming the place.
    """
    for at, message in enumerate(params["messages"]):
        for index, block in enumerate(blocks_of(message["content"])):
            source = block.get("source")
            wanted = (source if isinstance(source, dict) else block).get("file_id")
            if isinstance(wanted, str) and wanted not in state.files:
                where = f"messages.{at}.content.{index}"
                raise Refused(404, f"{where}: File not found: {wanted}")


def _check_mcp(params: Any) -> None:
    servers = [server["name"] for server in params.get("mcp_servers") or ()]
    for index, tool in enumerate(params.get("tools") or ()):
        wanted = tool.get("mcp_server_name")
        if wanted is not None and wanted not in servers:
            raise Refused(
                400, f"tools.{index}.mcp_server_name: no MCP server is called {wanted}"
            )


def _check_tool_choice(params: Any) -> None:
    choice = params.get("tool_choice") or {}
    names = [tool["name"] for tool in params.get("tools") or () if "name" in tool]
    if choice.get("type") == "tool" and choice["name"] not in names:
        raise Refused(
            400, f"tool_choice: tool {choice['name']!r} not found in the given tools"
        )
    if choice.get("type") in ("any", "tool") and not names:
        raise Refused(400, "tool_choice: may only be given together with tools")


def _check_tool_results(messages: list[dict[str, Any]]) -> None:
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        blocks = blocks_of(message["content"])
        for index, block in enumerate(blocks):
            if block["type"] != "tool_result":
                continue
            if block["tool_use_id"] not in open_calls:
                raise Refused(
                    400,
                    f"messages.{at}.content.{index}: tool_use_id "
                    f"{block['tool_use_id']!r} answers no tool_use in the turn before",
                )
            open_calls.discard(block["tool_use_id"])
        if open_calls:
            raise Refused(
                400,
                f"messages.{at}: tool_use ids without a tool_result right after them: "
                + ", ".join(sorted(open_calls)),
            )
        open_calls = {b["id"] for b in blocks if b["type"] == "tool_use"}
