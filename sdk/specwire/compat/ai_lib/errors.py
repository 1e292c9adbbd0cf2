"""``ai_lib_python.errors``: its classes, raised in place of ours, and its codes.

Each error's cause is ours, with everything that is known of the failure; ``retryable``,
``fallbackable``, ``standard_code``, ``request_id`` and ``attempts`` are the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from ...core import errors as _ours
from ...core.standard_codes import (
    ALL,
    INVALID_REQUEST,
    SERVER_ERROR,
    UNKNOWN,
    StandardErrorCode,
)

__all__ = [
    "STANDARD_ERROR_CODES",
    "AiLibError",
    "AiRuntimeError",
    "ErrorClass",
    "ErrorContext",
    "PipelineError",
    "ProtocolError",
    "RemoteError",
    "RuntimeError",
    "StandardErrorCode",
    "TransportError",
    "ValidationError",
    "classify_http_error",
    "from_error_class",
    "from_http_status",
    "from_name",
    "is_fallbackable",
    "is_retryable",
    "translated",
    "translation",
]

STANDARD_ERROR_CODES = {code.code: code for code in ALL}
from_http_status = StandardErrorCode.from_http_status
from_name = StandardErrorCode.from_name


class ErrorClass(str, Enum):
    """The names of the standard codes; the unknown one is ``other`` here."""

    INVALID_REQUEST = "invalid_request"
    AUTHENTICATION = "authentication"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    REQUEST_TOO_LARGE = "request_too_large"
    TIMEOUT = "timeout"
    CONFLICT = "conflict"
    CANCELLED = "cancelled"
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    OTHER = "other"

    @property
    def standard_code(self) -> StandardErrorCode:
        return StandardErrorCode.from_name(self.value)

    def __str__(self) -> str:
        return str(self.value)


def from_error_class(error_class: Any) -> StandardErrorCode:
    """The code of an :class:`ErrorClass`, or of its name."""
    return StandardErrorCode.from_name(getattr(error_class, "value", error_class))


def _class_of(code: StandardErrorCode) -> ErrorClass:
    return ErrorClass.OTHER if code == UNKNOWN else ErrorClass(code.name)


def is_retryable(error_class: Any) -> bool:
    return from_error_class(error_class).retryable


def is_fallbackable(error_class: Any) -> bool:
    return from_error_class(error_class).fallbackable


class ErrorContext:
    """Where an error comes from, and what may help."""

    def __init__(
        self,
        field_path: str | None = None,
        details: dict[str, Any] | None = None,
        source: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.field_path = field_path
        self.details = details or {}
        self.source = source
        self.hint = hint

    def __repr__(self) -> str:
        return f"ErrorContext({self.source!r}, {self.details!r})"


class AiLibError(Exception):
    """Base of all; the facts are those of the error of ours that is its cause."""

    source = ""
    standard_code: StandardErrorCode = UNKNOWN
    retryable: bool = False
    fallbackable: bool = False
    request_id: str | None = None
    attempts: int = 0

    def __init__(
        self, message: str = "", context: ErrorContext | None = None, **facts: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.context = context or ErrorContext(source=self.source)
        self.__dict__.update(facts)

    def with_hint(self, hint: str) -> AiLibError:
        """The error, with what may help."""
        self.context.hint = hint
        return self


class ProtocolError(AiLibError):
    """A manifest cannot be used, or there is none of that name."""

    source = "protocol"
    standard_code = INVALID_REQUEST


class TransportError(AiLibError):
    """The provider could not be reached, or the connection broke."""

    source = "transport"
    standard_code = SERVER_ERROR
    url: str | None = None
    status_code: int | None = None


class PipelineError(AiLibError):
    """A reply is not what its manifest says."""

    source = "pipeline"
    operator: str | None = None


class ValidationError(AiLibError):
    """The request would be refused; nothing was sent."""

    source = "validation"
    standard_code = INVALID_REQUEST
    field: str | None = None


class RuntimeError(AiLibError):
    """What is none of the others: a missing key, a call that was cancelled."""

    source = "runtime"


AiRuntimeError = RuntimeError


class RemoteError(AiLibError):
    """The provider answered with an error.

    :ivar error_class: what it means; also ``error_type``.
    :ivar raw_error: the error's body.
    :ivar retry_after: how long the provider asks to wait, in seconds.
    """

    source = "remote"

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        error_class: ErrorClass | str = ErrorClass.OTHER,
        retryable: bool | None = None,
        fallbackable: bool | None = None,
        raw_error: Any = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, **facts)
        self.status_code = status_code
        self.error_class = ErrorClass(error_class)
        self.standard_code = code = self.error_class.standard_code
        self.retryable = code.retryable if retryable is None else retryable
        self.fallbackable = code.fallbackable if fallbackable is None else fallbackable
        self.raw_error = {} if raw_error is None else raw_error
        self.retry_after = retry_after
        self.request_id = request_id

    @property
    def error_type(self) -> ErrorClass:
        return self.error_class

    @classmethod
    def from_response(
        cls,
        status_code: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        provider_classification: Any = None,
    ) -> RemoteError:
        """The error of a reply.

        :param provider_classification: a manifest, whose tables are asked first.
        """
        from ...core.retry import retry_after_s
        from ...core.wire import Headers, request_id_of

        told = Headers.of((headers or {}).items())
        code = classify_http_error(status_code, body, provider_classification)
        inner = body.get("error") if isinstance(body, dict) else None
        message = inner.get("message") if isinstance(inner, dict) else inner
        return cls(
            message if isinstance(message, str) else f"HTTP {status_code}",
            status_code=status_code,
            error_class=code,
            raw_error=body,
            retry_after=retry_after_s(told, 0.0),
            request_id=request_id_of(told),
        )


def classify_http_error(
    status_code: int, body: Any = None, manifest: Any = None
) -> ErrorClass:
    """What an error's status and body mean, by a manifest or as OpenAI has it."""
    from ...chat.failures import classify
    from ...chat.manifest import Manifest

    known = manifest if isinstance(manifest, Manifest) else Manifest.builtin("openai")
    return _class_of(classify(known, status_code, body))


# -- from ours to theirs -------------------------------------------------------------


def translation(error: _ours.SpecwireError) -> AiLibError:
    """The error of theirs that stands for ``error``."""
    facts: dict[str, Any] = {
        "standard_code": error.standard_code,
        "retryable": error.retryable,
        "fallbackable": error.standard_code.fallbackable,
        "request_id": error.request_id,
        "attempts": error.attempts,
    }
    if isinstance(error, _ours.APIStatusError):
        code = facts.pop("standard_code")
        return RemoteError(
            error.message,
            status_code=error.status_code,
            error_class=_class_of(code),
            raw_error=error.body,
            retry_after=error.retry_after_s,
            **facts,
        )
    for ours, theirs in _TRANSLATIONS:
        if isinstance(error, ours):
            return theirs(error.message, **facts)
    return AiLibError(error.message, **facts)


_TRANSLATIONS: tuple[tuple[type[Exception], type[AiLibError]], ...] = (
    (_ours.APIConnectionError, TransportError),
    (_ours.ManifestError, ProtocolError),
    (_ours.RequestValidationError, ValidationError),
    (_ours.DecodeError, PipelineError),
    (_ours.CancelledError, RuntimeError),
    (_ours.MissingCredentialError, RuntimeError),
)
_RAISED_AS_THEY_ARE = (_ours.CircuitOpenError, _ours.BackpressureError)
"""Resilience's own, which programs import from there."""


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise theirs where ours come up; ours is the cause."""
    try:
        yield
    except _RAISED_AS_THEY_ARE:
        raise
    except _ours.SpecwireError as error:
        raise translation(error) from error
