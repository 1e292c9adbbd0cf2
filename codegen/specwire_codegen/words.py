"""Words of a wire name, and the identifiers they make.

Works on text only: which names exist, and what happens when two are alike, is planned
in :mod:`~specwire_codegen.names`. A name made here never begins with an underscore;
those are the generator's own.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import lru_cache

_SIGNS = {
    "<": "lt",
    ">": "gt",
    "!": "not",
    "=": "eq",
    "@": "at",
    "$": "dollar",
    "*": "star",
    "%": "percent",
    "&": "and",
    "|": "or",
    "~": "tilde",
    "^": "caret",
    "#": "hash",
    "?": "question",
}
_ALONE = {".": "dot", "/": "slash", "-": "minus", "+": "plus", ":": "colon", "_": ""}
_LATIN_ALIKE = dict(
    zip(
        "аеорсухіјѕһԁԛԝВЕКМНОРСТХАІЈЅαοινρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
        "aeopcyxijshdqwBEKMHOPCTXAIJSaoivpABEZHIKMNOPTYX",
        strict=True,
    )
)
_LONGEST, _LONGEST_CLASS = 60, 100
"""Characters of a name: file systems take 255 bytes, readers much less."""
_REMEMBERED = 1 << 14
"""Texts whose words are kept: members are called alike all over a document."""
_PLAIN = re.compile(r"[A-Za-z0-9_ ]*\Z")
_MODULE = re.compile(r"[a-z][a-z0-9_]*\Z")
_DEVICES = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{d}{n}" for d in ("com", "lpt") for n in range(10)),
    ]
)


def words(text: str) -> list[str]:
    """``text`` cut at case, digits and everything that no identifier may hold.

    >>> words("createdAt"), words("URLPath"), words("+1"), words("amount[gte]")
    (['created', 'At'], ['URL', 'Path'], ['plus', '1'], ['amount', 'gte'])
    """
    return list(_words(text))


@lru_cache(_REMEMBERED)
def _words(text: str) -> tuple[str, ...]:
    if _PLAIN.match(text):
        spelled = text.replace("_", " ")
    else:
        text = unicodedata.normalize("NFKC", text)
        spelled = "".join(_spelled(char, at, text) for at, char in enumerate(text))
    return tuple(piece for run in spelled.split() for piece in _cut(run))


def _spelled(char: str, index: int, text: str) -> str:
    if char.isalnum() and f"a{char}".isidentifier():
        return char
    if unicodedata.category(char) in ("Mn", "Mc") and f"a{char}".isidentifier():
        return char
    if char in _SIGNS:
        return f" {_SIGNS[char]} "
    if char in "+-" and index == 0 and text[1:2].isdigit():
        return f" {_ALONE[char]} "
    if char in _ALONE and len(text.strip()) == 1:
        return f" {_ALONE[char]} "
    if unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return ""
    return " "


def _cut(run: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for at in range(1, len(run)):
        before, here = run[at - 1], run[at]
        after = run[at + 1] if at + 1 < len(run) else ""
        rises = here.isupper() and (before.islower() or before.isdigit())
        ends = here.isupper() and before.isupper() and after.islower()
        # "IDs" and "URLs" are one word: a plural, not the start of the next.
        plural = after == "s" and not run[at + 2 : at + 3].islower()
        if rises or (ends and not plural):
            pieces.append(run[start:at])
            start = at
    return [*pieces, run[start:]]


@lru_cache(_REMEMBERED)
def snake(text: str, noun: str) -> str:
    """``text`` as a lower-case identifier; ``noun`` stands in where nothing is left."""
    return _legal("_".join(word.lower() for word in words(text)), noun)


@lru_cache(_REMEMBERED)
def pascal(text: str, noun: str) -> str:
    """``text`` as a class name; acronyms keep their case."""
    parts = words(text)
    shouted = all(part.upper() == part for part in parts) and len(parts) > 1
    name = "".join(_capital(part, shouted) for part in parts)
    return _legal(name, noun)


def _capital(word: str, shouted: bool) -> str:
    if word.isupper() and not shouted:
        return word
    head = word[:1].upper()
    return head + (word[1:].lower() if shouted else word[1:])


def _legal(name: str, noun: str) -> str:
    name = unicodedata.normalize("NFKC", name).strip("_")
    name = name[: _LONGEST if noun.islower() else _LONGEST_CLASS].rstrip("_")
    if not name or not ("a" + name).isidentifier():
        return noun
    if not name.isidentifier():
        name = f"n{name}" if noun.islower() else f"{noun}{name}"
        # An accent that stood first is now on the letter before it.
        name = unicodedata.normalize("NFKC", name)
    if keyword.iskeyword(name) or name in ("self", "cls"):
        name += "_"
    return name


def own_words(operation_id: str, path: str, method: str) -> list[str]:
    """Words of an operationId, without the path and method that frameworks append.

    >>> own_words("list_models_v1_models_get", "/v1/models", "get")
    ['list', 'models']
    """
    said = [word.lower() for word in words(operation_id)]
    tail = [word.lower() for word in words(path)]
    for end in ([*tail, method.lower()], tail):
        if len(tail) > 1 and len(said) > len(end) and said[-len(end) :] == end:
            return said[: -len(end)]
    return said


def module(text: str, noun: str) -> str:
    """``text`` as a module name: ASCII, lower case, no device name, no keyword."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = snake(folded, noun)
    if name in _DEVICES or not _MODULE.match(name):
        return f"{noun}_{name}" if _MODULE.match(f"{noun}_{name}") else noun
    return name


def skeleton(name: str) -> str:
    """``name`` with look-alikes of Latin letters replaced: equal is confusable."""
    if name.isascii():
        return name
    return "".join(_LATIN_ALIKE.get(char, char) for char in name)


def singular(word: str) -> str:
    """``word`` without a plural s; the same word where that would be a guess."""
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
