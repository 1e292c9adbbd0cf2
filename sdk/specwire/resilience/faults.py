"""What an exception says of the other side: AI-Protocol's code, and what follows of it.

Ours carry their code. Others are read by what they are known to have: a status, or that
they are of the operating system's kind. What nothing is known of is ``E9999``: it is
nobody's fault but the program's, opens no circuit and has no other target tried.
"""

from __future__ import annotations

from typing import Any, Final

from ..core.errors import SpecwireError, status_class

_FALLBACKABLE: Final = frozenset({"E1002", "E2001", "E2002", "E3001", "E3002", "E3003"})
_RETRYABLE: Final = frozenset({"E2001", "E3001", "E3002", "E3003", "E4001"})
_UNKNOWN: Final = "E9999"
_BY_STATUS: Final = {402: "E2002", 408: "E3003", 503: "E3002", 504: "E3003"}


def code_of(error: BaseException) -> str:
    """The standard code of any exception, ``E1001`` to ``E9999``."""
    own: Any = getattr(error, "standard_code", None)
    if own is not None:
        return str(getattr(own, "code", own))
    status = status_of(error)
    if status:
        found = _BY_STATUS.get(status) or str(status_class(status).standard_code)
        return "E1001" if found == _UNKNOWN and 400 <= status < 500 else found
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "E3003"
    return "E3001" if _of_the_network(error) else _UNKNOWN


def status_of(error: BaseException) -> int:
    """The HTTP status that ``error`` tells of, or 0."""
    response = getattr(error, "response", None) if _foreign(error) else None
    for holder in (error, response):
        status = getattr(holder, "status_code", 0)
        if isinstance(status, int) and not isinstance(status, bool) and status:
            return status
    return 0


def is_fault(error: BaseException) -> bool:
    """Whether the server or the way to it failed: ``E3001``, ``E3002``, ``E3003``."""
    return isinstance(error, Exception) and code_of(error).startswith("E3")


def fallbackable(error: BaseException) -> bool:
    """Whether another target may do better."""
    return isinstance(error, Exception) and code_of(error) in _FALLBACKABLE


def retryable(error: BaseException) -> bool:
    """Whether the same may succeed later; our own errors say it themselves."""
    if isinstance(error, SpecwireError):
        return error.retryable
    said = getattr(error, "retryable", None)
    if isinstance(said, bool):
        return said
    return isinstance(error, Exception) and code_of(error) in _RETRYABLE


def _foreign(error: BaseException) -> bool:
    return not isinstance(error, SpecwireError)


def _of_the_network(error: BaseException) -> bool:
    """An ``OSError`` that is not about a file; HTTP libraries derive theirs from it."""
    about_a_file = getattr(error, "filename", None) is not None
    return isinstance(error, OSError) and not about_a_file
