"""A first look at a text: what it cannot hold is not searched for.

Each is one pass that maps characters to their kind (fast for ASCII, where Python keeps
a table) and a search for a fixed text in that. Most texts need no second look.
"""

from __future__ import annotations

import string
from typing import Final

LONG: Final = 20
"""Words of so many characters are seldom words; keys are no shorter."""

_ASCII: Final = range(128)
_SEPARATORS: Final = " .()/-"


def _kind(code: int) -> str:
    char = chr(code)
    if char.isdigit():
        return "0"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return " " if char.isspace() else "."


_KINDS: Final = {code: _kind(code) for code in _ASCII}
_FILLED: Final = {code: " " if chr(code).isspace() else "x" for code in _ASCII}
_PACKED: Final[dict[int, str | None]] = {
    code: None if chr(code) in _SEPARATORS else "0" if chr(code).isdigit() else "x"
    for code in _ASCII
}
_LETTERS: Final = string.ascii_lowercase + string.digits
_WORDS: Final = {c: chr(c) if chr(c) in _LETTERS else " " for c in _ASCII}
_RUN: Final = "x" * LONG


class Glance:
    """What ``text`` looks like; each answer is worked out once."""

    __slots__ = ("_kinds", "_long", "_tokens", "plain")

    def __init__(self, text: str) -> None:
        self.plain = text
        if not text.isascii():
            self.plain = text.encode("ascii", "replace").decode("ascii")
        self._kinds: str | None = None
        self._long: str | None = None
        self._tokens: frozenset[str] | None = None

    @property
    def kinds(self) -> str:
        """``0`` for each digit, ``A`` and ``a`` for letters, blanks, else a dot."""
        if self._kinds is None:
            self._kinds = self.plain.translate(_KINDS)
        return self._kinds

    @property
    def number(self) -> bool:
        """Whether seven digits follow each other, separators aside."""
        return "00" in self.kinds and "0000000" in self.plain.translate(_PACKED)

    @property
    def long(self) -> str:
        """The words that are long, with blanks between them."""
        if self._long is None:
            self._long = ""
            if _RUN in self.plain.translate(_FILLED):
                words = self.plain.split()
                self._long = " ".join([word for word in words if len(word) >= LONG])
        return self._long

    def tokens(self, lower: str) -> frozenset[str]:
        """The runs of ``a`` to ``z`` and digits in ``lower``, which is the text's."""
        if self._tokens is None:
            if not lower.isascii():
                lower = lower.encode("ascii", "replace").decode("ascii")
            self._tokens = frozenset(lower.translate(_WORDS).split())
        return self._tokens
