"""What must not be shown of a request: keys in headers, in the query, in texts.

It is done before anything is kept, so that what is kept cannot show one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

MASK: Final = "***"
_CREDENTIAL: Final = re.compile(
    r"auth|cookie|credential|key|password|secret|signature|token", re.IGNORECASE
)
# Names that look like one of those and tell something else.
_PLAIN: Final = frozenset(
    {"idempotency-key", "anthropic-ratelimit-tokens-limit", "max_tokens", "page_token"}
)
_PARAMETERS: Final = frozenset({"code", "sig", "key"})
_KEY_LIKE: Final = re.compile(r"\b(sk-|gsk_|xai-|AIza|ghp_)[\w-]{16,}")
_SHORTEST: Final = 8


def is_credential(name: str) -> bool:
    """Whether a header or a parameter of this name holds what must not be shown."""
    lower = name.lower()
    if lower in _PLAIN or "ratelimit" in lower:
        return False
    return lower in _PARAMETERS or _CREDENTIAL.search(lower) is not None


def masked_pairs(
    pairs: Iterable[tuple[str, str]], secrets: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """``pairs`` of names and values; of ``Bearer x``, the word stays."""
    for name, value in pairs:
        if not is_credential(name):
            yield name, hide(value, secrets)
            continue
        word, blank, rest = value.partition(" ")
        told = blank and rest and word.isalpha()
        yield name, f"{word} {MASK}" if told else MASK


def secrets_of(
    headers: Mapping[str, str], query: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The credentials that a request carries, the longest first."""
    found = set()
    for name, value in (*headers.items(), *query):
        if is_credential(name):
            found |= {value, value.partition(" ")[2]}
    return tuple(sorted((s for s in found if len(s) >= _SHORTEST), key=len)[::-1])


def hide(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without ``secrets``, and without what looks like a key."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _KEY_LIKE.sub(rf"\g<1>{MASK}", text)
