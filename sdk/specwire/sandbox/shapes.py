"""Error replies in each API's own shape, and the kinds that belong to a status.

Shapes: ``{"type": "error", "error": {"type", "message"}, "request_id"}`` for the
Messages API, ``{"error": {"code", "message", "details"}}`` for the second contract of
the workflow API, ``{"error", "code"}`` for everything else.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import Any, Protocol

import attrs

from .chat import limits
from .contracts import SECOND
from .faults import Fault
from .state import State
from .values import Refused, Response, dump_json, json_response

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_MESSAGES = {
    400: "Invalid request",
    401: "invalid x-api-key",
    402: "Your credit balance is too low",
    403: "Your key may not use this resource",
    404: "Not found",
    408: "Request timeout",
    409: "Conflict",
    413: "Request exceeds the maximum size",
    422: "Unprocessable request",
    429: "Number of requests has exceeded your rate limit",
    500: "Internal server error",
    503: "Service unavailable",
    504: "Request timeout",
    529: "Overloaded",
}
_SIM = {
    401: ("Unauthorized: Invalid API key", ""),
    402: ("Usage limit exceeded", "USAGE_LIMIT_EXCEEDED"),
    403: ("Workflow is not deployed", ""),
    404: ("Workflow not found", ""),
    429: ("Rate limit exceeded", "RATE_LIMIT_EXCEEDED"),
    500: ("Workflow execution failed", "EXECUTION_ERROR"),
    503: ("Service overloaded", "SERVICE_OVERLOADED"),
}


_SECOND = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    402: "USAGE_LIMIT_EXCEEDED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    423: "LOCKED",
    429: "RATE_LIMITED",
    499: "CLIENT_CLOSED_REQUEST",
    503: "SERVICE_UNAVAILABLE",
}
"""The second contract has one code a status; what is finer stands in the details."""


def error_type(status: int) -> str:
    """The Messages API's error type for ``status``."""
    usual = "invalid_request_error" if status < 500 else "api_error"
    return _TYPES.get(status, usual)


def error_body(refused: Refused, request_id: str) -> dict[str, Any]:
    """``refused`` as the Messages API's error object."""
    kind = refused.kind or error_type(refused.status)
    return {
        "type": "error",
        "error": {"type": kind, "message": refused.message},
        "request_id": request_id,
    }


def second_error(refused: Refused) -> dict[str, Any]:
    """``refused`` as the second contract of the workflow API has it."""
    usual = "BAD_REQUEST" if refused.status < 500 else "INTERNAL_ERROR"
    code = _SECOND.get(refused.status, usual)
    error: dict[str, Any] = {"code": code, "message": refused.message}
    if refused.details is not None:
        error["details"] = refused.details
    return {"error": error}


@attrs.frozen
class Voice:
    """How one of our services speaks of failure; a provider of chat has its own."""

    service: str

    def refusal(self, refused: Refused, request_id: str) -> Response:
        """``refused`` as the service would say it."""
        if self.service == "anthropic":
            body = error_body(refused, request_id)
        elif self.service == SECOND:
            body = second_error(refused)
        else:
            # The API makes the code from the message where it has none of its own.
            code = refused.kind or "_".join(refused.message.upper().split())
            body = {"error": refused.message, "code": code}
        return json_response(body, status=refused.status, headers=refused.headers)

    def ordered(self, status: int) -> Refused:
        """What the service says where it answers ``status`` for no reason."""
        message, kind = _MESSAGES.get(status, "Error"), ""
        if self.service != "anthropic":
            message, kind = _SIM.get(status, (message, ""))
        return Refused(status, message, kind=kind)

    def broken(self, kind: str, response: Response) -> bytes:
        """The event that ends ``response``, a stream, in the middle."""
        if self.service != "anthropic":
            return sse({"event": "error", "error": kind})
        message = kind.removesuffix("_error").replace("_", " ").capitalize()
        error = {"type": "error", "error": {"type": kind, "message": message}}
        return sse(error, event="error")

    def marks(self, request_id: str, state: State) -> list[tuple[str, str]]:
        """The headers of all its answers."""
        if self.service != "anthropic":
            return [("x-request-id", request_id)]
        return [("request-id", request_id), *limits.headers("anthropic", state)]


class Speaker(Protocol):
    """What a voice has to have."""

    def refusal(self, refused: Refused, request_id: str) -> Response: ...
    def ordered(self, status: int) -> Refused: ...
    def broken(self, kind: str, response: Response) -> bytes: ...
    def marks(self, request_id: str, state: State) -> list[tuple[str, str]]: ...


def fault_response(voice: Speaker, fault: Fault, request_id: str) -> Response:
    """The answer that ``fault`` puts in the place of the real one."""
    status = fault.status or 200
    if isinstance(fault.body, bytes):
        return Response(status, fault.body, content_type="text/plain; charset=utf-8")
    if fault.body is not None:
        return json_response(fault.body, status=status)
    if status < 400:
        return Response(status)
    return voice.refusal(voice.ordered(status), request_id)


def broken_stream(voice: Speaker, response: Response, kind: str) -> Response:
    """The first three events of a stream, then an error event, then its end."""
    assert response.events is not None
    begin = islice(response.events, 3)
    ending = iter([voice.broken(kind, response)])
    return attrs.evolve(response, events=chain(begin, ending))


def sse(data: Any, *, event: str = "") -> bytes:
    """One server-sent event with JSON data."""
    head = f"event: {event}\n".encode() if event else b""
    return head + b"data: " + dump_json(data) + b"\n\n"
