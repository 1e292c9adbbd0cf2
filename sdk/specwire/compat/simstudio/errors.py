"""``SimStudioError``, the one class that all calls raise, and the codes on it.

A code is said by the status first, where the guide names one for it; servers have
written 401 in three ways and 429 in two. After that the server's own code counts, which
is always in ``server_code``, and where it sent none, the status again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from ...core.errors import (
    APIStatusError,
    APITimeoutError,
    CancelledError,
    MissingCredentialError,
    RequestValidationError,
    SpecwireError,
)

EXECUTION_ERROR: Final = "EXECUTION_ERROR"
STATUS_ERROR: Final = "STATUS_ERROR"
USAGE_ERROR: Final = "USAGE_ERROR"
TIMEOUT: Final = "TIMEOUT"
_UNAUTHORIZED: Final = "UNAUTHORIZED"
_INVALID_JSON: Final = "INVALID_JSON"
_WHATEVER_IS_SAID: Final = {
    401: _UNAUTHORIZED,
    402: "USAGE_LIMIT_EXCEEDED",
    429: "RATE_LIMIT_EXCEEDED",
}
_IF_NOTHING_IS_SAID: Final = {
    400: "BAD_REQUEST",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    408: TIMEOUT,
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    423: "LOCKED",
    499: "CLIENT_CLOSED_REQUEST",
    503: "SERVICE_UNAVAILABLE",
    504: TIMEOUT,
    524: TIMEOUT,
}
_FACTS = (
    "asked",
    "attempts",
    "body",
    "message_object",
    "request_id",
    "retry_after_s",
    "retryable",
    "standard_code",
    "started",
)


class SimStudioError(SpecwireError):
    """A call failed.

    :ivar code: what to compare: ``UNAUTHORIZED``, ``TIMEOUT``, ``RATE_LIMIT_EXCEEDED``,
        ``USAGE_LIMIT_EXCEEDED``, ``EXECUTION_ERROR``, ``INVALID_JSON``, ``NOT_FOUND``
        and what servers send.
    :ivar status: the HTTP status, or ``None`` where there was no answer.
    :ivar server_code: the code as the server wrote it, or ``None``.
    :ivar details: what the server said besides, or ``None``.
    :ivar run_id: the run that it is about, where the server named it.
    :ivar body: the answer, parsed where it is JSON; with what a run gave before it
        failed.
    :ivar message_object: the text that had arrived by block, of a stream.

    ``__cause__`` is specwire's own error, with the whole story in its text.
    """

    server_code: str | None = None
    details: Any = None
    run_id: str | None = None

    def __init__(
        self,
        message: str = "",
        code: str | None = None,
        status: int | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, **facts)
        self.code = code
        self.status = status

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asked to wait, or ``None``."""
        return self.retry_after_s


@contextlib.contextmanager
def speaking(fallback: str) -> Iterator[None]:
    """A block whose errors are official ones.

    :param fallback: the code of failures that nothing else names.
    """
    try:
        yield
    except SimStudioError:
        raise
    except SpecwireError as error:
        raise official(error, fallback) from error


def official(error: SpecwireError, fallback: str) -> SimStudioError:
    """The official error that stands for ``error``."""
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    said = inner if isinstance(inner, dict) else body if isinstance(body, dict) else {}
    text = inner if isinstance(inner, str) else said.get("message")
    in_stream = getattr(error, "in_stream", False)
    status = None if in_stream else getattr(error, "status_code", None) or None
    code = getattr(error, "code", None)  # ours, where nothing came from a server
    made = SimStudioError(
        text if isinstance(text, str) and text else error.message,
        _code(error, status, code, fallback),
        status,
        **{name: getattr(error, name) for name in _FACTS},
    )
    made.server_code = code if isinstance(error, APIStatusError) else None
    made.details = said.get("details")
    made.run_id = _run_id(error, said)
    return made


def _code(
    error: SpecwireError, status: int | None, server_code: str | None, fallback: str
) -> str:
    if status in _WHATEVER_IS_SAID:
        return _WHATEVER_IS_SAID[status]
    if isinstance(error, APITimeoutError):
        return TIMEOUT
    if isinstance(error, MissingCredentialError):
        return _UNAUTHORIZED
    if isinstance(error, CancelledError):
        return "CANCELLED"
    if status == 400 and _of_json(error, server_code):
        return _INVALID_JSON
    if server_code:
        return server_code
    if isinstance(error, RequestValidationError):
        return "INVALID_REQUEST"
    if isinstance(error, APIStatusError):
        if error.in_stream and "timed out" in error.message:
            return TIMEOUT
        if status is not None and 300 <= status < 400:
            return "REDIRECT"
        return _IF_NOTHING_IS_SAID.get(status or 0, fallback)
    return fallback


def _of_json(error: SpecwireError, server_code: str | None) -> bool:
    """Whether the body was no JSON to the server, however long it spells that."""
    if server_code:
        return server_code.upper().startswith(_INVALID_JSON)
    return "invalid json" in error.message.lower()


def _run_id(error: SpecwireError, said: dict[str, Any]) -> str | None:
    details = said.get("details")
    places = [details, error.body] if isinstance(details, dict) else [error.body]
    for place in places:
        for name in ("runId", "executionId"):
            found = place.get(name) if isinstance(place, dict) else None
            if isinstance(found, str):
                return found
    headers = getattr(error, "headers", {})
    return headers.get("x-run-id") or None
