"""``KeywordFilter``: words and phrases that may not stand in a text.

Compared without case and without disguises. A word is found as a word: ``kill`` is not
in ``skills``. Scripts that set no spaces between words (Chinese, Japanese, Thai) have
no such edges, so there a keyword is found anywhere; in Korean too, for its particles.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .filter import Filter
from .folding import View, folded

_GAP: Final = 8
_MANY: Final = 6
_TOKEN: Final = re.compile(r"[a-z0-9]+")
_SPACES: Final = re.compile(r"\s+")
# Hiragana to ideographs, Thai, Lao, Khmer, Myanmar, Tibetan; and Korean, whose words
# end in particles.
_UNSPACED: Final = (
    (0x0E00, 0x0FFF),
    (0x1000, 0x11FF),
    (0x1780, 0x17FF),
    (0x2E80, 0x9FFF),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def spaced(char: str) -> bool:
    """Whether ``char`` belongs to a word that ends where another kind begins."""
    if char.isascii():
        return char.isalnum()
    if not char.isalnum() and not unicodedata.combining(char):
        return False
    return not any(low <= ord(char) <= high for low, high in _UNSPACED)


def _small(text: str) -> str:
    return folded(text).lower().replace("\u03c2", "\u03c3")


class KeywordFilter(Filter):
    """Finds ``keywords``: words, or phrases of several.

    :param case_sensitive: only as they are written.
    :param whole_words: not within longer words; see the module for scripts without
        spaces.
    :raises ValueError: where there is no keyword, or an empty one.
    """

    usual_rule = "keyword"

    def __init__(
        self,
        keywords: Iterable[str],
        *,
        case_sensitive: bool = False,
        whole_words: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        given = [keywords] if isinstance(keywords, str) else list(keywords)
        self.case_sensitive = case_sensitive
        self.whole_words = whole_words
        fold = folded if case_sensitive else _small
        self.keywords = tuple(given)
        known = {_SPACES.sub(" ", fold(each).strip()) for each in given}
        if not known or "" in known:
            raise ValueError(
                f"{type(self).__name__} {self.rule!r}: expected at least one keyword, "
                "none of them empty"
            )
        # The longest first: of two that begin alike it is found.
        self._forms = sorted(known, key=lambda form: (-len(form), form))
        self._hints = sorted({max(form.split(), key=len) for form in known}, key=len)
        self._pattern = re.compile("|".join(map(_pattern, self._forms)))
        self._first = frozenset(form[0] for form in known)
        self._prefixes = {p for each in given for p in _prefixes(each, fold)}
        gaps = max(form.count(" ") for form in known)
        self.longest = max(map(len, self._prefixes)) + gaps * (_GAP - 1)
        self._tokens: frozenset[str] | None = None
        self._quick: re.Pattern[str] | None = None
        if len(known) > _MANY:
            small = [form.lower() for form in known]
            tokens = [max(_TOKEN.findall(s), key=len, default="") for s in small]
            if whole_words and all(tokens) and all(map(str.isascii, known)):
                self._tokens = frozenset(tokens)
            else:
                self._quick = _any_of(self._hints)

    def _seen(self, view: View, text: str) -> bool:
        """Whether it is worth looking closer, which it seldom is."""
        if self._tokens is not None:
            return not self._tokens.isdisjoint(view.tokens)
        if self._quick is not None:
            return self._quick.search(text) is not None
        for hint in self._hints:  # noqa: SIM110 (a generator would cost more)
            if hint in text:
                return True
        return False

    def spans(self, view: View) -> Iterator[tuple[int, int]]:
        text = view.text if self.case_sensitive else view.lower
        if not self._seen(view, text):
            return
        place = 0
        while (found := self._pattern.search(text, place)) is not None:
            span = self._fitting(view, text, found.start())
            if span is None:
                place = found.start() + 1
            else:
                yield span
                place = span[1]

    def _fitting(self, view: View, text: str, start: int) -> tuple[int, int] | None:
        """The longest keyword at ``start`` that ends where a word does."""
        if self.whole_words and _inside(text, start):
            return None
        found = self._pattern.match(text, start)
        forms: Iterable[str] = self._forms if self.whole_words else ()
        ends = [found.end()] if found is not None else []
        ends += [m.end() for f in forms if (m := _compiled(f).match(text, start))]
        for end in ends:
            if view.whole(end) and self._ends(text, end):
                return start, end
        return None

    def _ends(self, text: str, end: int) -> bool:
        return not (self.whole_words and _inside(text, end))

    def pending(self, view: View) -> int:
        text = view.text if self.case_sensitive else view.lower
        first, prefixes = self._first, self._prefixes
        for start in range(max(len(text) - self.longest, 0), len(text)):
            if text[start] not in first:
                continue
            if self.whole_words and _inside(text, start):
                continue
            tail = text[start:]
            if tail in prefixes or _SPACES.sub(" ", tail) in prefixes:
                return start
        return len(text)


class ContentFilter(KeywordFilter):
    """Refuses texts with ``blocked_keywords``; which they are, you say."""

    usual_rule = "blocked_keywords"

    def __init__(self, blocked_keywords: Iterable[str], **options: Any) -> None:
        super().__init__(blocked_keywords, **options)


def _inside(text: str, place: int) -> bool:
    """Whether one word goes on over ``place``."""
    inner = 0 < place < len(text)
    return inner and spaced(text[place - 1]) and spaced(text[place])


_KNOWN: dict[str, re.Pattern[str]] = {}


def _compiled(form: str) -> re.Pattern[str]:
    found = _KNOWN.get(form)
    if found is None:
        found = re.compile(_pattern(form))
        if len(_KNOWN) < 10_000:
            _KNOWN[form] = found
    return found


def _pattern(form: str) -> str:
    return rf"\s{{1,{_GAP}}}".join(map(re.escape, form.split(" ")))


def _prefixes(keyword: str, fold: Any) -> Iterator[str]:
    """What a text may end in that becomes ``keyword``; a part may look otherwise."""
    for end in range(1, len(keyword) + 1):
        yield _SPACES.sub(" ", fold(keyword[:end]).lstrip())
    whole = _SPACES.sub(" ", fold(keyword).strip())
    for end in range(1, len(whole) + 1):
        yield whole[:end]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for many words, as a tree: where they begin alike, read once."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    return re.compile(_branch(tree))


def _branch(node: dict[str, Any]) -> str:
    if "" in node:
        return ""  # one that begins so has been found already
    made = [re.escape(char) + _branch(below) for char, below in node.items()]
    return made[0] if len(made) == 1 else f"(?:{'|'.join(made)})"
