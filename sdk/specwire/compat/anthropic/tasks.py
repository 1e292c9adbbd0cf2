"""What the async side of the drop-in has by hand: where its names are other ones.

All else of it is written from the synchronous side (``openapi/twins.toml``). Nothing is
decided here: a face hands on what it is asked.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ...aio.client import AsyncClient
from ...aio.download import AsyncDownload
from ...aio.paging import AsyncPage, AsyncPages
from ...aio.stream import AsyncStream
from ...aio.twin import Iteration, Twin
from ...core.stream import Stream
from .async_http_clients import connections
from .exchange import HTTPResponse
from .lent import METHODS
from .views import RawView, StreamingView

T = TypeVar("T")


class Front(AsyncClient):
    """What ``AsyncAnthropic`` and its platforms have besides their settings."""

    _of: Any

    @classmethod
    def _built(cls, make: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            made = super()._built(make, *args, **kwargs)
        finally:
            del args, kwargs
        made._engine.transport = connections
        return made

    @property
    def with_raw_response(self) -> Any:
        """Each operation's reply: headers and body; ``parse()`` is its value."""
        return self._given(self._of.with_raw_response)

    @property
    def with_streaming_response(self) -> Any:
        """The same in ``async with``: a body is not read before it is asked for."""
        return self._given(self._of.with_streaming_response)

    def get_api_list(
        self,
        path: str,
        *,
        model: type[T],
        page: Any = None,
        body: Any = None,
        options: Mapping[str, Any] | None = None,
        method: str = "get",
    ) -> AsyncPages[T]:
        """Ask for a list whose items are of type ``model``; iterating reads it all."""
        return AsyncPages(
            self._run(
                self._of.get_api_list,
                path,
                model=model,
                page=page,
                body=body,
                options=options,
                method=method,
            )
        )


# -- replies -----------------------------------------------------------------------


class AsyncHTTPResponse(Twin[HTTPResponse]):
    """A reply like ``httpx.Response``: ``aread()`` waits, ``read()`` has what is here.

    The async face of :class:`~specwire.compat.anthropic.exchange.HTTPResponse`.
    """

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                return super().__getattr__(name)
            return getattr(self._of, name)

    async def aread(self) -> bytes:
        """The whole body, which is kept."""
        return await self._run(self._of.read)

    def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body as it arrives, or in pieces of ``chunk_size`` bytes."""
        return Iteration(self._of.iter_bytes(chunk_size))

    aiter_raw = aiter_bytes

    def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """The body as text; a character is never cut."""
        return Iteration(self._of.iter_text(chunk_size))

    def aiter_lines(self) -> AsyncIterator[str]:
        """The lines of the body, without their ends."""
        return Iteration(self._of.iter_lines())

    async def aclose(self) -> None:
        """Read no more; the connection is given up unless the body was read whole."""
        await self._run(self._of.close)


class AsyncReply(Twin[Any]):
    """What all replies that are not parsed have by hand."""

    @staticmethod
    def _as_sync(to: Any) -> Any:
        """``to`` of ``parse(to=...)`` as the synchronous side calls it."""
        if getattr(to, "__origin__", to) is AsyncStream:
            return Stream[to.__args__] if hasattr(to, "__args__") else Stream
        return HTTPResponse if to is AsyncHTTPResponse else to


class AsyncParsing(AsyncReply):
    """A reply that was read, or whose stream begins without waiting."""

    def parse(self, *, to: Any = None) -> Any:
        """What the plain call returns, or the body as a ``to``; made once."""
        return self._given(self._of.parse(to=self._as_sync(to)))


class AsyncAwaited(AsyncReply):
    """A reply whose body is on the wire still."""

    async def parse(self, *, to: Any = None) -> Any:
        """What the plain call returns, or the body as a ``to``; made once."""
        return await self._run(self._of.parse, to=self._as_sync(to))


class AsyncContent(AsyncDownload):
    """A download that can be read twice."""

    async def text(self, encoding: str | None = None) -> str:
        """The whole content as text; by the charset that the reply names."""

        def work() -> Any:
            content: Any = self._of
            return content.text if encoding is None else content.text(encoding)

        return await self._run(work)

    async def stream_to_file(
        self, file: str | os.PathLike[str], *, chunk_size: int | None = None
    ) -> None:
        """Write the content to ``file`` as it arrives."""
        content: Any = self._of
        await self._run(content.stream_to_file, file, chunk_size=chunk_size)


# -- pages -------------------------------------------------------------------------


def _lent(name: str) -> Any:
    return property(lambda page: getattr(page._of, name))


# What pages are lent as models of pydantic is asked without waiting.
for _name in METHODS:
    setattr(AsyncPage, _name, _lent(_name))


# -- views -------------------------------------------------------------------------


class AsyncRawView(Twin[RawView]):
    """The operations behind a client or a resource; each is awaited for its reply."""


class AsyncStreamingView(Twin[StreamingView]):
    """As :class:`AsyncRawView`, in ``async with``."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            ask = None if name[:1] == "_" else getattr(self._of, name)
            if not inspect.isroutine(ask):
                return super().__getattr__(name)
            return lambda *args, **params: self._given(
                self._built(ask, *args, **params)
            )

    def __dir__(self) -> list[str]:
        return dir(self._of)
