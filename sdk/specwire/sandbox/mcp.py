"""A small MCP server on standard input and output: ``python -m specwire.sandbox.mcp``.

For examples and for trying a client out; it has two tools, a resource and a prompt, and
needs nothing but this package. It speaks the 2025-06-18 revision.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Any]"
VERSIONS = ("2025-06-18", "2025-03-26", "2024-11-05")
NOTE = "note://welcome"
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}

TOOLS: list[Json] = [
    {
        "name": "add",
        "description": "Add two numbers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": _NUMBER, "b": _NUMBER},
            "required": ["a", "b"],
        },
        "outputSchema": {
            "type": "object",
            "properties": {"sum": _NUMBER},
            "required": ["sum"],
        },
    },
    {
        "name": "echo",
        "description": "Say a text again.",
        "inputSchema": {
            "type": "object",
            "properties": {"text": _TEXT},
            "required": ["text"],
        },
    },
]


class Refused(Exception):
    """What becomes a JSON-RPC error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def answered(message: Mapping[str, Any]) -> Json | None:
    """The answer to ``message``; ``None`` where it wants none."""
    if "id" not in message or "method" not in message:
        return None
    answer: Json = {"jsonrpc": "2.0", "id": message["id"]}
    work = _METHODS.get(message["method"])
    try:
        if work is None:
            raise Refused(-32601, f"there is no {message['method']}")
        return {**answer, "result": work(message.get("params") or {})}
    except Refused as error:
        return {**answer, "error": {"code": error.code, "message": str(error)}}


def _initialize(params: Json) -> Json:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
        "serverInfo": {"name": "specwire-sandbox", "version": "1"},
    }


def _call(params: Json) -> Json:
    name, given = params.get("name"), params.get("arguments") or {}
    if name == "echo" and isinstance(given.get("text"), str):
        return {"content": [{"type": "text", "text": given["text"]}]}
    if name == "add":
        numbers: list[Any] = [given.get("a"), given.get("b")]
        if all(isinstance(each, (int, float)) for each in numbers):
            total = {"sum": sum(numbers)}
            text = {"type": "text", "text": json.dumps(total)}
            return {"content": [text], "structuredContent": total}
    if name not in ("add", "echo"):
        raise Refused(-32602, f"there is no tool {name!r}")
    text = {"type": "text", "text": "these arguments do not fit"}
    return {"content": [text], "isError": True}


def _read(params: Json) -> Json:
    if params.get("uri") != NOTE:
        raise Refused(-32002, f"there is no resource {params.get('uri')!r}")
    held = {"uri": NOTE, "mimeType": "text/plain", "text": "Welcome."}
    return {"contents": [held]}


def _prompt(params: Json) -> Json:
    name = (params.get("arguments") or {}).get("name", "you")
    said = {"type": "text", "text": f"Greet {name}."}
    return {"messages": [{"role": "user", "content": said}]}


_METHODS: Mapping[str, Callable[[Json], Json]] = {
    "initialize": _initialize,
    "ping": lambda _: {},
    "tools/list": lambda _: {"tools": TOOLS},
    "tools/call": _call,
    "resources/list": lambda _: {"resources": [{"uri": NOTE, "name": "welcome"}]},
    "resources/templates/list": lambda _: {"resourceTemplates": []},
    "resources/read": _read,
    "prompts/list": lambda _: {"prompts": [{"name": "greet"}]},
    "prompts/get": _prompt,
}


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        answer = answered(json.loads(line))
        if answer is not None:
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
