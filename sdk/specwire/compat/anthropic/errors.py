"""The errors under their official names; they are specwire's own classes.

``AnthropicError`` and ``APIError`` are the base of all, so that what catches one of
them catches everything that a call raises.
"""

from __future__ import annotations

from ...core.errors import APIConnectionError as APIConnectionError
from ...core.errors import APIStatusError as APIStatusError
from ...core.errors import APITimeoutError as APITimeoutError
from ...core.errors import AuthenticationError as AuthenticationError
from ...core.errors import BadRequestError as BadRequestError
from ...core.errors import ConflictError as ConflictError
from ...core.errors import DecodeError as APIResponseValidationError
from ...core.errors import InternalServerError as InternalServerError
from ...core.errors import NotFoundError as NotFoundError
from ...core.errors import OverloadedError as OverloadedError
from ...core.errors import PermissionDeniedError as PermissionDeniedError
from ...core.errors import RateLimitError as RateLimitError
from ...core.errors import RequestTooLargeError as RequestTooLargeError
from ...core.errors import SpecwireError as AnthropicError
from ...core.errors import UnprocessableEntityError as UnprocessableEntityError

APIError = AnthropicError
# 503 and 504 are a server's failure like the others.
ServiceUnavailableError = DeadlineExceededError = InternalServerError


class APIWebhookValidationError(AnthropicError):
    """A webhook's signature is wrong. Nothing raises it: none are checked here."""


class RetryableError(AnthropicError):
    """What middleware raises to be called again. Nothing raises it: see ``Hook``."""


__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "APIWebhookValidationError",
    "AnthropicError",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "DeadlineExceededError",
    "InternalServerError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTooLargeError",
    "RetryableError",
    "ServiceUnavailableError",
    "UnprocessableEntityError",
]
