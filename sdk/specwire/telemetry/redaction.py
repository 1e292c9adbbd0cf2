"""``Redactor``: takes what may be a credential out of texts and plain data.

What a log writes by itself holds none; this is for what programs add to it, and for the
texts of other people's errors. Patterns are linear in the length of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

HIDDEN: Final = "***"
_NAMED: Final = (
    r"(?:[\w-]*api[_-]?key|[\w-]*secret[\w-]*|[\w-]*access[_-]?key[\w-]*|password|passwd"
    r"|[\w-]*auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token"
    r"|client[_-]?assertion|signature|x-amz-[\w-]*(?:token|signature|credential)"
    r"|(?:proxy-)?authorization|cookie|set-cookie)"
)
LOOKS: Final[tuple[tuple[str, str], ...]] = (
    (r"(?<=://)[^/\s@:]{1,256}:[^/\s@]{1,256}(?=@)", HIDDEN),
    (
        r"\b(?:sk|rk|pk|xai|gsk|hf|gh[oprsu]|github_pat|glpat|npm|xox[abeprs]|xapp"
        r"|nvapi|pplx|csk|whsec|shpat|dapi)[-_][\w-]{12,512}",
        HIDDEN,
    ),
    (r"\b(?:AIza|ya29\.)[\w-]{30,512}", HIDDEN),
    (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", HIDDEN),
    (r"\beyJ[\w-]{8,4096}\.[\w-]{8,8192}\.[\w-]{0,4096}", HIDDEN),
)
"""Keys that are known without a name before them; patterns have no groups."""
PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    # the value of a header or a member with a telling name; a scheme stays
    (
        rf"(?i)(?<![\w-])({_NAMED}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?"
        r"(?:(?:bearer|basic|token)\s{1,3})?)([^\s\"',;&}\]]{1,4096})",
        rf"\1{HIDDEN}",
    ),
    (
        r"(?i)\b((?:bearer|basic)\s{1,3})([A-Za-z0-9._~+/=:-]{8,4096})",
        rf"\1{HIDDEN}",
    ),
    *LOOKS,
)
_SECRET: Final = re.compile(
    r"(?i)(?:^|[_\W])keys?(?:$|[_\W\d])|(?:api|access|private|signing).?key"
    r"|secret|passw|auth(?!ors?(?:$|[_\W]))|cookie|credential|signature|bearer"
    r"|(?:^|[_-])tokens?$|^token"
)
_BODIES: Final = frozenset(["body", "messages", "content", "prompt", "completion"])
_DEEPEST: Final = 12


class Redactor:
    """Hides credentials.

    >>> Redactor().mask("Authorization: Bearer abcdefgh12345")
    'Authorization: Bearer ***'
    >>> Redactor().mask_dict({"api_key": "k", "model": "m"})
    {'api_key': '***', 'model': 'm'}

    :param patterns: (pattern, replacement) pairs, beside those that are known.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]] = ()) -> None:
        self._patterns = [(re.compile(p), by) for p, by in (*PATTERNS, *patterns)]

    def mask(self, text: str) -> str:
        """``text`` without what looks like a credential."""
        for pattern, by in self._patterns:
            text = pattern.sub(by, text)
        return text

    def mask_dict(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """``data``, with values hidden whose names tell, and texts masked."""
        return {str(name): self._value(str(name), v, 0) for name, v in data.items()}

    def _value(self, name: str, value: Any, depth: int) -> Any:
        if isinstance(value, (int, float)) or value is None:
            return value if not _secret(name) or value is None else _number(name, value)
        counts = name.lower().endswith("tokens") and isinstance(value, Mapping)
        if (_secret(name) and not counts) or name.lower() in _BODIES:
            return HIDDEN
        if isinstance(value, str):
            return self.mask(value)
        if depth >= _DEEPEST:
            return HIDDEN
        if isinstance(value, Mapping):
            return {str(k): self._value(str(k), v, depth + 1) for k, v in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value("", each, depth + 1) for each in value]
        if isinstance(value, (bytes, bytearray)):
            return f"{len(value)} bytes"
        return self.mask(str(value))


def _secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def _number(name: str, value: Any) -> Any:
    """``max_tokens: 5`` is a count; ``api_key: 12345`` is a key."""
    return value if "token" in name.lower() else HIDDEN
