"""What a body that stays on the wire is to the caller: a ``Body``, and a ``Stream``.

A stream's clean end is not its complete end: where the operation names an end mark,
ending without it is a :class:`~specwire.errors.StreamError`. What had arrived is handed
out first. Items are decoded in :mod:`specwire.core.records`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import hooks as _hooks
from .errors import (
    APIConnectionError,
    APITimeoutError,
    DecodeError,
    GuardrailError,
    SpecwireError,
    StreamError,
)
from .types import Replied

if TYPE_CHECKING:
    from typing_extensions import Self

    from .hooks import Hook, Tap
    from .lease import Arriving
    from .records import Decoder
    from .results import Arrived

T = TypeVar("T")
NOTHING: Any = object()
"""What is next where nothing is."""
_PROGRESS = 1024
"""So many bytes of an item that is not complete are no silence: it is a large one."""


class Body(Replied):
    """A body that stays on the wire until it is read to its end, closed or dropped."""

    _opened: Arriving | None = None
    _hooks: tuple[Hook, ...] = ()
    _taps: Sequence[tuple[Hook, Tap]] = ()

    def __init__(self, arrived: Arrived) -> None:
        self._reply = arrived.reply
        self._call = arrived.call
        self._opened = opened = arrived.opened
        # Where it was read already, it is all there at once.
        self._chunks: Iterator[bytes] = (
            opened.chunks() if opened is not None else arrived.reply.chunks()
        )
        self._engine = arrived.engine
        self._hooks = arrived.hooks
        if self._hooks:
            self._taps = _hooks.taps(self._hooks, self._call)
            if self._taps:
                self._chunks = _hooks.tapped(self._taps, self._chunks)

    def close(self) -> None:
        """Stop reading; the connection is given up unless the body was read whole."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


class Stream(Body, Generic[T]):
    """Items as they arrive; iterate once, close or use ``with`` to stop early.

    :ivar events_received: how many items were handed out.

    Iterating raises :class:`~specwire.errors.StreamError` where the stream breaks off
    or ends before its end mark, the error of its type for an error event, and
    :class:`~specwire.errors.DecodeError` for an item of another shape; after the last
    one the iteration can go on with the next item.
    """

    def __init__(self, arrived: Arrived, decoder: Decoder) -> None:
        super().__init__(arrived)
        self._decoder = decoder
        self._ready: Iterator[T | SpecwireError] = iter(())
        self._over = False
        self.events_received = 0

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item: Any = next(self._ready, NOTHING)
        if item is NOTHING or isinstance(item, SpecwireError):
            item = self._item(item)
            if item is NOTHING:
                raise StopIteration
        return self._handed(item)

    def _handed(self, item: Any) -> T:
        """``item``, which the caller is about to get."""
        self.events_received += 1
        if self._hooks:
            _hooks.event(self._hooks, self._call, item)
        return item  # type: ignore[no-any-return]

    def _item(self, item: Any) -> Any:
        """``item``, or what comes next where it is none or an error that passes;
        ``NOTHING`` at the end."""
        if item is NOTHING:
            item = self._next()
        if isinstance(item, SpecwireError):
            item = self._failed(item)
        return item

    def _next(self) -> Any:
        """The next item, or the error that stands for it; ``NOTHING`` at the end.

        What keeps a stream alive without bringing it on (comments, pings) is silence:
        ``Timeout.read`` limits that too.
        """
        limit = self._call.timeout.read
        silence = None if limit is None else _Silence(limit, self)
        while not self._over:
            self._pull()
            if self._taps:
                self._ready = self._through(self._ready)
            item = next(self._ready, NOTHING)
            if item is not NOTHING:
                if silence is not None:
                    silence.end()
                return item
            if silence is not None and self._opened is not None and silence.too_long():
                self._broken(self._silent(silence.limit_s))
                if self._taps:
                    self._ready = self._through(self._ready)
        item = next(self._ready, NOTHING)
        if item is NOTHING and self._hooks:
            self._ended(None)
        return item

    def _through(self, items: Iterator[Any]) -> Iterator[Any]:
        """What the hooks' taps make of ``items``; one that raises ends the stream."""
        try:
            yield from _hooks.through(self._taps, items, self._over)
        except Exception as error:
            self._refused(error)
            raise

    def _refused(self, error: Exception) -> None:
        """A hook let nothing more through."""
        self._over, self._ready = True, iter(())
        self.close()
        self._ended(error)

    def _silent(self, limit: float) -> APITimeoutError:
        return APITimeoutError(
            f"{self._call.name}: the stream brought nothing for {limit:g} s "
            "(timeout.read), however alive it looked"
        )

    def _failed(self, error: SpecwireError) -> Any:
        """The item after all, where another attempt gives one; else the error.

        Only where the error is the first of all: nothing has reached the caller.
        """
        error.asked = (self._call.request.method, self._call.request.url)
        if isinstance(error, GuardrailError):
            self._refused(error)
            raise error
        if not self.events_received and error.retryable:
            try:
                return self._begin_again(error)
            except SpecwireError as last:
                error = last
        if self._decoder.finished:
            self._finish()
        if isinstance(error, (StreamError, APITimeoutError)):
            error.__dict__["events_received"] = self.events_received
        if self._hooks and not isinstance(error, DecodeError):
            self._ended(error)
        raise error

    def _ended(self, outcome: BaseException | None) -> None:
        hooks, self._hooks = self._hooks, ()
        _hooks.end(hooks, self._call, outcome)

    def _begin_again(self, error: SpecwireError) -> Any:
        """The first item of another attempt.

        :raises SpecwireError: ``error``, or the last attempt's.
        """
        self._over = True  # not left: begun again
        self.close()
        other = self._engine.begin_again(self._call, self._hooks, error, _begun)
        self._reply, self._decoder = other._reply, other._decoder
        self._chunks, self._ready, self._taps = other._chunks, other._ready, other._taps
        self._opened, other._opened = other._opened, None
        self._over, other._over = other._over, True
        item = next(self._ready, NOTHING)
        if item is NOTHING:
            item = self._next()
        if isinstance(item, SpecwireError):
            raise item
        return item

    def _pull(self) -> None:
        """Take what comes next, or find the end."""
        if self._decoder.finished:
            self._finish()
            return
        try:
            chunk = next(self._chunks, None)
        except SpecwireError as error:
            self._broken(error)
            return
        if chunk is not None:
            self._ready = self._decoder.feed(chunk)
            return
        self._over = True
        self._ready = iter(self._decoder.end())
        self.close()

    def _finish(self) -> None:
        """The end mark came: keep the connection for the next call, if quick."""
        self._over = True
        if self._opened is not None:
            self._opened.drain()
        self.close()

    def _broken(self, error: SpecwireError) -> None:
        self._over = True
        self.close()
        if self._decoder.complete:
            return
        error.request_id = self._request_id
        error.attempts = self._call.attempts_made
        if isinstance(error, APITimeoutError):
            error.retryable = False
        elif isinstance(error, APIConnectionError):
            cause = error.__cause__
            error = StreamError(
                f"{error.message}, before the stream's end",
                request_id=error.request_id,
                attempts=error.attempts,
                retryable=not self.events_received,
            )
            error.__cause__ = cause
        self._ready = iter((error,))

    def close(self) -> None:
        """Stop; the connection is given up unless the stream was read to its end."""
        left, self._over = not self._over, True
        super().close()
        if left and self._hooks:
            self._ended(None if self._decoder.complete else GeneratorExit())

    def __repr__(self) -> str:
        return f"<Stream of {self._call.name}, {self.events_received} received>"


def _begun(answer: Any) -> Stream[Any]:
    """The stream that came (what stands in front of one has it as ``_events``), its
    first item read.

    :raises SpecwireError: where that is one which may be tried again, or none came.
    """
    stream: Stream[Any] | None = getattr(answer, "_events", answer)
    if stream is None:
        raise DecodeError("the stream was begun again, and what came then was none")
    stream._hooks = ()  # those of the one that is begun again will be told
    first = stream._next()
    if first is NOTHING:
        return stream
    if isinstance(first, SpecwireError) and first.retryable:
        stream.close()
        raise first
    stream._ready = chain((first,), stream._ready)
    return stream


class _Silence:
    """How long one item is waited for; ``Timeout.read`` limits it as it does a read."""

    def __init__(self, limit_s: float, stream: Stream[Any]) -> None:
        self.limit_s = limit_s
        self._stream = stream
        self._now = stream._engine.clock.monotonic
        self._began = self._now()
        self._held = stream._decoder.held_bytes
        self._hurried = False

    def too_long(self) -> bool:
        """Asked after bytes that completed no item; the next read is cut short."""
        held = self._stream._decoder.held_bytes
        if held - self._held >= _PROGRESS:
            self._began, self._held = self._now(), held
        left = self._began + self.limit_s - self._now()
        if left > 0 and self._stream._opened is not None:
            self._stream._opened.hurry(left)
            self._hurried = True
        return left <= 0

    def end(self) -> None:
        """The item is here: reads may take as long as before."""
        if self._hurried and self._stream._opened is not None:
            self._stream._opened.hurry(self.limit_s)
