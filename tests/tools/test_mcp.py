"""Tools of an MCP server in the runner."""

from __future__ import annotations

import types
from typing import Any

import pytest

from specwire.tools import mcp_tools

from ..scripted import serving
from .replies import WANT, asking, call, replied, text

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}
LISTED: Any = {"name": "find", "description": "Find.", "inputSchema": SCHEMA}


@pytest.mark.parametrize("listed", [LISTED, types.SimpleNamespace(**LISTED)])
def test_a_listed_tool_is_defined(listed: Any) -> None:
    """Dicts and objects are read alike."""
    (made,) = mcp_tools([listed], lambda *_: None)
    assert made.to_dict() == {
        "name": "find",
        "description": "Find.",
        "input_schema": SCHEMA,
    }


def test_results_become_content_blocks() -> None:
    """Text, images and resources are told; an error is an error result."""
    answers: list[Any] = [
        {
            "content": [
                {"type": "text", "text": "a"},
                {"type": "image", "mimeType": "image/png", "data": "AA=="},
                {"type": "resource", "resource": {"uri": "u:1", "text": "b"}},
                {"type": "resource", "resource": {"uri": "u:2", "blob": "AA=="}},
                {"type": "resource_link", "uri": "u:3"},
                {"type": "audio", "data": "AA=="},
            ]
        },
        types.SimpleNamespace(content=[{"type": "text", "text": "no"}], isError=True),
        {"content": [], "structuredContent": {"n": 1}},
    ]
    asked: list[Any] = []

    def ask(name: str, arguments: Any) -> Any:
        asked.append((name, arguments))
        return answers[arguments["q"]]

    calls = [call(f"t{n}", "find", q=n) for n in range(3)]
    with serving(replied(*calls), replied(text("."))) as server:
        asking(server).messages.tool_runner(
            **WANT, tools=mcp_tools([LISTED], ask), max_threads=1
        ).until_done()
    assert asked == [("find", {"q": n}) for n in range(3)]
    first, second, third = server.received[1].json()["messages"][-1]["content"]
    image = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    assert first["content"] == [
        text("a"),
        {"type": "image", "source": image},
        text("b"),
        text("u:2"),
        text("u:3"),
        text("(audio content that cannot be shown)"),
    ]
    assert (second["is_error"], second["content"]) == (True, [text("no")])
    assert third["content"] == '{"n":1}'
