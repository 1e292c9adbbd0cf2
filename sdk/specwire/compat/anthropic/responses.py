"""What ``with_raw_response`` and ``with_streaming_response`` give: a reply, unparsed.

One kind of result, :class:`Raw`, stands in for the operation's own; what the operation
would have returned is made when ``parse()`` asks for it. Errors and retries are those
of the plain call, which this one is up to its reply.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, get_args, get_origin

from attrs import evolve

from ...core.errors import shortened
from ...core.replies import reply_error
from ...core.results import Arrived, Either, Events, Lines, Result, Text, decoded
from ...core.stream import Stream
from ...structured.shapes import is_pydantic
from .exchange import HTTPResponse

if TYPE_CHECKING:
    import datetime as dt
    import os

    from typing_extensions import Self

    from ...core.wire import Call, Headers, Reply
    from .exchange import HTTPRequest


class Raw(Result):
    """The reply itself, with what ``inner`` makes of it at hand.

    :param live: leave every body on the wire, not only those that ``inner`` would.
    """

    __slots__ = ("inner", "live", "make")

    def __init__(
        self, inner: Result, *, make: Callable[[Arrived, Result], Any], live: bool
    ) -> None:
        self.inner = inner
        self.make = make
        self.live = live

    def opens(self, call: Call, reply: Reply) -> bool:
        return self.live or self.inner.opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        # A retry of the stream, or the next page, is a plain call again.
        arrived.call.operation = evolve(arrived.call.operation, result=self.inner)
        return self.make(arrived, self.inner)


class BaseAPIResponse:
    """What both kinds have.

    :ivar http_response: the reply as an object like ``httpx.Response``.
    :ivar retries_taken: how many attempts went before the one that this answers.
    """

    def __init__(self, arrived: Arrived, inner: Result) -> None:
        self.http_response = HTTPResponse(arrived)
        self.retries_taken = arrived.reply.attempts - 1
        self._arrived = Arrived(
            arrived.engine, arrived.call, arrived.hooks, arrived.reply, None
        )
        self._inner = inner
        self._parsed: dict[Any, Any] = {}

    @property
    def headers(self) -> Headers:
        return self.http_response.headers

    @property
    def http_request(self) -> HTTPRequest:
        """The request, with its credentials left out."""
        return self.http_response.request

    @property
    def status_code(self) -> int:
        return self.http_response.status_code

    @property
    def url(self) -> str:
        return self.http_response.url

    @property
    def method(self) -> str:
        return self.http_request.method

    @property
    def http_version(self) -> str:
        return self.http_response.http_version

    @property
    def elapsed(self) -> dt.timedelta:
        """How long the call took, with all its attempts, until the reply was here."""
        return self.http_response.elapsed

    @property
    def is_closed(self) -> bool:
        """Whether nothing more of the body can come."""
        return self.http_response.is_closed

    @property
    def request_id(self) -> str | None:
        """The server's name for the request."""
        return self.http_response._request_id

    def parse(self, *, to: Any = None) -> Any:
        """What the plain call returns, or the body as a ``to``; made once.

        :param to: a type of JSON data (``dict``, a model, a pydantic class), ``str``,
            ``bytes``, ``int``, ``float``, ``bool``, or ``Stream[T]``.
        :raises DecodeError: where the reply is no such thing.
        """
        if to not in self._parsed:
            self._parsed[to] = self._made(to)
        return self._parsed[to]

    def parsed_as(self, value: Any) -> None:
        """``value`` is what was made of the reply already."""
        self._parsed[None] = value

    def _made(self, to: Any) -> Any:
        engine, call = self._arrived.engine, self._arrived.call
        hooks, reply, body = (
            self._arrived.hooks,
            self._arrived.reply,
            self.http_response,
        )
        if to is bytes:
            return body.read()
        if to is HTTPResponse:
            return body
        if to is not None:
            call = copy.copy(call)
            result = read_as(to, call.operation.result)
            call.operation = evolve(call.operation, result=result)
        if body.kept or not call.operation.result.opens(call, reply):
            body.read()
            return engine._result(call, hooks, (reply, None))
        value = engine._result(call, hooks, (reply, body.take()))
        self._hand_over()
        return value

    def _hand_over(self) -> None:
        """A stream was made of the body."""

    def read(self) -> bytes:
        """The whole body, which is kept."""
        return self.http_response.read()

    def json(self) -> Any:
        """:raises DecodeError: where the body is no JSON."""
        return self.http_response.json()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body as it arrives, or in pieces of ``chunk_size`` bytes."""
        return self.http_response.iter_bytes(chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """The body as text, as it arrives or in pieces."""
        return self.http_response.iter_text(chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """The lines of the body, without their ends."""
        return self.http_response.iter_lines()

    def close(self) -> None:
        """Read no more of the body."""
        self.http_response.close()

    def __repr__(self) -> str:
        name = self._arrived.call.name
        return f"<{type(self).__name__} [{self.status_code}] of {name}>"


class LegacyAPIResponse(BaseAPIResponse):
    """A reply that was read, unless it is a stream; ``text`` and ``content`` are it."""

    def _hand_over(self) -> None:
        self.http_response.let_go()

    @property
    def text(self) -> str:
        return self.http_response.text

    @property
    def content(self) -> bytes:
        return self.http_response.content


class APIResponse(BaseAPIResponse):
    """A reply whose body comes when it is asked for: ``text()`` reads it."""

    def text(self) -> str:
        """The whole body as text."""
        return self.http_response.text

    def stream_to_file(
        self, file: str | os.PathLike[str], *, chunk_size: int | None = None
    ) -> None:
        """Write the body to ``file`` as it arrives."""
        self.http_response.stream_to_file(file, chunk_size=chunk_size)

    def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write the body to ``file`` as it arrives."""
        self.http_response.stream_to_file(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BinaryAPIResponse(APIResponse):
    """The raw reply of a download, which is not read before it is asked for."""

    def _hand_over(self) -> None:
        self.http_response.let_go()


# -- other types than the operation's ----------------------------------------------


class As(Result):
    """The body as another type than the operation's."""

    __slots__ = ("type",)

    def __init__(self, type: Any) -> None:
        self.type = type

    def value(self, arrived: Arrived) -> Any:
        call, reply, kind = arrived.call, arrived.reply, self.type
        if kind in (int, float, bool):
            data: Any = Text().value(arrived).strip()
            make = _truth if kind is bool else kind
        elif is_pydantic(kind):
            data, make = decoded(call, reply, Any), kind.model_validate
        else:
            return decoded(call, reply, kind)
        try:
            return make(data)
        except ValueError as error:
            problem = f"is of another shape: {shortened(str(error), 200)}"
        raise reply_error(call, reply, problem)


def _truth(text: str) -> bool:
    return text.lower() == "true"


def read_as(to: Any, own: Result) -> Result:
    """The result of type ``to``, in place of the operation's ``own``.

    :raises TypeError: for ``Stream[T]`` where the operation streams nothing.
    """
    if to is str:
        return Text()
    if (get_origin(to) or to) is not Stream:
        return As(to)
    if isinstance(own, Either):
        own = own.on
    if not isinstance(own, (Events, Lines)):
        raise TypeError("parse(to=Stream[...]): this operation has no stream")
    item, *_ = get_args(to) or (Any,)
    other = copy.copy(own)
    other.type = lambda: item
    return other
