"""Every error that specwire raises.

::

    SpecwireError
    ├── APIConnectionError            could not reach the server, or it broke off
    │   ├── APITimeoutError
    │   └── StreamError               a stream ended before its end
    ├── APIStatusError                the server answered with an error
    │   ├── BadRequestError 400  AuthenticationError 401  PermissionDeniedError 403
    │   ├── NotFoundError 404  ConflictError 409  RequestTooLargeError 413
    │   ├── UnprocessableEntityError 422  RateLimitError 429
    │   └── InternalServerError >= 500 ── OverloadedError 529
    ├── DecodeError                   the reply is not what the contract says
    ├── RequestValidationError        the request would be refused; nothing was sent
    │   └── UnsupportedCapabilityError    the provider does not declare what it needs
    ├── MissingCredentialError        no key for a call that needs one
    ├── CancelledError                the call was given up: cancelled or closed
    └── ManifestError  CircuitOpenError  BackpressureError  BudgetExceededError
        GuardrailError                raised by the optional layers

The facts are attributes as well: ``retryable`` and ``retry_after_s`` are what retry,
limiter and breaker agree by, ``request_id`` and ``attempts`` say which call it was,
``standard_code`` is AI-Protocol's. No error holds a credential, and all of them pickle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import standard_codes as _codes
from .exchanges import OfReply, OfRequest, described_body
from .exchanges import shortened as shortened
from .standard_codes import StandardErrorCode

_FACTS = (
    "retryable",
    "retry_after_s",
    "standard_code",
    "request_id",
    "attempts",
    "started",
)


class SpecwireError(OfRequest, Exception):
    """Base of all errors.

    :ivar retryable: the same call may succeed later (a fact about the failure; whether
        it is tried again also depends on the operation and on ``max_retries``).
    :ivar retry_after_s: how long the server asked to wait, in seconds, or ``None``.
    :ivar standard_code: AI-Protocol's code, ``E1001`` to ``E9999``: a ``str`` that
        knows its ``name``, ``category``, ``retryable`` and ``fallbackable``.
    :ivar request_id: the server's name for the last request, or ``None``.
    :ivar attempts: how many requests were made for the call; 0 when nothing was sent.
    :ivar started: the server may have begun to work on the request.
    :ivar body: what the server told, where it told anything.
    :ivar asked: the method and the URL of the request, where one was made.
    :ivar message_object: the message that the error is about, or what had arrived of
        it: of a stream that broke off, of a reply that is not of its format.
    """

    retryable: bool = False
    retry_after_s: float | None = None
    standard_code: StandardErrorCode = _codes.UNKNOWN
    request_id: str | None = None
    attempts: int = 0
    started: bool = False
    message_object: Any = None
    body: Any = None

    def __init__(self, message: Any = "", request: Any = None, **facts: Any) -> None:
        if not isinstance(message, str):  # APITimeoutError(request)
            message, request = "", message
        super().__init__(message)
        if request is not None:
            self.request = request
        if "standard_code" in facts:
            code = StandardErrorCode.from_code(facts["standard_code"])
            facts["standard_code"] = code
        for name, value in facts.items():
            setattr(self, name, value)

    @property
    def message(self) -> str:
        """The text without the class name."""
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, dict(self.__dict__))


def _restore(
    cls: type[SpecwireError], args: tuple[Any, ...], state: dict[str, Any]
) -> SpecwireError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class APIConnectionError(SpecwireError):
    """The server could not be reached, or the connection broke. ``E3001`` as a fact."""

    retryable = True
    standard_code = _codes.SERVER_ERROR
    started = True


class APITimeoutError(APIConnectionError):
    """A time limit ran out: of the connection, of a silence, or of the whole call."""

    standard_code = _codes.TIMEOUT


class StreamError(APIConnectionError):
    """A stream ended before its end.

    :ivar events_received: how many events had arrived; they stay readable.
    """

    retryable = False
    events_received: int = 0


class APIStatusError(OfReply, SpecwireError):
    """The server answered with an error status, or with an error inside a stream.

    :ivar status_code: the HTTP status.
    :ivar body: parsed JSON where the body is JSON, else its text.
    :ivar headers: the response headers.
    :ivar code: the service's own code, where the body names one.
    :ivar type: the service's error type (``overloaded_error``), where it names one.
    :ivar in_stream: the error came inside a stream that had begun with 200.
    """

    status_code: int = 0
    headers: Mapping[str, str] = {}
    code: str | None = None
    type: str | None = None
    in_stream: bool = False
    started = True


class BadRequestError(APIStatusError):
    """400: the request is malformed."""

    status_code = 400
    standard_code = _codes.INVALID_REQUEST


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong or expired."""

    status_code = 401
    standard_code = _codes.AUTHENTICATION


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""

    status_code = 403
    standard_code = _codes.PERMISSION_DENIED


class NotFoundError(APIStatusError):
    """404: there is no such thing, or no such path."""

    status_code = 404
    standard_code = _codes.NOT_FOUND


class ConflictError(APIStatusError):
    """409: the state changed meanwhile."""

    status_code = 409
    standard_code = _codes.CONFLICT


class RequestTooLargeError(APIStatusError):
    """413: the request is larger than the server takes."""

    status_code = 413
    standard_code = _codes.REQUEST_TOO_LARGE


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, but it makes no sense to the server."""

    status_code = 422
    standard_code = _codes.INVALID_REQUEST


class RateLimitError(APIStatusError):
    """429: too many requests or tokens."""

    status_code = 429
    standard_code = _codes.RATE_LIMITED


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""

    status_code = 500
    standard_code = _codes.SERVER_ERROR


class OverloadedError(InternalServerError):
    """529: the service has no capacity left for now."""

    status_code = 529
    standard_code = _codes.OVERLOADED


class DecodeError(OfReply, SpecwireError):
    """The reply is not what the contract says.

    :ivar body: what came: parsed JSON where it parses, else bytes.
    :ivar content_type: the reply's media type.
    :ivar status_code: the HTTP status.
    :ivar pointer: JSON Pointer to the first part that did not fit, where known.
    """

    content_type: str = ""
    status_code: int = 0
    pointer: str | None = None
    started = True


class RequestValidationError(SpecwireError, ValueError):
    """The request would be refused, or cannot be sent; nothing was sent.

    :ivar pointer: JSON Pointer into the request body.
    :ivar expected: what should be there, where a document says it (``strict=True``).
    """

    standard_code = _codes.INVALID_REQUEST
    pointer: str = ""
    expected: str = ""


class UnsupportedCapabilityError(RequestValidationError):
    """The provider does not declare what the request needs; nothing was sent.

    :ivar capability: what is missing, such as ``vision``.
    """

    standard_code = _codes.REQUEST_TOO_LARGE
    capability: str = ""


class MissingCredentialError(SpecwireError):
    """A call needs a credential and none was given; nothing was sent."""

    standard_code = _codes.AUTHENTICATION


class ManifestError(SpecwireError):
    """A provider's manifest cannot be used, or there is none of that name.

    :ivar problems: what is wrong with it, a line each.
    """

    problems: Sequence[str] = ()
    standard_code = _codes.INVALID_REQUEST


class CircuitOpenError(SpecwireError):
    """The circuit breaker refuses the call for now."""

    standard_code = _codes.OVERLOADED


class BackpressureError(SpecwireError):
    """Too many calls are in flight."""

    standard_code = _codes.RATE_LIMITED


class BudgetExceededError(SpecwireError):
    """A budget of cost or tokens is used up."""

    standard_code = _codes.QUOTA_EXHAUSTED


class GuardrailError(SpecwireError):
    """A guardrail refuses the call or its reply, for a ``rule`` and at a ``place``."""

    standard_code = _codes.INVALID_REQUEST
    rule = place = ""


class CancelledError(SpecwireError):
    """The call was given up: cancelled, or its client was closed.

    :ivar reason: the :class:`~specwire.core.cancelling.CancelReason` of the token that
        was cancelled; ``None`` where its client or its stream was closed.
    """

    standard_code = _codes.CANCELLED
    reason: str | None = None


# -- from a status or a type to a class --------------------------------------------

_BY_STATUS: dict[int, type[APIStatusError]] = {
    cls.status_code: cls
    for cls in (
        BadRequestError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        ConflictError,
        RequestTooLargeError,
        UnprocessableEntityError,
        RateLimitError,
        InternalServerError,
        OverloadedError,
    )
}
# Where what the body says is not what the status says.
_BY_CODE: dict[str, type[APIStatusError]] = {
    cls.standard_code.code: cls
    for cls in _BY_STATUS.values()
    if cls is not UnprocessableEntityError
} | {"E2002": RateLimitError, "E3003": InternalServerError}
_BY_TYPE: dict[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def status_class(status_code: int) -> type[APIStatusError]:
    """The class of a status; codes from 500 on are the server's failure."""
    usual = InternalServerError if status_code >= 500 else APIStatusError
    return _BY_STATUS.get(status_code, usual)


def status_of_type(error_type: Any) -> int:
    """The status that an error type inside a stream stands for; 500 if unknown."""
    return _BY_TYPE.get(error_type, 500) if isinstance(error_type, str) else 500


def status_error(
    where: str,
    status_code: int,
    body: Any,
    *,
    headers: Mapping[str, str] | None = None,
    retryable: bool,
    retry_after_s: float | None = None,
    request_id: str | None = None,
    in_stream: bool = False,
    place: str = "",
    standard_code: StandardErrorCode | None = None,
    described: tuple[str | None, str | None, str | None] = (None, None, None),
) -> APIStatusError:
    """The error for an answer with an error status; ``body`` is free of keys.

    ``standard_code`` is the status's unless somebody knows better, and ``described``
    (message, type, code) what is seen of the body by itself. ``place`` says where the
    error stood, if not in a reply with that status.
    """
    text, error_type, code = map(_either, described, described_body(body))
    known = StandardErrorCode.from_http_status(status_code)
    cls = status_class(status_code)
    if standard_code is not None and standard_code != known:
        cls = _BY_CODE.get(standard_code.code, cls)
    place = place or ("inside the stream" if in_stream else f"status {status_code}")
    named = f" {error_type or code}" if error_type or code else ""
    message = f"{where}: {place}{named}: {text}"
    if request_id:
        message += f"; request {request_id}"
    return cls(
        message,
        status_code=status_code,
        body=body,
        headers=headers or {},
        type=error_type,
        code=code,
        retryable=retryable,
        retry_after_s=retry_after_s,
        request_id=request_id,
        in_stream=in_stream,
        standard_code=standard_code or known,
    )


def _either(known: str | None, seen: str | None) -> Any:
    return seen if known is None else shortened(known)
