"""What ``client.messages`` makes of ``create``: ``stream`` and ``parse``.

A streamed message is its events, its text as it arrives, and the whole at the end.
Serves ``client.beta.messages`` as well. How replies become typed values is in
:mod:`specwire.structured`, which is loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve

from ..core.errors import DecodeError, SpecwireError
from ..core.results import Result
from ..core.types import UNSET, Replied

if TYPE_CHECKING:
    from typing import Generic

    from ..core.resource import Extras, Limits, Operation, Resource
    from ..core.results import Arrived
    from ..core.stream import Stream
    from ..core.wire import Call, Reply
    from ..models import Message, MessageStreamEvent
    from ..structured import OutputFormat
    from .stream_events import Derived, HelperEvent

    T = TypeVar("T")

    class ParsedMessage(Message, Generic[T]):
        """A message whose text was read as a ``T``.

        At run time it is the message's own class, with one attribute more; each of its
        text blocks has a ``parsed_output`` too, ``None`` where it says no ``T``.
        """

        parsed_output: T
        """The first text block's value; ``None`` for a message without text."""


STRUCTURED_BETA: Final = "structured-outputs-2025-12-15"
FINE_GRAINED_BETA: Final = "fine-grained-tool-streaming"
_NONE: Final = (UNSET, None)


def parse(
    resource: Resource,
    operation: Operation[Any],
    args: Mapping[str, Any],
    limits: Limits,
    extras: Extras,
) -> Any:
    """The next message, its text read and checked as a value of a type.

    :return: the message, with ``parsed_output`` on it and on each text block.
    :raises DecodeError: where the text is not such a value, as after a refusal or
        a cut by ``max_tokens``; ``error.message_object`` is the message.
    :raises RequestValidationError: where two formats are given, or none.
    """
    asked, args = with_format(operation, args, "messages.parse")
    result = Parsed(operation.result, asked)
    return resource._call(evolve(operation, result=result), args, limits, extras)


class Parsed(Result):
    """A message, and what its text says."""

    __slots__ = ("asked", "message")

    def __init__(self, message: Result, asked: OutputFormat) -> None:
        self.message = message
        self.asked = asked

    def accepts(self, args: Mapping[str, Any]) -> str:
        return self.message.accepts(args)

    def opens(self, call: Call, reply: Reply) -> bool:
        return self.message.opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        return self.asked.read(self.message.value(arrived))


def with_format(
    operation: Operation[Any], args: Mapping[str, Any], where: str
) -> tuple[OutputFormat, dict[str, Any]]:
    """The form that ``args`` ask for, and ``args`` as they are sent."""
    from ..structured import OutputFormat

    args = dict(args)
    given = args.pop("output_format")
    asked = OutputFormat.of(given, args["output_config"], where=where)
    args["output_config"] = asked.config
    if "output_format" in (operation.body or ()):
        args["output_format"] = UNSET
    if "betas" in operation.headers:
        args["betas"] = betas_of(operation, args)
    return asked, args


def betas_of(operation: Operation[Any], args: Mapping[str, Any]) -> list[Any]:
    """The betas of a call with a format: those given, or implied, and its own."""
    given = args.get("betas")
    betas = given.split(",") if isinstance(given, str) else list(given or ())
    if not betas:
        implied = operation.implied.items()
        betas = [said for name, (_, said) in implied if args.get(name) not in _NONE]
    return [*betas, *([] if STRUCTURED_BETA in betas else [STRUCTURED_BETA])]


def _has_format(args: Mapping[str, Any]) -> bool:
    """Whether ``output_config`` says the form of the answer."""
    config = args.get("output_config")
    said = config.get("format") if isinstance(config, Mapping) else None
    return isinstance(said, Mapping) and "schema" in said


class MessageStreamManager:
    """What ``messages.stream(...)`` gives: the request is made on entering ``with``."""

    def __init__(
        self,
        resource: Resource,
        operation: Operation[Any],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> None:
        self._client = resource._client
        self._asked: OutputFormat | None = None
        if args.get("output_format") not in _NONE or _has_format(args):
            self._asked, args = with_format(operation, args, "messages.stream")
        self._call = resource._prepare(operation, args, limits, extras)
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        client = self._client
        try:
            events = client._engine.send(self._call, client._hooks)
        except DecodeError as error:
            error.message_object = _whole(error.body)
            raise
        self._stream = MessageStream(events, self._call, self._asked)
        return self._stream

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()


def _whole(body: Any) -> Message | None:
    """The message in a reply that is JSON where events were asked for."""
    from .. import models
    from ..core.codec import Mismatch, load

    if isinstance(body, dict) and body.get("type") == "message":
        with suppress(Mismatch):
            message: Message = load(models.Message, body)
            return message
    return None


class MessageStream(Replied):
    """The events of one message; iterate for them, or read ``text_stream``.

    Each event comes as it was sent, and behind a delta what it means: ``text``,
    ``input_json``, ``thinking``, ``signature``, ``citation``, ``compaction``. The end
    of a block has it as ``content_block``, the end of the message as ``message``.

    All ways to read share one iterator, and the message is put together meanwhile:
    linear in what arrives, however small the pieces. An error that ends the reading
    holds what had arrived as ``message_object``.
    """

    def __init__(
        self,
        events: Stream[MessageStreamEvent],
        call: Call,
        asked: OutputFormat | None = None,
    ) -> None:
        from .accumulation import MessageAccumulator
        from .stream_events import KINDS

        headers = call.request.headers.items()
        betas = next((v for k, v in headers if k.lower() == "anthropic-beta"), "")
        self._events = events
        self._asked = asked
        self._kinds = KINDS
        self._message = MessageAccumulator(keep_strings=FINE_GRAINED_BETA in betas)
        self._derived: Derived | None = None

    if not TYPE_CHECKING:

        @property
        def _reply(self) -> Reply | None:
            # The stream's own: it may be another one after a retry.
            return self._events._reply

    def __iter__(self) -> Iterator[HelperEvent]:
        return self

    def __next__(self) -> HelperEvent:
        derived, self._derived = self._derived, None
        if derived is not None:
            return derived  # type: ignore[return-value]
        try:
            event: Any = next(self._events)
            self._message.take(event)
            kind = getattr(event, "type", None)
            if kind == "content_block_delta":
                self._derived = self._derive(event)
            elif kind == "content_block_stop":
                self._end_block(event)
            elif kind == "message_stop":
                event.message = self._final(strict=False)
        except SpecwireError as error:
            self._tell(error)
            raise
        return event  # type: ignore[no-any-return]

    def _derive(self, event: Any) -> Derived | None:
        delta = event.delta
        try:
            found = self._kinds.get(delta.type)
        except (AttributeError, TypeError):
            return None
        if found is None:
            return None
        make, name, member = found
        block = self._message.block(event)
        derived = make(event.index, block, block.count(member))
        setattr(derived, name, getattr(delta, member))
        return derived

    def _end_block(self, event: Any) -> None:
        block = self._message.block(event)
        malformed = block.malformed()
        if malformed is not None:
            raise malformed
        event.content_block = value = block.value()
        if self._asked is not None:
            self._asked.mark(value)

    def _final(self, *, strict: bool) -> Message:
        message = self.current_message_snapshot
        if self._asked is not None:
            self._asked.read(message, strict=strict)
        return message

    def _tell(self, error: SpecwireError) -> None:
        """Put what had arrived on ``error``, if that is anything."""
        if error.message_object is None:
            with suppress(SpecwireError):
                error.message_object = self.current_message_snapshot

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of the message, piece by piece, without anything else."""
        for event in self:
            delta: Any = getattr(event, "delta", None)
            if getattr(delta, "type", None) == "text_delta":
                yield delta.text

    @property
    def request_id(self) -> str | None:
        """The server's name for the request."""
        return self._request_id

    @property
    def response(self) -> Reply:
        """The reply: ``status_code``, ``headers``, ``attempts``."""
        reply: Any = self._reply
        return reply  # type: ignore[no-any-return]

    @property
    def current_message_snapshot(self) -> Message:
        """The message as far as it has arrived; readable after a cut as well.

        A tool's input holds what is certain of it by then.

        :raises specwire.errors.StreamError: before its beginning has arrived.
        """
        message = self._message.snapshot()
        message._reply = self._reply
        return message

    def until_done(self) -> None:
        """Read the stream to its end."""
        self._derived = None
        take = self._message.take
        try:
            for event in self._events:
                take(event)
        except SpecwireError as error:
            self._tell(error)
            raise

    def get_final_message(self) -> Message:
        """Read to the end; the whole message, with ``parsed_output`` if it was asked.

        :raises specwire.errors.StreamError: where the stream is cut before its end.
        :raises specwire.errors.DecodeError: where a tool's input is not JSON, or the
            text not what ``output_format`` says; ``message_object`` is the message.
        """
        self.until_done()
        malformed = self._message.malformed()
        if malformed is not None:
            self._tell(malformed)
            raise malformed
        return self._final(strict=True)

    def get_final_text(self) -> str:
        """Read to the end; the text of all text blocks."""
        blocks: list[Any] = list(self.get_final_message().content)
        texts = [b.text for b in blocks if getattr(b, "type", None) == "text"]
        return "".join(text or "" for text in texts)

    def close(self) -> None:
        """Stop reading; what has arrived stays readable."""
        self._events.close()

    def __enter__(self) -> MessageStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
