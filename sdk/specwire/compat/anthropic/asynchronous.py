"""The names of the async twin, which is not there yet.

They can be imported, because programs import what they do not use; using one says so.
"""

from __future__ import annotations

from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")


class NotYet:
    """Base of what cannot be made yet."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse(type(self).__name__)


class AsyncAnthropic(NotYet):
    """The client for asyncio."""


class AsyncAnthropicBedrock(NotYet):
    """The client for asyncio, at Bedrock."""


class AsyncAnthropicVertex(NotYet):
    """The client for asyncio, at Vertex."""


class AsyncStream(NotYet, Generic[T]):
    """Events as they arrive, for ``async for``."""


class AsyncPage(NotYet, Generic[T]):
    """A page of a list, for ``async for``."""


class AsyncMessageStream(NotYet):
    """A streamed message, for ``async for``."""


class AsyncMessageStreamManager(NotYet):
    """What ``async with`` opens a streamed message by."""


class AsyncAPIResponse(NotYet, Generic[T]):
    """A reply that is not parsed."""


class DefaultAsyncHttpxClient(NotYet):
    """Connections of the async client."""


class DefaultAioHttpClient(NotYet):
    """Connections of the async client, by aiohttp."""


def beta_async_tool(*_: Any, **__: Any) -> NoReturn:
    """A tool whose function is awaited."""
    _refuse("beta_async_tool")


def _refuse(name: str) -> NoReturn:
    raise NotImplementedError(
        f"{name}: specwire has no async twin yet; the synchronous client is safe to "
        "share between threads, e.g. of a ThreadPoolExecutor"
    )
