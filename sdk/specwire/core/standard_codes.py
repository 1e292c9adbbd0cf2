"""AI-Protocol's standard error codes as values: what one failure means everywhere.

A code is a ``str`` (``error.standard_code == "E2001"``) that knows its name, category
and usual HTTP status, whether the same call may succeed later (``retryable``) and
whether another model may do better (``fallbackable``). Lookups take anything and never
fail: what they do not know is ``E9999``.
"""

from __future__ import annotations

from typing import Any, NoReturn


class StandardErrorCode(str):
    """One of the 13 codes; frozen.

    >>> code = StandardErrorCode.from_http_status(429)
    >>> code, code.name, code.retryable
    (StandardErrorCode('E2001', 'rate_limited'), 'rate_limited', True)
    """

    __slots__ = ("category", "fallbackable", "http_status", "name", "retryable")
    name: str
    category: str
    http_status: int | None
    retryable: bool
    fallbackable: bool

    @property
    def code(self) -> str:
        """The code as plain text, ``E1001`` to ``E9999``."""
        return str.__str__(self)

    @classmethod
    def from_code(cls, code: Any) -> StandardErrorCode:
        """The code that ``code`` spells, ``E9999`` where it is none."""
        return _BY_CODE.get(code, UNKNOWN) if isinstance(code, str) else UNKNOWN

    @classmethod
    def from_name(cls, name: Any) -> StandardErrorCode:
        """The code of a name such as ``rate_limited``, or ``E9999``."""
        return _BY_NAME.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN

    @classmethod
    def from_http_status(cls, status: Any) -> StandardErrorCode:
        """What a status means by itself; ``E9999`` below 400 and for no number."""
        if not isinstance(status, int):
            return UNKNOWN
        found = _BY_STATUS.get(status)
        if found is not None:
            return found
        if 400 <= status < 500:
            return INVALID_REQUEST
        return SERVER_ERROR if 500 <= status < 600 else UNKNOWN

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen; {name!r} was not set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen; {name!r} stays")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return StandardErrorCode.from_code, (self.code,)


def _code(
    code: str,
    name: str,
    category: str,
    http_status: int | None,
    *,
    retryable: bool = False,
    fallbackable: bool = False,
) -> StandardErrorCode:
    made = StandardErrorCode(code)
    facts = {
        "name": name,
        "category": category,
        "http_status": http_status,
        "retryable": retryable,
        "fallbackable": fallbackable,
    }
    for key, value in facts.items():
        object.__setattr__(made, key, value)
    return made


INVALID_REQUEST = _code("E1001", "invalid_request", "client", 400)
AUTHENTICATION = _code("E1002", "authentication", "client", 401, fallbackable=True)
PERMISSION_DENIED = _code("E1003", "permission_denied", "client", 403)
NOT_FOUND = _code("E1004", "not_found", "client", 404)
REQUEST_TOO_LARGE = _code("E1005", "request_too_large", "client", 413)
RATE_LIMITED = _code(
    "E2001", "rate_limited", "rate", 429, retryable=True, fallbackable=True
)
QUOTA_EXHAUSTED = _code("E2002", "quota_exhausted", "rate", 429, fallbackable=True)
SERVER_ERROR = _code(
    "E3001", "server_error", "server", 500, retryable=True, fallbackable=True
)
OVERLOADED = _code(
    "E3002", "overloaded", "server", 503, retryable=True, fallbackable=True
)
TIMEOUT = _code("E3003", "timeout", "server", 504, retryable=True, fallbackable=True)
CONFLICT = _code("E4001", "conflict", "operational", 409, retryable=True)
CANCELLED = _code("E4002", "cancelled", "operational", None)
UNKNOWN = _code("E9999", "unknown", "unknown", None)

ALL = (
    INVALID_REQUEST,
    AUTHENTICATION,
    PERMISSION_DENIED,
    NOT_FOUND,
    REQUEST_TOO_LARGE,
    RATE_LIMITED,
    QUOTA_EXHAUSTED,
    SERVER_ERROR,
    OVERLOADED,
    TIMEOUT,
    CONFLICT,
    CANCELLED,
    UNKNOWN,
)
_BY_CODE = {code.code: code for code in ALL}
_BY_NAME = {
    **{code.name: code for code in ALL},
    "insufficient_quota": QUOTA_EXHAUSTED,
    "capability_not_declared": REQUEST_TOO_LARGE,
    "unsupported_capability": REQUEST_TOO_LARGE,
}
_BY_STATUS = {
    400: INVALID_REQUEST,
    401: AUTHENTICATION,
    402: QUOTA_EXHAUSTED,
    403: PERMISSION_DENIED,
    404: NOT_FOUND,
    408: TIMEOUT,
    409: CONFLICT,
    413: REQUEST_TOO_LARGE,
    429: RATE_LIMITED,
    499: CANCELLED,
    503: OVERLOADED,
    504: TIMEOUT,
    529: OVERLOADED,
}
