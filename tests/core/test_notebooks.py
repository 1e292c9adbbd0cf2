"""What a notebook shows of answers: their formatting, and nothing of them live."""

from __future__ import annotations

import re
from typing import Any

import pytest

from specwire import Client, load
from specwire.core.notebooks import code, safe
from specwire.models import Message, ModelInfo

LIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "[x](javascript:alert(1))",
    "[x]: javascript:alert(1)",
    "<https://evil.example>",
    "<!-- -->",
    "$$\\href{javascript:alert(1)}{x}$$",
    "- ```\n<b>",
    "```\n```\n<b>after</b>",
    "`` ``` ``\n<b>",
    "> ```\n> <i>\n\n<b>",
    "``` `x`\n<b>",
]


def outside(text: str) -> str:
    """``text`` without its blocks of code, which are inert."""
    return re.sub(r"(?ms)^(`{3,})[^`\n]*\n.*?^\1$", "", text)


def message(*content: Any, **more: Any) -> Message:
    data = {
        "id": "msg_1",
        "content": list(content),
        "model": "claude_x",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 5},
        **more,
    }
    return load(Message, data)


def shown(value: Any) -> str:
    text: str = value._repr_markdown_()
    return text


@pytest.mark.parametrize("text", LIVE)
def test_nothing_is_live(text: str) -> None:
    """HTML, links, pictures, references and formulas are shown as text."""
    blocks: list[Any] = [
        {"type": "text", "text": text},
        {"type": "thinking", "thinking": text, "signature": "s"},
        {"type": "tool_use", "id": "t", "name": text, "input": {"a": text}},
        {"type": "unheard_of", "text": text},
    ]
    for block in blocks:
        left = outside(shown(message(block, model=text)))
        assert not re.search(r"[<\[\]$\\]", left), left


def test_formatting_stays() -> None:
    """Emphasis, headings, lists, tables, inline code and blocks of code."""
    text = "# Head\n\n- *a* **b** `c`\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n"
    block = "```python\nprint(a < b, [1])\n```"
    assert safe(text + block) == (text + "\n" + block).replace("\n\n\n", "\n\n\n")


def test_a_block_of_code_cannot_end_itself() -> None:
    """Its fence is longer than any run in it; one that is not closed is closed."""
    assert code("a\n````\n<b>") == "`````\na\n````\n<b>\n`````"
    assert safe("~~~html\n<b>\n```\n<i>") == "````html\n<b>\n```\n<i>\n````"
    assert code("x" * 30_000).endswith("… 10000 more characters\n```")


def test_all_blocks_are_shown() -> None:
    """Text, thoughts, calls of tools, what is not known, and how it went."""
    text = shown(
        message(
            {"type": "text", "text": "One"},
            {"type": "thinking", "thinking": "Two\nthree", "signature": "s"},
            {"type": "tool_use", "id": "t", "name": "look_up", "input": {"q": 1}},
            {"type": "unheard_of", "x": 1},
        )
    )
    assert text.split("\n\n") == [
        "One",
        "> Two\n> three",
        "**look&#95;up**",
        '```json\n{\n  "q": 1\n}\n```',
        "*unheard&#95;of*",
        '```json\n{\n  "type": "unheard_of",\n  "x": 1\n}\n```',
        "*claude&#95;x · end&#95;turn · 3 tokens in · 5 tokens out*",
    ]


def test_what_is_no_message_has_no_markdown() -> None:
    """A notebook shows its ``repr``, as before."""
    assert ModelInfo._repr_markdown_(message().usage) is None  # type: ignore[arg-type]


def test_answers_of_chat_are_shown(client: Client) -> None:
    """As messages are, with what they tell of the call."""
    answer = client.chat("openai/gpt-4o").user("Hello").execute()
    text = shown(answer)
    assert text.startswith("About “Hello”")
    assert "gpt-4o" in text and "tokens out" in text
