"""Who may call an operation: the document's ``security``, with the sandbox's keys."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from .documents import Document, follow
from .routing import Operation
from .values import Refused, Request

_MISSING = {
    "anthropic": "x-api-key header is required",
    "sim": "Unauthorized: API key required",
}
_WRONG = {"anthropic": "invalid x-api-key", "sim": "Unauthorized: Invalid API key"}


def authorize(
    request: Request, operation: Operation, document: Document, key: str
) -> None:
    """Let the request pass if it shows ``key`` in one of the ways the document allows.

    Where none is needed, a wrong one is refused all the same.

    :raises Refused: 401, saying whether the key is missing or wrong.
    """
    if not operation.security:
        return
    shown = [
        value
        for alternative in operation.security
        for scheme in alternative
        for value in _shown(request, _scheme(document, scheme))
    ]
    if key in shown or (not shown and {} in operation.security):
        return
    texts = _WRONG if shown else _MISSING
    message = texts.get(operation.service, "the API key is missing or wrong")
    kind = ""
    if operation.service == "sim" and request.method == "GET":
        message, kind = "Authentication required", "AUTHENTICATION_REQUIRED"
    raise Refused(401, message, kind=kind)


def _scheme(document: Document, name: str) -> Mapping[str, Any]:
    _, scheme = follow(document, f"/components/securitySchemes/{name}")
    return scheme if isinstance(scheme, Mapping) else {}


def _shown(request: Request, scheme: Mapping[str, Any]) -> Iterator[str]:
    """The credentials that the request carries where ``scheme`` has them."""
    if scheme.get("type") == "apiKey":
        yield from _api_keys(request, scheme)
        return
    word, _, value = request.headers.get("authorization", "").partition(" ")
    if not value:
        return
    if word.lower() == "basic" and scheme.get("scheme", "").lower() == "basic":
        yield _password(value)
    elif word.lower() == "bearer" and scheme.get("scheme", "").lower() != "basic":
        yield value.strip()


def _api_keys(request: Request, scheme: Mapping[str, Any]) -> Iterator[str]:
    name = scheme.get("name", "")
    if scheme.get("in") == "header" and request.headers.get(name):
        yield request.headers[name]
    elif scheme.get("in") == "query":
        yield from (value for key, value in request.query_pairs if key == name)
    elif scheme.get("in") == "cookie":
        for pair in request.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value


def _password(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    return text.partition(":")[2]
