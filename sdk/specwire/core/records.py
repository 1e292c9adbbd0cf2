"""From the bytes of a stream to its items: server-sent events and JSON lines.

Sans-I/O: ``feed`` takes what has arrived and gives the items it completes, errors among
them in their place; ``end`` says what the end of the input means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from .sse import EventTooLarge, ServerSentEvent, SSEParser

if TYPE_CHECKING:
    from .results import Events
    from .wire import Call, Reply

Secrets: TypeAlias = "Callable[[Call], Sequence[str]]"
"""What must not be shown of a call's reply; asked for when something is shown."""


class Decoder:
    """Base: one body's items.

    :ivar complete: the stream may end here.
    :ivar finished: nothing that follows belongs to the stream.
    """

    complete = False
    finished = False

    def __init__(self, call: Call, reply: Reply, item: Any, secrets: Secrets) -> None:
        self._call = call
        self._reply = reply
        self._secrets = secrets
        self._load = codec.converter.get_structure_hook(item)
        self._item = item

    def feed(self, chunk: bytes) -> Sequence[Any]:
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

    def feed(self, chunk: bytes) -> Sequence[Any]:
        items: list[Any] = []
        try:
            for event in self._parser.feed(chunk):
                if self.finished:
                    break
                self._seen += 1
                self._take(event, items)
        except EventTooLarge as error:
            self.finished = True
            items.append(self._shape("an event", "", str(error)))
        return items

    def _take(self, event: ServerSentEvent, items: list[Any]) -> None:
        spec = self._spec
        if event.data in spec.done:
            self.complete = self.finished = True
            return
        kind = event.event
        try:
            data = codec.loads_text(event.data)
        except ValueError:
            if kind in spec.error:
                self._fail(event.data, items)
            elif kind not in spec.skip:
                items.append(self._shape("an event", event.data, "is not JSON"))
            return
        if data.__class__ is dict and spec.tag is not None:
            named = data.get(spec.tag, kind)
            if named.__class__ is str:
                kind = named
            if kind == event.event and kind != "message":
                data.setdefault(spec.tag, kind)
        if kind in spec.skip:
            return
        if kind in spec.error:
            self._fail(data, items)
            return
        try:
            items.append(self._load(data, self._item))
        except codec.Mismatch as mismatch:
            items.append(self._shape("an event", event.data, f"is odd: {mismatch}"))
        except RecursionError:
            items.append(self._shape("an event", event.data, "is nested too deeply"))
        if kind in spec.end:
            self.complete = True
            self.finished = not spec.done

    def _fail(self, data: Any, items: list[Any]) -> None:
        """Take an error event: an error as if it had been a status, and the end."""
        self.finished = self.complete = True
        body = blotted_data(data, self._secrets(self._call))
        error = body.get("error") if isinstance(body, dict) else None
        error_type = error.get("type") if isinstance(error, dict) else None
        status = status_of_type(error_type)
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
        items.append(result)

    def end(self) -> Iterable[SpecwireError]:
        self._parser.close()
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

    def feed(self, chunk: bytes) -> Sequence[Any]:
        try:
            lines = self._parser.feed_numbered(chunk)
        except LineTooLarge as error:
            self.finished = True
            return [self._shape("a line", "", str(error))]
        return [self._line(number, line) for number, line in lines]

    def _line(self, number: int, line: bytes) -> Any:
        try:
            return self._load(codec.loads(line), self._item)
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
