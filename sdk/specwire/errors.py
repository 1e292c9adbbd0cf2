"""The errors that specwire raises, under their public name.

They are defined, with the tree they form, in ``specwire.core.errors``.
"""

from __future__ import annotations

from .core.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BackpressureError,
    BadRequestError,
    BudgetExceededError,
    CancelledError,
    CircuitOpenError,
    ConflictError,
    DecodeError,
    GuardrailError,
    InternalServerError,
    ManifestError,
    MissingCredentialError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RateLimitError,
    RequestTooLargeError,
    RequestValidationError,
    SpecwireError,
    StreamError,
    UnprocessableEntityError,
    UnsupportedCapabilityError,
)

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BackpressureError",
    "BadRequestError",
    "BudgetExceededError",
    "CancelledError",
    "CircuitOpenError",
    "ConflictError",
    "DecodeError",
    "GuardrailError",
    "InternalServerError",
    "ManifestError",
    "MissingCredentialError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTooLargeError",
    "RequestValidationError",
    "SpecwireError",
    "StreamError",
    "UnprocessableEntityError",
    "UnsupportedCapabilityError",
]
