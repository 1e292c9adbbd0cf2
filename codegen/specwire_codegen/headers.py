"""What may stand in a header: the grammar of RFC 9110, sections 5.5, 5.6.2 and 8.3.1.

A document can name a header, a cookie or a media type in any text at all; one that
could end the line, or the field, is not taken over. Nothing is escaped here: there is
no way to write such a name.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def is_token(name: str) -> bool:
    """Whether ``name`` can name a header or a cookie.

    >>> is_token("X-Key"), is_token("X-Key: 1"), is_token("")
    (True, False, False)
    """
    return bool(_TOKEN.fullmatch(name))


def is_value(text: str) -> bool:
    """Whether ``text`` can be the value of a header."""
    return bool(_VALUE.fullmatch(text))


def is_media(essence: str) -> bool:
    """Whether a media type without its parameters is ``type/subtype``."""
    kind, slash, subtype = essence.partition("/")
    return bool(slash) and is_token(kind) and is_token(subtype)
