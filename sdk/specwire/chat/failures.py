"""What a provider's error is: its standard code, and the error of ours for it.

What the body says comes first (the provider's own codes, then its status words), then
the provider's table of HTTP statuses, then HTTP's; what nobody knows is ``E9999``. A
type is a weaker word than a code: where it says only that the request or the server was
at fault, a status that says more wins. A quota is taken for exhausted only by exact
marks, because waiting does not help then. No shape of body can make the classification
fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import APIStatusError, status_error
from ..core.replies import blotted, error_body, parsed
from ..core.retry import retry_after_s
from ..core.standard_codes import (
    INVALID_REQUEST,
    OVERLOADED,
    QUOTA_EXHAUSTED,
    SERVER_ERROR,
    UNKNOWN,
    StandardErrorCode,
)
from ..core.wire import Headers
from . import programs

if TYPE_CHECKING:
    from ..core.wire import Call, Reply
    from .manifest import Manifest

_VAGUE: Final = (INVALID_REQUEST, SERVER_ERROR, UNKNOWN)
_QUOTA_CODES: Final = (
    "insufficient_quota",
    "quota_exceeded",
    "billing_hard_limit_reached",
)
_QUOTA_TEXTS: Final = ("exceeded your current quota",)
_UNITS: Final = {"ms": 0.001, "milliseconds": 0.001, "s": 1.0, "seconds": 1.0}
_SECONDS: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s").fullmatch


def classify(
    manifest: Manifest, http_status: int | None, body: Any
) -> StandardErrorCode:
    """The standard code of an error, of its status and its parsed body.

    :param http_status: ``None`` or a success for an error inside a stream.
    """
    said = _Said(manifest, body)
    errors = manifest.data.get("errors") or {}
    by_code: Mapping[str, Any] = errors.get("by_code") or {}
    by_status: Mapping[str, Any] = errors.get("by_status") or {}
    code = _first(by_code, said.codes) or _first(by_status, said.statuses)
    if code is None:
        code = _first(by_status, said.codes) or _first(by_code, said.statuses)
    if code is not None and code not in _VAGUE:
        return code
    marked = _marked(errors, said)
    typed = _first(by_code, said.types)
    if marked is not None or code is not None:
        # A code may say no more than whose fault it was, and the type more.
        known = code if typed is None or typed in _VAGUE else typed
        return marked or known or UNKNOWN
    status = _of_status(errors, http_status, said.numbers)
    if typed is None or (typed in _VAGUE and status not in _VAGUE):
        return status
    return typed


def error_of(
    manifest: Manifest, call: Call, reply: Reply, secrets: Sequence[str], now: float
) -> APIStatusError:
    """The error of a reply with an error status: what ``Operation.failure`` asks
    for."""
    if reply.status_code < 400:  # a redirect that was not followed
        return error_body(call, reply, secrets, now)
    headers = Headers({k: blotted(v, secrets) for k, v in reply.headers.items()})
    body = parsed(reply.body, secrets)
    wish = retry_after_s(reply.headers, now)
    return _made(manifest, call, reply, body, headers, reply.status_code, wish)


def in_stream(
    manifest: Manifest, call: Call, reply: Reply, frame: Any, *, whole: bool = False
) -> APIStatusError:
    """The error of an error inside a stream that had begun with 200.

    ``frame`` is its JSON, free of keys; ``whole`` where it is all that came.
    """
    error = _made(manifest, call, reply, frame, reply.headers, None, None, whole=whole)
    error.in_stream = not whole
    return error


def _made(
    manifest: Manifest,
    call: Call,
    reply: Reply,
    body: Any,
    headers: Mapping[str, str],
    http_status: int | None,
    wish: float | None,
    *,
    whole: bool = False,
) -> APIStatusError:
    said = _Said(manifest, body)
    code = classify(manifest, http_status, body)
    status = http_status or (529 if code == OVERLOADED else code.http_status or 500)
    error = status_error(
        call.name,
        status,
        body,
        headers=headers,
        retryable=_retryable(manifest, code, http_status, said, headers),
        retry_after_s=_asked_to_wait(manifest, said) if wish is None else wish,
        request_id=reply.request_id or said.request_id,
        in_stream=http_status is None,
        place=f"an error with status {reply.status_code}" if whole else "",
        standard_code=code,
        described=(said.message, said.type, said.code),
    )
    error.attempts = reply.attempts
    return error


# -- what the body says ------------------------------------------------------------


class _Said:
    """The facts of an error's body, each by the manifest's paths."""

    def __init__(self, manifest: Manifest, body: Any) -> None:
        if isinstance(body, list) and len(body) == 1:
            body = body[0]  # Gemini's errors of a stream of JSON are in an array
        paths: Mapping[str, Any] = manifest.data.get("errors") or {}
        self.body = body
        codes = list(_values(body, paths.get("code")))
        self.codes = _texts(codes)
        self.types = _texts(_values(body, paths.get("type")))
        self.statuses = _texts(_values(body, paths.get("status")))
        self.numbers = [n for n in map(_http_number, codes) if n is not None]
        self.messages = _texts(_values(body, paths.get("message")))
        self.request_id = next(
            iter(_texts(_values(body, paths.get("request_id")))), None
        )

    @property
    def message(self) -> str | None:
        return self.messages[0] if self.messages else None

    @property
    def type(self) -> str | None:
        return next(iter((*self.types, *self.statuses)), None)

    @property
    def code(self) -> str | None:
        return self.codes[0] if self.codes else None


def _values(body: Any, paths: Any) -> Iterator[Any]:
    for path in paths or ():
        yield from programs.several(path)((body,))


def _texts(values: Iterable[Any]) -> list[str]:
    """The values that are words; a number is one as well."""
    found = []
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            found.append(value)
    return list(dict.fromkeys(found))


def _http_number(code: Any) -> int | None:
    """A code that is an HTTP status, as some providers have it."""
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    known = isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600
    return code if known else None


def _first(table: Mapping[str, Any], words: Iterable[str]) -> StandardErrorCode | None:
    """What the first word that the table knows means."""
    for word in words:
        if word in table:
            return StandardErrorCode.from_code(table[word])
    return None


def _marked(errors: Mapping[str, Any], said: _Said) -> StandardErrorCode | None:
    """What an exact mark in the body means: a quota used up, or a text of the
    manifest."""
    words = {*said.codes, *said.types, *said.statuses}
    if not words.isdisjoint(_QUOTA_CODES):
        return QUOTA_EXHAUSTED
    texts = [message.lower() for message in said.messages]
    for mark, code in errors.get("by_message") or ():
        if any(str(mark).lower() in text for text in texts):
            return StandardErrorCode.from_code(code)
    if any(mark in text for text in texts for mark in _QUOTA_TEXTS):
        return QUOTA_EXHAUSTED
    return None


def _of_status(
    errors: Mapping[str, Any], http_status: int | None, numbers: Sequence[int]
) -> StandardErrorCode:
    """By the provider's table of statuses, then by HTTP's."""
    table: Mapping[str, Any] = errors.get("by_http") or {}
    for status in (http_status, *numbers):
        if status is None or isinstance(status, bool) or not isinstance(status, int):
            continue
        found = table.get(str(status))
        code = StandardErrorCode.from_code(found)
        if found is None:
            code = StandardErrorCode.from_http_status(status)
        if code != UNKNOWN:
            return code
    return UNKNOWN


# -- what follows from it ----------------------------------------------------------


def _retryable(
    manifest: Manifest,
    code: StandardErrorCode,
    http_status: int | None,
    said: _Said,
    headers: Mapping[str, str],
) -> bool:
    word = headers.get("x-should-retry") if http_status is not None else None
    if word in ("true", "false"):
        return word == "true"
    if code.retryable or code == QUOTA_EXHAUSTED:
        return code.retryable
    policy: Mapping[str, Any] = manifest.data.get("retry") or {}
    return (
        http_status in (policy.get("http") or ())
        or not {*said.statuses, *said.types}.isdisjoint(policy.get("status") or ())
        or not {*said.codes, code.code, code.name}.isdisjoint(policy.get("code") or ())
    )


def _asked_to_wait(manifest: Manifest, said: _Said) -> float | None:
    """How long the body asks to wait, in seconds: in its text, or as Google has it."""
    spec = (manifest.data.get("errors") or {}).get("retry_after")
    if spec:
        pattern = manifest.built("retry_after", lambda _: re.compile(spec["pattern"]))
        unit = _UNITS.get(str(spec.get("unit") or "s"), 1.0)
        for message in said.messages:
            found = pattern.search(message)
            if found is not None:
                return _seconds(found.group(found.lastindex or 0), unit)
    inner = said.body.get("error") if isinstance(said.body, dict) else None
    details = inner.get("details") if isinstance(inner, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        found = _SECONDS(delay) if isinstance(delay, str) else None
        if found is not None:
            return float(found.group(1))
    return None


def _seconds(text: str, unit: float) -> float | None:
    try:
        seconds = float(text) * unit
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
