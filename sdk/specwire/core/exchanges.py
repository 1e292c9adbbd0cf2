"""The request and the reply that an error is about, as small values to look at.

Errors keep facts, so that they can be pickled and hold no credential; these are made of
them when somebody asks. They are named as HTTP libraries name theirs, whose own objects
can be given in their place. What an error's body says in words is read here as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """What was asked: the method and the URL, without a credential."""

    method: str
    url: str


class Told(NamedTuple):
    """What the server told: ``body`` is parsed where it was JSON.

    ``content`` and ``text`` are made of it, so blanks may be others than were sent.
    """

    status_code: int
    headers: Mapping[str, str]
    body: Any
    request: Any = None

    @property
    def text(self) -> str:
        if isinstance(self.body, bytes):
            return self.body.decode("utf-8", "replace")
        if isinstance(self.body, str):
            return self.body
        return "" if self.body is None else json.dumps(self.body, ensure_ascii=False)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.text.encode()

    @property
    def url(self) -> str:
        """What was asked, where it is known."""
        return str(self.request.url) if self.request is not None else ""

    def json(self) -> Any:
        """The body as JSON.

        :raises ValueError: where it is none.
        """
        return json.loads(self.text)


class OfRequest:
    """An error that a request may have led to."""

    asked: tuple[str, str] | None = None

    @property
    def request(self) -> Any:
        """What was asked, as ``method`` and ``url``; ``None`` where nothing was."""
        given = self.__dict__.get("_request")
        if given is not None or self.asked is None:
            return given
        return Asked(*self.asked)

    @request.setter
    def request(self, request: Any) -> None:
        self.__dict__["_request"] = request


class OfReply(OfRequest):
    """An error that a reply told of."""

    status_code: int = 0
    body: Any = None
    headers: Mapping[str, str] = {}
    request_id: str | None = None

    @property
    def response(self) -> Any:
        """The reply as ``status_code``, ``headers``, ``text``, ``json()``, ``request``.

        One that is given to the constructor stays what it is, and says the rest.
        """
        given = self.__dict__.get("_response")
        if given is not None:  # a failed reply is false to some libraries
            return given
        return Told(self.status_code, self.headers, self.body, self.request)

    @response.setter
    def response(self, response: Any) -> None:
        self.__dict__["_response"] = response
        self.status_code = getattr(response, "status_code", self.status_code)
        self.headers = getattr(response, "headers", self.headers)
        self.request_id = self.headers.get("request-id") or self.request_id
        # By this name: httpx raises where a response was made without its request.
        self.__dict__.setdefault("_request", getattr(response, "_request", None))


# -- what a body says ---------------------------------------------------------------


def described_body(body: Any) -> tuple[str, str | None, str | None]:
    """Message, type and code out of the shapes that error bodies have."""
    if isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict):
        body = body[0]  # streams of JSON have their errors in an array
    if not isinstance(body, dict):
        text = body if isinstance(body, str) else _shown(body)
        return shortened(text) or "no body", None, None
    error = body.get("error")
    inner = error if isinstance(error, dict) else body
    message = inner.get("message")
    if not isinstance(message, str):
        message = error if isinstance(error, str) else body.get("detail")
    if not isinstance(message, str):
        message = _shown(body)
    return shortened(message), _text(inner.get("type")), _text(inner.get("code"))


def _shown(body: Any) -> str:
    try:
        return repr(body)
    except RecursionError:
        return "a deeply nested body"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def shortened(text: str, limit: int = 500) -> str:
    """``text`` in one line of at most ``limit`` characters."""
    text = " ".join(text[: limit * 2].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
