"""Text that came from a document, and the only two ways it may enter a program.

A spec is untrusted text. :class:`Raw` carries it through the generator and raises
whenever it would be formatted by accident; :func:`lit` writes it as a Python literal
and :func:`doc` as docstring lines. There is no third way: no comment is ever made of
spec text. Escaping never removes a character of a wire value.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NoReturn

_SHOWN = 120


class Raw:
    """One string of a document; equal and hashable by its text, never formattable."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def wire(self) -> str:
        """The exact text, for comparing and for :func:`lit`; never to build code."""
        return self._text

    def shown(self) -> str:
        """The text for messages: escaped, at most 120 characters."""
        text = self._text.encode("unicode_escape").decode("ascii")
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raw) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Raw", self._text))

    def __repr__(self) -> str:
        return f"Raw({self._text!a})"

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(
            "text of a document was about to be formatted into output; "
            "write it with lit() or doc()"
        )

    __str__ = __format__ = __add__ = __radd__ = __iter__ = __mod__ = _refuse


def lit(value: Any) -> str:
    """``value`` as a Python literal in ASCII, in the quotes a formatter would choose.

    Takes :class:`Raw`, the JSON types, tuples, and nothing else.

    >>> print(lit(Raw("it's")))
    "it's"
    """
    if isinstance(value, Raw):
        value = value.wire
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return f'float("{value!r}")'
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(lit(item) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{lit(k)}: {lit(v)}" for k, v in value.items()) + "}"
    raise TypeError(f"lit() takes JSON values, got {type(value).__name__}")


def _quoted(text: str) -> str:
    """Double quotes, unless single ones save backslashes (as formatters have it)."""
    if text.isascii() and text.isprintable() and not _SPECIAL.search(text):
        return f'"{text}"'
    quote = "'" if text.count('"') > text.count("'") else '"'
    # A lone single quote makes ascii() use double quotes and escape neither.
    body = ascii(text + "'\"")[1:-4].replace("\\'", "'")
    return quote + body.replace(quote, "\\" + quote) + quote


_SPECIAL = re.compile("[\\\\\"']")
_SPACE = re.compile(r"\s+")


def doc(raw: Raw | None, *, limit: int = 400) -> str:
    """``raw`` as one line of docstring text: no quotes, no escapes that bite.

    White space of all kinds becomes one blank, control and format characters go,
    backslashes and double quotes are replaced by look-alikes that end nothing.
    Text over ``limit`` characters ends in an ellipsis. Empty for ``None``.
    """
    if raw is None:
        return ""
    text = _SPACE.sub(" ", raw.wire)
    if not text.isprintable():
        text = "".join(c for c in text if c == " " or not _invisible(c))
    text = text.strip().replace("\\", "/").replace('"', "'")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
