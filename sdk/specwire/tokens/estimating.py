"""How many tokens a text has, by its look: an estimate that needs no vocabulary.

A text falls into pieces much as tokenizers cut it before they look anything up: words,
numbers, marks, runs of one script. What a piece of some look and length comes to on the
average says :mod:`.weights`, for each family of tokenizers. Linear; nothing is kept but
the weights of pieces that were met lately.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final

from . import characters, words

_PIECE: Final = re.compile(
    r"""
 (?P<upper>\ ?[A-Z]{2,}(?![a-z]))
|(?P<spaced>\ [A-Z]?[a-z]+|\ [A-Z])
|(?P<word>[A-Z]?[a-z]+|[A-Z])
|(?P<digits>[0-9]+)
|(?P<line>[ \t]*[\r\n]\s*(?=[ \t])|\s*[\r\n]+)
|(?P<blank>[ \t]+)
|(?P<joined>\ ?[!-/:-@\[-`{-~](?=[A-Za-z]))
|(?P<mark>\ ?[!-/:-@\[-`{-~]+?(?=[!-/:-@\[-`{-~][A-Za-z])|\ ?[!-/:-@\[-`{-~]+)
|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)
|(?P<hiragana>[\u3041-\u309f]+)
|(?P<katakana>[\u30a0-\u30ff\uff66-\uff9f]+)
|(?P<wide>[\u3000-\u303f\uff00-\uff65]+)
|(?P<hangul>[\uac00-\ud7af\u1100-\u11ff]+)
|(?P<latin>[\u00c0-\u024f\u1e00-\u1eff]+)
|(?P<cyrillic>[\u0400-\u052f]+)
|(?P<greek>[\u0370-\u03ff]+)
|(?P<semitic>[\u0590-\u06ff]+)
|(?P<indic>[\u0900-\u0dff]+)
|(?P<thai>[\u0e00-\u0eff]+)
|(?P<symbol>[\u2000-\u2bff]+)
|(?P<astral>[\U00010000-\U0010ffff]+)
|(?P<other>(?s:.))
""",
    re.VERBOSE,
)
_LATIN: Final = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_LONGEST: Final = 14
"""Longer words count by their further letters."""
_SHORTEST: Final = 4
"""Of these on it matters whether a word is a usual one."""
_ENDS: Final = (6, 5, 4, 3, 2)
_MOST: Final = 256
"""A piece that is longer is looked at in parts, so that no lookup holds much."""


def estimate(text: str, family: str = "o200k") -> int:
    """About how many tokens ``text`` has; at least one, unless it is empty.

    :param family: a column of :mod:`.weights`.
    """
    if not text:
        return 0
    foreign = _is_foreign(text)
    pieces = Counter((m.lastgroup, m.group()) for m in _PIECE.finditer(text))
    told = sum(n * _weight(k, p, family, foreign) for k, p, n in _short(pieces))
    return max(1, round(told))


def _short(pieces: Counter[tuple[Any, str]]) -> Iterator[tuple[str, str, int]]:
    for (kind, piece), count in pieces.items():
        for at in range(0, len(piece), _MOST):
            yield kind, piece[at : at + _MOST], count


def _is_foreign(text: str) -> bool:
    """Whether this is a European language other than English, by its accents."""
    sample = text[:20_000]
    return len(_LATIN.findall(sample)) * 200 > len(sample)


@lru_cache(maxsize=8192)
def _weight(kind: str, piece: str, family: str, foreign: bool) -> float:
    weights = _weights(family)
    found = features(kind, piece, foreign).items()
    return sum(weights.get(name, 0.0) * count for name, count in found)


@cache
def _weights(family: str) -> dict[str, float]:
    from .weights import column

    return column(family)


def features(kind: str, piece: str, foreign: bool = False) -> dict[str, int]:
    """What of a piece matters: names of rows in :mod:`.weights`, and how often."""
    size = len(piece)
    if kind in ("spaced", "word"):
        return _of_word(kind, size - (kind == "spaced"), piece, foreign)
    if kind == "upper":
        if piece.strip().lower() in words.KNOWN:
            return {"upper known": 1}
        return {"upper": 1, "upper+": len(piece.strip()) - 2}
    if kind == "digits":
        return {"digits": size, "threes": -(-size // 3)}
    if kind == "joined":
        return {"joined": 1, " joined": size - 1}
    if kind == "mark":
        spaced = piece[0] == " "
        size -= spaced
        row = f"mark{min(size, 4)}"
        return {row: 1, "mark+": max(size - 4, 0), " mark": int(spaced)}
    if kind in ("line", "blank"):
        return {kind: 1, f"{kind}+": int(size > 1)}
    if kind == "han":
        return _of_han(piece)
    if kind == "hiragana":
        return _of_hiragana(piece)
    return {kind: size, f"{kind}s": 1}


def _of_word(kind: str, size: int, piece: str, foreign: bool) -> dict[str, int]:
    row = f"{kind}{min(size, _LONGEST)}"
    if size >= _SHORTEST and piece.strip().lower() in words.KNOWN:
        row = f"{kind} known"
    found = {row: 1, "word+": max(size - _LONGEST, 0)}
    return {**found, "foreign": size} if foreign else found


def _of_han(piece: str) -> dict[str, int]:
    found = dict.fromkeys(("pair", "common", "usual", "traditional", "rare"), 0)
    at = 0
    while at < len(piece):
        if piece[at : at + 2] in characters.PAIRS:
            found["pair"] += 1
            at += 2
            continue
        found[characters.RANKS.get(piece[at], "rare")] += 1
        at += 1
    return {"hans": 1, **{f"han {name}": count for name, count in found.items()}}


def _of_hiragana(piece: str) -> dict[str, int]:
    endings = alone = at = 0
    while at < len(piece):
        sizes = (size for size in _ENDS if piece[at : at + size] in characters.ENDINGS)
        size = next(sizes, 1)
        endings += size > 1
        alone += size == 1
        at += size
    return {"hiraganas": 1, "hiragana": alone, "ending": endings}
