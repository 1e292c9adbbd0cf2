"""``with_raw_response`` and ``with_streaming_response``, of resources and the client.

A view stands in front of the client or of a resource; methods found through it make the
same call and return its reply (:mod:`.responses`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ...core.resource import Resource
from ...core.results import Bytes
from .responses import (
    APIResponse,
    BaseAPIResponse,
    BinaryAPIResponse,
    LegacyAPIResponse,
    Raw,
)

if TYPE_CHECKING:
    from ...core.resource import Extras, Limits, Operation
    from ...core.results import Arrived, Result

_ONE_REPLY = {"results": "rows"}
"""Methods that ask more than once, and the operation whose reply they are about."""


class RawView:
    """The operations behind ``target``; each returns its reply, not what it means.

    >>> client.messages.with_raw_response.create(...)  # doctest: +SKIP
    >>> client.with_raw_response.messages.create(...)  # doctest: +SKIP
    """

    _live = False

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        found = None if name[:1] == "_" else getattr(self._target, name, None)
        if isinstance(found, Resource):
            return type(self)(found)
        if not callable(found) or not isinstance(self._target, Resource):
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        return self._asking(found, _ONE_REPLY.get(name, name))

    def _asking(self, plain: Any, name: str) -> Any:
        @wraps(plain)
        def ask(*args: Any, **params: Any) -> Any:
            return _reply_of(self._target, name, self._live)(*args, **params)

        return ask

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._target) if name[:1] != "_"]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._target!r}>"


class StreamingView(RawView):
    """As :class:`RawView`, in a ``with``: the body is not read before it is asked for.

    >>> with client.messages.with_streaming_response.create(...) as response:
    ...     for line in response.iter_lines(): ...  # doctest: +SKIP
    """

    _live = True

    def _asking(self, plain: Any, name: str) -> Any:
        ask = super()._asking(plain, name)

        @wraps(plain)
        def manage(*args: Any, **params: Any) -> ResponseContextManager:
            return ResponseContextManager(lambda: ask(*args, **params))

        return manage


class ResponseContextManager:
    """The request is made on entering; on leaving, what was not read is given up."""

    def __init__(self, ask: Callable[[], APIResponse]) -> None:
        self._ask = ask
        self._response: APIResponse | None = None

    def __enter__(self) -> APIResponse:
        self._response = self._ask()
        return self._response

    def __exit__(self, *_: object) -> None:
        if self._response is not None:
            self._response.close()


def _reply_of(resource: Resource, name: str, live: bool) -> Callable[..., Any]:
    """The method ``name`` of a twin of ``resource`` whose calls give their replies."""
    twin: Any = copy.copy(resource)
    replies: list[BaseAPIResponse] = []

    def call(
        operation: Operation[Any], args: Any, limits: Limits, extras: Extras
    ) -> Any:
        asked = resource._prepare(operation, args, limits, extras)
        raw = Raw(operation.result, live=live, make=_kind(operation.result, live))
        asked.operation = evolve(operation, result=raw)
        client = resource._client
        reply: BaseAPIResponse = client._engine.send(asked, client._hooks)
        replies.append(reply)
        return reply if generated else reply.parse()

    twin._call = call
    method = getattr(twin, name)
    # A helper goes on with what its operation gives, so it gets that.
    generated = ".resources." in method.__module__

    def ask(*args: Any, **params: Any) -> BaseAPIResponse:
        value = method(*args, **params)
        if not replies:
            raise TypeError(
                f"{name} makes no single request, so it has no raw reply; use an "
                "operation, such as create(stream=True)"
            )
        if not generated:
            replies[-1].parsed_as(value)
        return replies[-1]

    return ask


def _kind(result: Result, live: bool) -> Callable[[Arrived, Result], BaseAPIResponse]:
    if live:
        return APIResponse
    return BinaryAPIResponse if isinstance(result, Bytes) else LegacyAPIResponse
