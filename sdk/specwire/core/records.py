"""From the bytes of a stream to its items: server-sent events and JSON lines.

Sans-I/O: ``feed`` takes what has arrived and gives the items it completes, errors among
them in their place; ``end`` says what the end of the input means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from . import codec
from .errors import (
    DecodeError,
    SpecwireError,
    StreamError,
    shortened,
    status_error,
    status_of_type,
)
from .jsonl import JSONLParser, LineTooLarge
from .replies import blotted, blotted_data
from .retry import retryable_status
from .sse import EventTooLarge, SSEParser

if TYPE_CHECKING:
    from .results import Events
    from .wire import Call, Reply

Secrets: TypeAlias = "Callable[[Call], Sequence[str]]"
"""What must not be shown of a call's reply; asked for when something is shown."""


_NO_ITEM = object()


class Decoder:
    """Base: one body's items.

    :ivar complete: the stream may end here.
    :ivar finished: nothing that follows belongs to the stream.
    """

    complete = False
    finished = False

    @property
    def held_bytes(self) -> int:
        """How much of an item that is not complete has come."""
        raise NotImplementedError

    def __init__(self, call: Call, reply: Reply, item: Any, secrets: Secrets) -> None:
        self._call = call
        self._reply = reply
        self._secrets = secrets
        self._load = codec.hook_of(item)

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """The items that ``chunk`` completes, each made when it is asked for."""
        raise NotImplementedError

    def end(self) -> Iterable[SpecwireError]:
        raise NotImplementedError

    def _shape(self, place: str, text: str, problem: str) -> DecodeError:
        """The error of one item; its text is the error's ``body``."""
        text = blotted(text, self._secrets(self._call))
        return DecodeError(
            f"{self._call.name}: {place} {problem}, starts {shortened(text, 80)!r}",
            body=text,
            content_type=self._reply.headers.get("content-type", ""),
            status_code=self._reply.status_code,
            request_id=self._reply.request_id,
            attempts=self._reply.attempts,
        )

    def _ended(self, problem: str) -> StreamError:
        return StreamError(
            f"{self._call.name}: the stream {problem}",
            request_id=self._reply.request_id,
            attempts=self._reply.attempts,
        )


class EventDecoder(Decoder):
    """Server-sent events whose data is JSON, as the operation's record describes."""

    def __init__(
        self, call: Call, reply: Reply, spec: Events, secrets: Secrets
    ) -> None:
        super().__init__(call, reply, spec.type(), secrets)
        self._spec = spec
        self._parser = SSEParser()
        self._seen = 0
        self._special = spec.skip | spec.error | spec.end

    @property
    def held_bytes(self) -> int:
        return self._parser.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        try:
            blocks = self._parser.blocks(chunk)
        except EventTooLarge as error:
            self.finished = True
            yield self._shape("an event", "", str(error))
            return
        tag, done = self._spec.tag, self._spec.done
        special, load, loads = self._special, self._load, codec.loads_text
        self._seen += len(blocks)
        for kind, text in blocks:
            if done and text in done:
                self.complete = self.finished = True
                return
            try:
                data = loads(text)
                if tag is not None and data.__class__ is dict:
                    named = data.get(tag)
                    if named.__class__ is str:
                        kind = named
                    elif kind:
                        data.setdefault(tag, kind)
                item = self._marked(kind, data) if kind in special else data
                if item is data:
                    item = load(data, None)
            except codec.Mismatch as odd:
                item = self._shape("an event", text, f"is odd: {odd}")
            except RecursionError:
                item = self._shape("an event", text, "is nested too deeply")
            except ValueError:
                item = self._marked(kind, text) if kind in special else text
                if item is text:
                    item = self._shape("an event", text, "is not JSON")
            if item is not _NO_ITEM:
                yield item
            if kind in special and self.finished:
                return

    def _marked(self, kind: str, data: Any) -> Any:
        """What an event that says something of the stream is: mostly itself."""
        spec = self._spec
        if kind in spec.skip:
            return _NO_ITEM
        if kind in spec.error:
            return self._failure(data)
        self.complete = True
        self.finished = not spec.done
        return data

    def _failure(self, data: Any) -> SpecwireError:
        """An error event: an error as if it had been a status, and the end."""
        self.finished = self.complete = True
        body = blotted_data(data, self._secrets(self._call))
        error = body.get("error") if isinstance(body, dict) else None
        status = self._status(error)
        result = status_error(
            self._call.name,
            status,
            body,
            headers=self._reply.headers,
            retryable=retryable_status(status, {}),
            request_id=self._reply.request_id,
            in_stream=True,
        )
        result.attempts = self._reply.attempts
        return result

    def _status(self, error: Any) -> int:
        """The status that an error in the stream stands for."""
        return status_of_type(error.get("type") if isinstance(error, dict) else None)

    def end(self) -> Iterable[SpecwireError]:
        try:
            self._parser.close()
        except EventTooLarge as error:  # the last bytes brought whole events first
            self.finished = True
            yield self._shape("an event", "", str(error))
            return
        if self.complete:
            return
        spec = self._spec
        if not self._seen:
            yield self._ended("held no event")
        elif spec.end or spec.done:
            marks = " or ".join(sorted(spec.end) or sorted(spec.done))
            yield self._ended(f"ended before its end mark ({marks})")
        elif self._parser.incomplete_tail:
            yield self._ended("ended in the middle of an event")


class LineDecoder(Decoder):
    """JSON lines; a line that is not JSON is an error in its place, nothing is lost."""

    def __init__(self, call: Call, reply: Reply, item: Any, secrets: Secrets) -> None:
        super().__init__(call, reply, item, secrets)
        self._parser = JSONLParser()

    @property
    def held_bytes(self) -> int:
        return self._parser.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        try:
            lines = self._parser.feed_numbered(chunk)
        except LineTooLarge as error:
            self.finished = True
            yield self._shape("a line", "", str(error))
            return
        for number, line in lines:
            yield self._line(number, line)

    def _line(self, number: int, line: bytes) -> Any:
        try:
            return self._load(codec.loads(line), None)
        except codec.Mismatch as mismatch:
            problem = f"is odd: {mismatch}"
        except ValueError:
            problem = "is not JSON"
        except RecursionError:
            problem = "is nested too deeply"
        text = line.decode("utf-8", "replace")
        return self._shape(f"line {number}", text, problem)

    def end(self) -> Iterable[Any]:
        line = self._parser.close()
        if line is None:
            return
        number = self._parser.line_number
        if _is_json(line):
            yield self._line(number, line)
        else:
            yield self._ended(f"ended in the middle of line {number}")


def _is_json(line: bytes) -> bool:
    """Whether a last line without a line feed is whole: no cut object parses."""
    try:
        codec.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
