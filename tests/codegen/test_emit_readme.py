"""The README of a user's package: complete, and only text from the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specwire_codegen.emit_readme import code, md
from specwire_codegen.raw import Raw

from .building import GOLDEN, built, document, replies


def readme(data: dict[str, object], folder: Path) -> str:
    output, _ = built(data, folder)
    return output.files["README.md"]


def test_what_it_says(tmp_path: Path) -> None:
    """Name, install line, first call, and a row for every operation."""
    paths = {
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": replies(True),
            },
            "delete": {"operationId": "deletePet", "responses": replies(True)},
        }
    }
    text = readme(document(paths), tmp_path)
    assert "\n# shop\n" in text
    assert "\npip install specwire\n" in text
    assert '\n    result = client.pets.get("text")\n' in text
    assert "| `client.pets` | `get` | `GET /pets/{id}` |" in text
    assert "| `client.pets` | `delete` | `DELETE /pets/{id}` |" in text


def test_the_first_call_is_python() -> None:
    """The program in the README compiles."""
    text = (GOLDEN / "library/README.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    compile(found[1], "README.md", "exec")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](http://e.x)", r"\[x\](http\://e.x)"),
        ("<script>", r"\<script\>"),
        ("a\n# b", r"a \# b"),
        ("# b", r"\# b"),
        ("`rm`", r"\`rm\`"),
        ("a | b", r"a \| b"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("www.e.x me@e.x", r"www\.e.x me\@e.x"),
        ("&lt;", r"\&lt;"),
        ("a\u202eb", "ab"),
        ("---", r"\---"),
        ("1.2 (new) - it's 5.", "1.2 (new) - it's 5."),
    ],
)
def test_markdown_is_escaped(text: str, shown: str) -> None:
    """No text of a document becomes a link, a tag, a heading, a list or code."""
    assert md(Raw(text)) == shown


def test_code_spans_cannot_be_left() -> None:
    """What could end a code span or a table's cell is escaped text instead."""
    assert code(Raw("GET /a/{b}")) == "`GET /a/{b}`"
    assert code(Raw("GET /a`b|c")) == r"GET /a\`b\|c"
