"""From a reply to an error: what its body says, with every credential blotted out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .errors import APIStatusError, DecodeError, shortened, status_error
from .retry import retry_after_s, retryable_status
from .wire import Headers, origin

if TYPE_CHECKING:
    from .wire import Call, Reply

_BLOT = "***"


def error_body(
    call: Call, reply: Reply, secrets: Iterable[str], now: float
) -> APIStatusError:
    """The error for a reply with an error status."""
    where = call.name
    if 300 <= reply.status_code < 400:
        where += f": redirected to {_target(reply)}, which was not followed"
    headers = {k: blotted(v, secrets) for k, v in reply.headers.items()}
    return status_error(
        where,
        reply.status_code,
        parsed(reply.body, secrets),
        headers=Headers(headers),
        retryable=retryable_status(reply.status_code, reply.headers),
        retry_after_s=retry_after_s(reply.headers, now),
        request_id=reply.request_id,
    )


def _target(reply: Reply) -> str:
    location = reply.headers.get("location")
    if not location:
        return "nowhere (no Location)"
    try:
        scheme, host, port = origin(location)
    except ValueError:
        return "an unreadable place"
    return f"{scheme}://{host}:{port}" if host else "the same origin"


def parsed(body: bytes, secrets: Iterable[str]) -> Any:
    """``body`` as JSON where it is JSON, else as text."""
    from .codec import loads

    body = blotted_data(body, secrets)
    try:
        return loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def blotted(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _BLOT)
    return text


def without_secrets(error: DecodeError, secrets: Iterable[str]) -> DecodeError:
    """``error`` without the credentials that the reply repeats, to be raised anew."""
    message = error.message
    for secret in secrets:
        message = message.replace(secret, _BLOT)
        # The message ends its quotation anywhere, also in the middle of a key.
        for size in range(len(secret) - 1, 7, -1):
            message = message.replace(secret[:size], _BLOT)
    error.args = (message,)
    error.content_type = blotted(error.content_type, secrets)
    error.body = blotted_data(error.body, secrets)
    # The frames that found the fault hold the reply's data.
    return error.with_traceback(None)


def blotted_data(data: Any, secrets: Iterable[str]) -> Any:
    if isinstance(data, str):
        return blotted(data, secrets)
    if isinstance(data, bytes):
        for secret in secrets:
            data = data.replace(secret.encode("latin-1"), _BLOT.encode())
        return data
    try:
        text = json.dumps(data)
    except RecursionError:
        return _BLOT
    shown = blotted(text, secrets)
    try:
        return data if shown == text else json.loads(shown)
    except ValueError:
        return shown  # a secret of digits may have been a number's


def reply_error(
    call: Call, reply: Reply, problem: str, *, pointer: str | None = None
) -> DecodeError:
    """The error for a reply that is not what the contract says.

    ``problem`` continues "the reply ...". The message shows status, content type, the
    first bytes and the request id.
    """
    kind = reply.headers.get("content-type", "") or "none"
    start = shortened(repr(reply.body[:60]), 100)
    message = (
        f"{call.name}: the reply {problem} (status {reply.status_code}, content-type "
        f"{kind[:80]}, starts {start}); is the base URL the API's?"
    )
    if reply.request_id:
        message += f" request {reply.request_id}"
    body: Any = reply.body
    if body:
        from .codec import loads

        try:
            body = loads(body)
        except ValueError:
            pass
    return DecodeError(
        message,
        body=body,
        content_type=reply.headers.get("content-type", ""),
        status_code=reply.status_code,
        request_id=reply.request_id,
        attempts=reply.attempts,
        pointer=pointer,
    )
