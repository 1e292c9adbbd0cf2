"""A JSON text that arrives in pieces: what it says so far.

Sans-I/O and linear: each character is looked at once, however small the pieces, and
the value grows in place. Strict as RFC 8259; what is not finished is shown as far as it
is certain to stay: members and items that are whole, a number that could end here,
and, where asked for, the beginning of a string. Escapes that are cut are never shown.
"""

from __future__ import annotations

import re
from typing import Any, Final

_ABSENT: Final[Any] = object()
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_WORD: Final = re.compile(r"[-+.0-9A-Za-z]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BEGUN: Final = re.compile(
    r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]*)?)?"
)
_LITERALS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_SHORT: Final = 32
"""A word longer than this can only be a number, and is looked at when it ends."""


class PartialJSON:
    """One JSON text in pieces.

    :param keep_strings: show the beginning of a string value that has not ended.
    """

    def __init__(self, *, keep_strings: bool = False) -> None:
        self.keep_strings = keep_strings
        self._root: Any = _ABSENT
        self._stack: list[Any] = []
        self._keys: list[str] = []
        self._expect = "value"
        self._in = ""  # "string", "key" or "word": the token that has not ended
        self._pieces: list[str] = []
        self._escape = ""
        self._high = ""  # the first half of a surrogate pair
        self._shown = False  # the token that has not ended stands in the value already
        self._refused: ValueError | None = None

    @property
    def refused(self) -> bool:
        """Whether what came cannot become JSON any more."""
        return self._refused is not None

    @property
    def complete(self) -> bool:
        """Whether the text may end here; a bare number may go on all the same."""
        if self._in == "word":
            return not self._stack and self._word("".join(self._pieces)) is not _ABSENT
        return self._expect == "end"

    def feed(self, text: str) -> None:
        """Take the next piece.

        :raises ValueError: where the text cannot become JSON any more; from then on
            every call raises it.
        """
        if self._refused is not None:
            raise self._refused
        try:
            self._feed(text)
        except ValueError as error:
            self._refused = error
            raise

    def _feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self._in in ("string", "key"):
                at = self._more_string(text, at)
            elif self._in == "word":
                at = self._more_word(text, at)
            else:
                at = _match_end(_BLANK, text, at)
                if at < len(text):
                    at = self._begin(text, at)
        if self._in == "word" and len(self._pieces) < _SHORT:
            self._check_word("".join(self._pieces))

    def value(self, default: Any = None) -> Any:
        """What is known so far; ``default`` before anything is.

        The same object each time, which the next piece changes: copy it to keep it.
        """
        if self._in == "string" and self.keep_strings:
            self._pieces = ["".join(self._pieces)]
            self._put(self._pieces[0], shown=True)
        elif self._in == "word":
            found = self._word("".join(self._pieces))
            if found is not _ABSENT:
                self._put(found, shown=True)
            elif self._shown:
                self._take_back()
        return default if self._root is _ABSENT else self._root

    # -- structure -----------------------------------------------------------------

    def _begin(self, text: str, at: int) -> int:
        """Take the character that begins a token, or is one."""
        char, expect = text[at], self._expect
        if char == '"' and expect in ("value", "item", "key", "member"):
            self._in = "key" if expect in ("key", "member") else "string"
        elif char in "{[" and expect in ("value", "item"):
            self._open({} if char == "{" else [])
        elif char in "}]" and self._may_close(char):
            self._close()
        elif char == "," and expect == "comma":
            self._expect = "key" if self._within(dict) else "value"
        elif char == ":" and expect == "colon":
            self._expect = "value"
        elif char in "-0123456789tfn" and expect in ("value", "item"):
            self._in = "word"
            return at
        else:
            raise ValueError(f"not JSON: {char!r} where {_EXPECTED[expect]} belongs")
        return at + 1

    def _may_close(self, char: str) -> bool:
        if char == "}":
            return self._expect in ("member", "comma") and self._within(dict)
        return self._expect in ("item", "comma") and self._within(list)

    def _within(self, kind: type) -> bool:
        return bool(self._stack) and self._stack[-1].__class__ is kind

    def _open(self, container: Any) -> None:
        self._put(container)
        self._stack.append(container)
        self._keys.append("")
        self._expect = "member" if container.__class__ is dict else "item"

    def _close(self) -> None:
        self._stack.pop()
        self._keys.pop()
        self._expect = "comma" if self._stack else "end"

    def _put(self, value: Any, *, shown: bool = False) -> None:
        """Set ``value`` in its place; ``shown``: for now, it has not ended."""
        if not self._stack:
            self._root = value
        elif self._within(dict):
            self._stack[-1][self._keys[-1]] = value
        elif self._shown:
            self._stack[-1][-1] = value
        else:
            self._stack[-1].append(value)
        self._shown = shown

    def _take_back(self) -> None:
        """What was shown for now is no value: ``1`` of ``1.``."""
        if not self._stack:
            self._root = _ABSENT
        elif self._within(dict):
            del self._stack[-1][self._keys[-1]]
        else:
            self._stack[-1].pop()
        self._shown = False

    def _ended(self, value: Any) -> None:
        self._in, self._pieces = "", []
        self._put(value)
        self._expect = "comma" if self._stack else "end"

    # -- words: numbers and literals -----------------------------------------------

    def _more_word(self, text: str, at: int) -> int:
        end = _match_end(_WORD, text, at)
        self._pieces.append(text[at:end])
        if end < len(text):
            word = "".join(self._pieces)
            value = self._word(word)
            if value is _ABSENT:
                raise ValueError(f"not JSON: {word[:_SHORT]!r}")
            self._ended(value)
        return end

    def _word(self, word: str) -> Any:
        """The value of ``word``, or ``_ABSENT`` where it is none."""
        if word in _LITERALS:
            return _LITERALS[word]
        number = _NUMBER.fullmatch(word)
        if number is None:
            return _ABSENT
        value = float(word) if number[1] or number[2] else int(word)
        return value if value - value == 0 else _ABSENT  # no more than can be written

    def _check_word(self, word: str) -> None:
        begun = any(literal.startswith(word) for literal in _LITERALS)
        if not (begun or _NUMBER.fullmatch(word) or _BEGUN.fullmatch(word)):
            raise ValueError(f"not JSON: {word[:_SHORT]!r}")

    # -- strings -------------------------------------------------------------------

    def _more_string(self, text: str, at: int) -> int:
        if self._escape:
            return self._more_escape(text, at)
        end = _match_end(_PLAIN, text, at)
        if end > at:
            self._plain(text[at:end])
        if end == len(text):
            return end
        char = text[end]
        if char == "\\":
            self._escape = char
        elif char == '"':
            self._end_string()
        else:
            raise ValueError(f"not JSON: the character {char!r} inside a string")
        return end + 1

    def _plain(self, text: str) -> None:
        self._pieces.append(self._high + text if self._high else text)
        self._high = ""

    def _more_escape(self, text: str, at: int) -> int:
        self._escape += text[at]
        escape = self._escape
        if escape[1] != "u":
            if escape[1] not in _ESCAPES:
                raise ValueError(f"not JSON: the escape {escape!r}")
            self._plain(_ESCAPES[escape[1]])
            self._escape = ""
        elif len(escape) > 2 and escape[-1] not in "0123456789abcdefABCDEF":
            raise ValueError(f"not JSON: the escape {escape!r}")
        elif len(escape) == 6:
            self._escape = ""
            self._code_unit(int(escape[2:], 16))
        return at + 1

    def _code_unit(self, code: int) -> None:
        """Add a UTF-16 code unit; two of them may be one character."""
        if self._high and 0xDC00 <= code <= 0xDFFF:
            first = (ord(self._high) - 0xD800) << 10
            self._high = ""
            self._pieces.append(chr(0x10000 + first + (code - 0xDC00)))
        elif 0xD800 <= code <= 0xDBFF:
            if self._high:
                self._plain("")
            self._high = chr(code)
        else:
            self._plain(chr(code))

    def _end_string(self) -> None:
        if self._high:
            self._plain("")
        whole = "".join(self._pieces)
        if self._in == "key":
            self._keys[-1] = whole
            self._in, self._pieces, self._expect = "", [], "colon"
        else:
            self._ended(whole)


_EXPECTED: Final = {
    "value": "a value",
    "item": "a value or ]",
    "member": "a name or }",
    "key": "a name",
    "colon": "a colon",
    "comma": "a comma or the end",
    "end": "nothing more",
}


def _match_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at
