"""Names: any text gives an identifier that Python reads as it is spelled."""

from __future__ import annotations

import ast
import keyword
import unicodedata

from specwire_codegen.words import module, own_words, pascal, singular, skeleton, snake

from ..taking import as_text


def check(data: bytes) -> None:
    """The text."""
    text = as_text(data)
    for name in (snake(text, "field"), pascal(text, "Model"), module(text, "api")):
        assert name.isidentifier() and not keyword.iskeyword(name), name
        assert not name.startswith("_") and len(name) <= 110, name
        assert unicodedata.normalize("NFKC", name) == name, ascii(name)
        statement = ast.parse(f"{name} = 1").body[0]
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        assert statement.targets[0].id == name
    assert module(text, "api").isascii()
    skeleton(singular(text))
    own_words(text, text, "get")
