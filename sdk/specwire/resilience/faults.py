"""What an exception says of the other side: AI-Protocol's code, and what follows of it.

Ours carry their code. Others are read by what they are known to have: a status, or that
they are of the operating system's kind. What nothing is known of is ``E9999``: it is
nobody's fault but the program's, opens no circuit and has no other target tried.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import CircuitOpenError, SpecwireError
from ..core.standard_codes import SERVER_ERROR, TIMEOUT, UNKNOWN, StandardErrorCode


def code_of(error: BaseException) -> StandardErrorCode:
    """The standard code of any exception."""
    own: Any = getattr(error, "standard_code", None)
    if own is not None:
        return StandardErrorCode.from_code(getattr(own, "code", own))
    status = status_of(error)
    if status:
        return StandardErrorCode.from_http_status(status)
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return TIMEOUT
    return SERVER_ERROR if _of_the_network(error) else UNKNOWN


def status_of(error: BaseException) -> int:
    """The HTTP status that ``error`` tells of, or 0."""
    response = getattr(error, "response", None) if _foreign(error) else None
    for holder in (error, response):
        status = getattr(holder, "status_code", 0)
        if isinstance(status, int) and not isinstance(status, bool) and status:
            return status
    return 0


def is_fault(error: BaseException) -> bool:
    """Whether the server or the way to it failed: ``E3001``, ``E3002``, ``E3003``.

    An open circuit is what came of that, not another fault.
    """
    if isinstance(error, CircuitOpenError) or not isinstance(error, Exception):
        return False
    return code_of(error).category == "server"


def fallbackable(error: BaseException) -> bool:
    """Whether another target may do better."""
    return isinstance(error, Exception) and code_of(error).fallbackable


def retryable(error: BaseException) -> bool:
    """Whether the same may succeed later; our own errors say it themselves."""
    if isinstance(error, SpecwireError):
        return error.retryable
    said = getattr(error, "retryable", None)
    if isinstance(said, bool):
        return said
    return isinstance(error, Exception) and code_of(error).retryable


def _foreign(error: BaseException) -> bool:
    return not isinstance(error, SpecwireError)


def _of_the_network(error: BaseException) -> bool:
    """An ``OSError`` that is not about a file; HTTP libraries derive theirs from it."""
    about_a_file = getattr(error, "filename", None) is not None
    return isinstance(error, OSError) and not about_a_file
