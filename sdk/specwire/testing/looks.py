"""How keys stand in texts: behind a telling name, or by their own looks.

What is found is always inside a string of JSON, never the quotes around it, so JSON
stays JSON. Names are told apart by how sure they are: ``api_key`` tells wherever it
stands, ``token`` only in a query, or before a value that is no word.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

from ..telemetry.redaction import LOOKS

Span = tuple[int, int]
# The ends of names: whatever stands in front of them, OPENAI_ and X- among it.
_SURE: Final = re.compile(
    r"(?i)(?:api[_-]?keys?|secret[\w-]*|access[_-]?key[\w-]*|private[_-]?keys?"
    r"|pass(?:word|wd|phrase)|pwd|credentials?|client[_-]?assertion|authorization|cookie"
    r"|(?:access|auth|bearer|bot|csrf|device|id|oauth|personal|refresh|security|session"
    r"|upload|xsrf)[_-]?tokens?)\Z"
)
_QUERY: Final = re.compile(
    r"(?i)(?:3f|26|u0026)?(?:key|token|sid|assertion|session(?:_?id)?|code_verifier|code"
    r"|(?:x-amz-|x-goog-)?(?:credential|sig|signature)|x-amz-security-token)\Z"
)
_LONG: Final = 10
_NAME: Final = re.compile(r"(?<![\w-])(?=([\w-]{3,64}))\1(?=\\*[\"']?\s?[:=]|%3[dD])")
_WORD: Final = r"[^\s\"'\\<>,;&(){}\[\]]"
_CODE: Final = r"(?!\$|None\b|null\b|true\b|false\b|os\.|env[.[(]|getenv|process\.)"
_SCHEME: Final = r"(?:(?:bearer|basic|token)\s{1,3})?"
_KEYLIKE: Final = rf"(?-i:(?={_WORD}*(?:[\d_+/=~-]|[a-z][A-Z])))"
_BEHIND_SURE: Final = re.compile(
    # a member of JSON; its value may be an array or an object of keys
    r'(?i)"\s*:\s*(?:"((?:[^"\\]|\\.)+)"|(\[[^\[\]{}]*\]|\{[^{}]*\}))'
    # a member in a text within JSON, or of Python
    r"|\\*[\"']\s{0,3}[:=]\s{0,3}(?:\\+[\"']|')([^\"'\\\r\n]{1,4096})"
    # a variable, an argument, a parameter
    rf"|(?:\s?=\s?|%3d)(?:\\*[\"'])?{_CODE}({_WORD}{{1,4096}})"
    # a header, YAML
    rf"|:\s{{0,3}}{_SCHEME}{_KEYLIKE}({_WORD}{{6,4096}})"
)
_BEHIND_QUERY: Final = re.compile(r"(?i)(?:=|%3d)([^&\s\"'\\<>#]+)")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')
# A word is no token: replies have those by the thousand.
_TOKEN: Final = re.compile(r'"\s*:\s*"([^"\\\s]{16,})"')
_FIELD: Final = re.compile(
    r'(?i)name="?([\w-]+)"?[^\r\n]*\r\n(?:[^\r\n]+\r\n){0,4}\r\n([^\r\n]+)'
)

SHAPES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:\bb(?:earer|asic)\s{{1,3}}){_KEYLIKE}([\w.~+/=:*-]{{8,4096}})",
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----([^\"]{1,8192}?)-----END ",
        *(pattern for pattern, _ in LOOKS),
    )
)
"""Keys that are known without a name; where there is a group, that is one."""
DELTA: Final = re.compile(
    r'"(text|thinking|partial_json|content|arguments|chunk|delta)"\s*:\s*'
    r'"((?:[^"\\]|\\.)*)"'
)
"""Texts of which an event has a piece: (name, piece)."""


def in_query(name: str, value: str) -> bool:
    """Whether ``value`` is a key, by its name in a query or a form."""
    if name.lower().endswith("code"):
        return len(value) >= _LONG  # a country's has two letters
    return bool(_SURE.search(name) or _QUERY.match(name))


def named(text: str) -> Iterator[Span]:
    """Where keys stand in ``text`` behind their names, in order."""
    at = 0
    for found in _NAME.finditer(text):
        if found.start() >= at:
            for span in _behind(text, found[1], found.start(), found.end()):
                yield span
                at = span[1]


def _behind(text: str, name: str, start: int, end: int) -> list[Span]:
    """Where the keys are that ``name`` tells of, itself at ``start`` to ``end``."""
    if _SURE.search(name):
        value = _BEHIND_SURE.match(text, end)
        if value and value[2]:
            inside = _STRING.finditer(text, *value.span(2))
            return [each.span(1) for each in inside if each[1] and not each[2]]
    elif not _QUERY.match(name):
        return []
    elif text[max(start - 1, 0) : start] in ("", *"?&%\\"):
        value = _BEHIND_QUERY.match(text, end)
        if value and not in_query(name, value[1]):
            return []
    else:
        value = _TOKEN.match(text, end) if name.lower() == "token" else None
    return [value.span(value.lastindex or 0)] if value else []


def fields(text: str) -> Iterator[Span]:
    """Where keys stand in ``text`` as fields of a multipart form."""
    for found in _FIELD.finditer(text):
        if in_query(found[1], found[2]):
            yield found.span(2)


def forms(key: str) -> Iterator[str]:
    """The texts as which a server may repeat ``key``."""
    yield key
    escaped = json.dumps(key)[1:-1]
    yield escaped
    yield escaped.replace("/", r"\/")
    yield json.dumps(escaped)[1:-1]  # JSON within JSON
    yield quote(key, safe="")
    yield quote(key)
    yield quote_plus(key)
    yield key.encode().hex()
    # In base64 a text has three forms, by what stands before it, but for its ends.
    for before in range(3):
        code = base64.b64encode(b"\0" * before + key.encode()).rstrip(b"=").decode()
        rest = (before + len(key.encode())) % 3
        inner = code[(0, 2, 3)[before] : len(code) - (1 if rest else 0)]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")
