"""A call's reply as a stream of events, or as an answer: chat's kinds of result.

The transport, its retries and its time limits are the core's; so is the stream that the
caller iterates. What is chat's own: bytes become frames, frames become events by the
manifest, and only the end that the manifest names is one. A body that ends without it
was cut, and that is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core import hooks as _hooks
from ..core.errors import SpecwireError
from ..core.records import Decoder, Secrets
from ..core.replies import blotted_data, reply_error
from ..core.results import Arrived, Result, decoded
from . import failures, reading
from .assembling import Assembler
from .events import StreamError, StreamingEvent
from .frames import BadFrame, Frames
from .streaming import ChatStream, Words

if TYPE_CHECKING:
    from ..core.wire import Call, Reply
    from .response import ChatResponse


class ChatDecoder(Decoder):
    """The events of one body.

    :ivar assembler: what has come so far.
    """

    def __init__(
        self, call: Call, reply: Reply, manifest: Any, secrets: Secrets, model: str = ""
    ) -> None:
        super().__init__(call, reply, Any, secrets)
        self._manifest = manifest
        self._stream = reading.reading_of(manifest).stream
        self._frames = Frames(self._stream.marks)
        self._seen = False
        self.assembler = Assembler(manifest, model=model)

    @property
    def held_bytes(self) -> int:
        return self._frames.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        yield from self._events(self._frames.feed(chunk))
        if self._frames.done and not self.finished:
            yield from self._complete()

    def end(self) -> Iterable[Any]:
        yield from self._events(self._frames.end())
        if self.finished:
            return
        if self._frames.done or self._ends_here():
            yield from self._complete()
        else:
            yield self._ended(self._how_it_broke())

    def _events(self, frames: Iterable[Any]) -> Iterator[Any]:
        assembler = self.assembler
        take = assembler.feed
        for frame in frames:
            self._seen = True
            if frame.__class__ is BadFrame:
                self.finished = self.finished or frame.fatal
                yield self._shape("an event", frame.text, frame.problem)
                continue
            for event in take(frame):
                if event.__class__ is StreamError:
                    self.complete = self.finished = True
                    yield self._failure(frame)
                    return
                yield event
            if assembler.ended:
                yield from self._complete()
                return

    def _complete(self) -> list[StreamingEvent]:
        self.complete = self.finished = True
        return self.assembler.end()

    def _failure(self, frame: Any) -> SpecwireError:
        shown = blotted_data(frame, self._secrets(self._call))
        error = failures.in_stream(self._manifest, self._call, self._reply, shown)
        error.attempts = self._reply.attempts
        return error

    def _ends_here(self) -> bool:
        """Whether a body that simply ends was all there is."""
        if self._frames.cut is not None or not self.assembler.complete:
            return False
        # An array has its own end, and a whole answer needs none.
        own = self._frames.framing == "json_array" or self.assembler.is_document
        return own or self._stream.finish_ends

    def _how_it_broke(self) -> str:
        if self._frames.cut is not None:
            return f"ended {self._frames.cut}"
        if not self._seen:
            return "held no event"
        marks = self._stream.done
        if marks and not self._stream.finish_ends:
            return f"ended before its end mark ({' or '.join(marks)})"
        if self._stream.end is not None:
            return "ended before the event that marks its end"
        return "ended before it said why (no finish reason)"


class ChatEvents(Result):
    """The answer as a :class:`ChatStream`.

    :param model: what was asked for, as the provider names it; prices go by it.
    :param words: makes what reads the calls that stand in the text, where they do.
    """

    __slots__ = ("manifest", "model", "words")
    accept = "text/event-stream"

    def __init__(
        self,
        manifest: Any,
        model: str = "",
        words: Callable[[], Words] | None = None,
    ) -> None:
        self.manifest = manifest
        self.model = model
        self.words = words

    def opens(self, call: Call, reply: Reply) -> bool:
        # Anything else says how it is framed by its first bytes.
        return reply.content_type != "text/html"

    def value(self, arrived: Arrived) -> ChatStream:
        call, reply = arrived.call, arrived.reply
        if reply.content_type == "text/html":
            raise reply_error(call, reply, "is not an event stream")
        secrets = arrived.engine.secrets
        decoder = ChatDecoder(call, reply, self.manifest, secrets, self.model)
        return ChatStream(arrived, decoder, self.words)


class ChatReply(Result):
    """The whole answer as a :class:`~specwire.chat.response.ChatResponse`.

    :param model: what was asked for, as the provider names it; prices go by it.
    """

    __slots__ = ("manifest", "model")
    accept = "application/json"

    def __init__(self, manifest: Any, model: str = "") -> None:
        self.manifest = manifest
        self.model = model

    def value(self, arrived: Arrived) -> ChatResponse:
        call, reply = arrived.call, arrived.reply
        if reply.content_type == "text/event-stream":
            return self._known(self._streamed(arrived), reply)
        data = decoded(call, reply, Any)
        found = reading.found_in(self.manifest, data)
        if reading.is_failure(data) and (found is None or not found.has_answer):
            shown = blotted_data(data, arrived.engine.secrets(call))
            raise failures.in_stream(self.manifest, call, reply, shown, whole=True)
        if found is None:
            problem = f"holds no answer but {reading.described(data)}"
            raise reply_error(call, reply, problem)
        return self._known(found.response(self.manifest, self.model), reply)

    def _streamed(self, arrived: Arrived) -> ChatResponse:
        """The answer of a server that streams whatever it is asked for."""
        call, reply, secrets = arrived.call, arrived.reply, arrived.engine.secrets
        decoder = ChatDecoder(call, reply, self.manifest, secrets, self.model)
        items: Iterator[Any] = iter((*decoder.feed(reply.body), *decoder.end()))
        taps = _hooks.taps(arrived.hooks, call) if arrived.hooks else ()
        if not taps:
            for item in items:
                if isinstance(item, SpecwireError):
                    raise item
            return decoder.assembler.response()
        from .heard import Heard

        heard = Heard()
        for item in _hooks.through(taps, items, last=True):
            if isinstance(item, SpecwireError):
                raise item
            heard.take(item)
        return heard.response(decoder.assembler.response())

    def _known(self, response: ChatResponse, reply: Reply) -> ChatResponse:
        response._reply = reply
        response.stats.latency_ms = reply.elapsed_s * 1000
        response.stats.retry_count = max(reply.attempts - 1, 0)
        response.stats.counted(response)
        return response
