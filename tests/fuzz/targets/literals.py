"""Text of a document in a program: what is read back is the text again."""

from __future__ import annotations

import ast
import json
import math
from typing import Any

from specwire_codegen.lines import Lines
from specwire_codegen.raw import Raw, doc, lit

from ..taking import as_text


def check(data: bytes) -> None:
    """A text; where it is JSON, its value too."""
    text = as_text(data)
    for raw in (Raw(text), Raw(text.strip())):
        literal = lit(raw)
        assert literal.isascii() and len(literal.splitlines()) == 1
        assert ast.literal_eval(literal) == raw.wire
    said = doc(Raw(text))
    assert len(said) <= 400
    assert said.isprintable(), ascii(said)
    lines = Lines()
    lines.docstring(said)
    tree = ast.parse(
        "def f():\n" + "".join(f"    {x}\n" for x in lines.text().splitlines())
    )
    found = ast.get_docstring(tree.body[0])  # type: ignore[arg-type]
    assert " ".join((found or "").split()) == " ".join(said.split())
    _values(text)


def _values(text: str) -> None:
    try:
        value: Any = json.loads(text)
        plain = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return
    if len(plain) < 2000 and not _deep(plain):
        found = ast.literal_eval(lit(value))
        assert json.dumps(found) == plain
        assert not isinstance(found, float) or math.isfinite(found)


def _deep(plain: str) -> bool:
    return plain.count("[") + plain.count("{") > 80
