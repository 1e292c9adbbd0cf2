"""A text as filters see it: without disguises, every character with its place.

Full-width and styled letters become plain ones (NFKD), digits of all scripts ASCII
digits, dashes hyphens; characters that are not seen are taken out (zero-width joiners,
soft hyphens, tags, strokes laid over letters), and letters of other alphabets that
look Latin become Latin where they stand in for it. The places stay known, so that a
mask covers what was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from .glance import Glance

_LOOKS: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b"
    "\u051d\u0475\u043a\u0432\u043c\u043d\u0442\u0433"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408"
    "\u0405\u0423\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7\u0391\u0392"
    "\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0585"
    "\u057d\u0570\u0578\u0261\u0131\u0269\u1d0f",
    "aeopcyxijshdqwvkbmhtrABEKMHOPCTXIJSYaopvikruxABEZHIKMNOPTYXouhngiio",
)
_LOOKING: Final = re.compile("[" + "".join(map(chr, _LOOKS)) + "]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_OTHERS: Final = re.compile(r"[^\x00-\x7f]+")
# Small letters of these look Latin only in a word that has Latin letters beside them.
_ONLY_MIXED: Final = frozenset("\u043a\u0432\u043c\u043d\u0442\u0433\u03ba\u03c4")
_UNSEEN: Final = (
    (0x034F, 0x034F),
    (0x0334, 0x0338),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x20D0, 0x20F0),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)
_KEPT: Final = 20_000
_ESCAPES: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}|\\.|.",
    re.DOTALL,
)
_CUT_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)\Z")
_HIGH: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z"
)
_MEANS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Table(dict[str, str]):
    """What each character becomes; filled as they are met, to a limit."""

    def __missing__(self, char: str) -> str:
        made = _folded(char)
        if len(self) < _KEPT:
            self[char] = made
        return made


def _folded(char: str) -> str:
    kind, code = unicodedata.category(char), ord(char)
    if kind == "Cf" or any(low <= code <= high for low, high in _UNSEEN):
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd" or char == "\u2212":
        return "-"
    if char in "\u00df\u1e9e":
        return "ss"
    if char in "\u0131":
        return "i"
    if char.isspace():
        return "\n" if char in "\n\r\u2028\u2029" else " "
    return unicodedata.normalize("NFKD", char).replace("\u0337", "").replace(" ", "")


_TABLE: Final = _Table()


def latin(text: str) -> str:
    """``text`` with letters that stand in for Latin ones put right; no longer."""
    if _LOOKING.search(text) is None:
        return text
    return _WORD.sub(lambda found: _latin_word(found.group()), text)


def _latin_word(word: str) -> str:
    others = [char for char in word if char > "\x7f"]
    mixed = len(others) < len(word)
    stands_in = all(ord(c) in _LOOKS and c not in _ONLY_MIXED for c in others)
    return word.translate(_LOOKS) if mixed or stands_in else word


def folded(text: str) -> str:
    """``text`` without disguises."""
    if text.isascii():
        return text
    return latin(_OTHERS.sub(_plain, text))


def _plain(found: re.Match[str]) -> str:
    return "".join([_TABLE[char] for char in found.group()])


class View:
    """One text, and what it is without disguises.

    :ivar glance: what it cannot hold.
    :ivar text: it as filters see it; ``span`` leads back to what was written.
    :ivar before: how many characters of a stream's text are gone already.
    :ivar final: no more will follow.
    """

    __slots__ = (
        "_lower",
        "_starts",
        "before",
        "final",
        "glance",
        "json",
        "place",
        "raw",
        "text",
    )

    def __init__(
        self,
        raw: str,
        *,
        json: bool = False,
        before: int = 0,
        final: bool = True,
        place: str = "",
    ) -> None:
        self.raw, self.json, self.before, self.final = raw, json, before, final
        self.place = place
        self._starts: list[int] | None = None
        self._lower: str | None = None
        if json and "\\" in raw:
            self.text = folded("".join([char for _, char in _units(raw)]))
        else:
            self.text = raw if raw.isascii() else folded(raw)
        self.glance = Glance(self.text)

    @property
    def lower(self) -> str:
        """``text`` in small letters, as long as it is."""
        if self._lower is None:
            small = self.text.lower()
            if not small.isascii():
                small = small.replace("\u03c2", "\u03c3")
            self._lower = small
        return self._lower

    @property
    def tokens(self) -> frozenset[str]:
        """The runs of ``a`` to ``z`` and digits in ``lower``."""
        return self.glance.tokens(self.lower)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` was written."""
        if self.text is self.raw:
            return start, end
        starts = self._places()
        first = starts[min(start, len(starts) - 1)]
        if end <= start:
            return first, first
        last = starts[end - 1]
        behind = next((s for s in starts[end:] if s > last), len(self.raw))
        return first, behind

    def whole(self, end: int) -> bool:
        """Whether a character as written ends at ``end``, marks on it counted."""
        text = self.text
        if end >= len(text) or text is self.raw:
            return True
        if unicodedata.combining(text[end]):
            return False
        starts = self._places()
        return starts[end] != starts[end - 1]

    def _places(self) -> list[int]:
        if self._starts is None:
            starts: list[int] = []
            units = _units(self.raw) if self.json else enumerate(self.raw)
            for place, char in units:
                starts += [place] * len(_TABLE[char])
            starts.append(len(self.raw))
            self._starts = starts
        return self._starts


def _units(raw: str) -> Iterator[tuple[int, str]]:
    """The characters of a JSON text, escapes read, and where each begins."""
    for found in _ESCAPES.finditer(raw):
        unit = found.group()
        if len(unit) == 1:
            char = unit
        elif len(unit) == 12:
            pair = bytes.fromhex(unit[2:6] + unit[8:])
            char = pair.decode("utf-16-be")
        elif len(unit) == 6:
            char = chr(int(unit[2:], 16))
        else:
            char = _MEANS.get(unit[1], unit[1])
        yield found.start(), char


def cut_escape(raw: str) -> int:
    """Where an escape begins that is not whole yet at the end of ``raw``."""
    found = _HIGH.search(raw)
    if found is not None:
        return found.start()
    cut = _CUT_ESCAPE.search(raw)
    return len(raw) if cut is None else cut.start(1)
