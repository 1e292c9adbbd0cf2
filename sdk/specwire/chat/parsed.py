"""Answers as values: asked for in a form, read, checked, and asked for again.

The form goes out in the provider's own words where it has any (see
:mod:`.formats`), and is told to the model where it has none. An answer that does not
fit goes back with what is wrong with it, a bounded number of times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import frozen

from ..core.errors import DecodeError, RequestValidationError, shortened
from ..structured.partial_json import PartialJSON
from ..structured.reading import Misfit, read
from . import capabilities
from .formats import ResponseFormat
from .messages import Message
from .response import ChatResponse
from .usage import Usage

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken
    from .streaming import ChatStream
    from .turn import ChatRequestBuilder

T = TypeVar("T")
_ADVICE: Final = {
    "refusal": "; the model refused",
    "max_tokens": "; it was cut: ask with more max_tokens",
}
"""Ends after which asking again helps nobody."""


@frozen
class Round:
    """One answer, and what was wrong with it.

    :ivar problems: empty for an answer that fits.
    """

    response: ChatResponse
    problems: tuple[str, ...] = ()


class OutputError(DecodeError):
    """No answer was the value that was asked for.

    :ivar body: the text of the last one.
    :ivar pointer: JSON Pointer to what did not fit first.
    :ivar rounds: all answers, each with its problems.
    :ivar usage: the tokens of all of them.
    """

    rounds: tuple[Round, ...] = ()
    usage: Usage = Usage()


class ParsedResponse(ChatResponse, Generic[T]):
    """An answer, and its value.

    :ivar parsed: the value; ``None`` where the model wants tools called first.
    :ivar rounds: every answer that was given, this one last.
    :ivar usage: the tokens of all of them; those of one are its own.
    """

    parsed: Any = None
    rounds: tuple[Round, ...] = ()

    @property
    def parsed_output(self) -> Any:
        """The same, as ``client.messages.parse`` calls it."""
        return self.parsed


class ParsedStream(Generic[T]):
    """What is known of a value, each time more of it has arrived.

    Iterate it: it gives the value as JSON data, the same object each time, which the
    next piece changes. Strings are shown as they grow. Once it has ended, ``parsed`` is
    the value, checked.

    :raises OutputError: at the end, where the answer does not fit.
    """

    def __init__(self, stream: ChatStream, asked: Asked) -> None:
        self._stream = stream
        self._asked = asked
        self._partial = PartialJSON(keep_strings=True)
        self._begun = False
        self.parsed: Any = None

    @property
    def response(self) -> ChatResponse:
        """The answer as far as it has come."""
        return self._stream.response

    @property
    def snapshot(self) -> Any:
        """What is known by now; ``None`` before anything is."""
        return self._partial.value()

    def __iter__(self) -> Iterator[Any]:
        for event in self._stream:
            if event.is_content_delta and self._fed(event.as_content_delta.text):
                value = self._partial.value()
                if value is not None:
                    yield value
        rounds = (_round(self._asked, self._stream.response),)
        self.parsed = self._asked.value(rounds)

    def _fed(self, text: str) -> bool:
        """Take a piece; whether there is more to show. Words around are passed over."""
        if not self._begun:
            text = text.lstrip()
            found = [at for at in map(text.find, "{[") if at >= 0]
            if self._asked.is_object and found:
                text = text[min(found) :]
            elif self._asked.is_object or not text:
                return False
            self._begun = True
        ended = self._partial.complete and self._asked.is_object
        if self._partial.refused or ended:
            return False
        try:
            self._partial.feed(text)
        except ValueError:
            return False  # what stands behind the value
        return True

    def until_done(self) -> Any:
        """Read to the end; the value.

        :raises OutputError: where the answer does not fit.
        """
        for _ in self:
            pass
        return self.parsed

    def close(self) -> None:
        """Stop; what has arrived stays readable."""
        self._stream.close()

    def __enter__(self) -> ParsedStream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Asked:
    """What an answer is to be."""

    def __init__(self, form: ResponseFormat) -> None:
        self.kind = Any if form.type is None else form.type
        self.schema = form.schema or {"type": "object"}
        self.is_object = not {"string", "number"} & {str(self.schema.get("type"))}

    def value(self, rounds: tuple[Round, ...]) -> Any:
        """The last answer's value.

        :raises OutputError: where it is none.
        """
        response = rounds[-1].response
        if response.has_tool_calls and not response.content.strip():
            return None
        try:
            return read(self.kind, self.schema, response.content, within=True)
        except Misfit as misfit:
            raise self._error(rounds, misfit) from None

    def problems(self, response: ChatResponse) -> tuple[str, ...]:
        """What is wrong with an answer; nothing where its value can be read."""
        if response.has_tool_calls and not response.content.strip():
            return ()
        try:
            read(self.kind, self.schema, response.content, within=True)
        except Misfit as misfit:
            return misfit.problems
        return ()

    def _error(self, rounds: tuple[Round, ...], misfit: Misfit) -> OutputError:
        last = rounds[-1].response
        at = f" at {misfit.pointer}" if misfit.pointer else ""
        after = f" after {len(rounds)} answers" if len(rounds) > 1 else ""
        reply = last._reply
        return OutputError(
            f"chat ({last.provider}): the answer{at} {shortened(str(misfit), 300)}"
            f"{_ADVICE.get(last.finish_reason or '', '')}{after}; all answers are in "
            "rounds",
            body=misfit.text,
            pointer=misfit.pointer,
            message_object=last,
            request_id=last._request_id,
            attempts=reply.attempts if reply is not None else 0,
            status_code=reply.status_code if reply is not None else 0,
            rounds=rounds,
            usage=_sum(rounds),
        )


def parse(
    builder: ChatRequestBuilder,
    output_format: Any,
    token: CancelToken | None,
    *,
    max_repairs: int,
) -> ParsedResponse[Any]:
    """See :meth:`ChatRequestBuilder.parse`."""
    if max_repairs < 0:
        raise RequestValidationError(
            f"chat.parse: expected max_repairs from 0 on, got {max_repairs!r}"
        )
    asked, builder = _asking(builder, output_format)
    rounds: list[Round] = []
    while True:
        rounds.append(_round(asked, builder.execute(token)))
        last = rounds[-1]
        if not last.problems or len(rounds) > max_repairs:
            break
        if last.response.finish_reason in _ADVICE:
            break
        builder = _again(builder, last)
    return _parsed(asked, tuple(rounds))


def parse_stream(
    builder: ChatRequestBuilder, output_format: Any, token: CancelToken | None
) -> ParsedStream[Any]:
    """See :meth:`ChatRequestBuilder.parse_stream`."""
    asked, builder = _asking(builder, output_format)
    return ParsedStream(builder.stream(token), asked)


def _round(asked: Asked, response: ChatResponse) -> Round:
    return Round(response, asked.problems(response))


def _asking(
    builder: ChatRequestBuilder, given: Any
) -> tuple[Asked, ChatRequestBuilder]:
    """What the answer is to be, and the request that says so; the given one stays."""
    given = builder._response_format if given is None else given
    if given is None:
        raise RequestValidationError(
            "chat.parse: expected a class or a JSON Schema, got nothing; give one "
            "here, or with response_format(...)",
            pointer="/response_format",
        )
    form = ResponseFormat.of(given)
    if form.kind not in ("json_object", "json_schema"):
        raise RequestValidationError(
            f"chat.parse: an answer in the form {form.kind!r} has no value to read",
            pointer="/response_format",
        )
    builder = _copy(builder)
    manifest = builder._targets[0].provider.manifest
    known = capabilities.declared(manifest)
    if known and "structured_output" not in known:
        builder._response_format = None
        schema = json.dumps(form.schema, ensure_ascii=False)
        fitting = f" that fits this schema: {schema}" if form.schema else ""
        _tell(builder, f"Answer with one JSON value and nothing else{fitting}")
    else:
        builder._response_format = form
    if form.kind == "json_object" and not _speaks_of_json(builder):
        _tell(builder, "Answer with one JSON object.")  # OpenAI wants the word said
    return Asked(form), builder


def _tell(builder: ChatRequestBuilder, text: str) -> None:
    builder._messages.insert(0, Message.system(text))


def _speaks_of_json(builder: ChatRequestBuilder) -> bool:
    return any("json" in message.text.lower() for message in builder._messages)


def _copy(builder: ChatRequestBuilder) -> ChatRequestBuilder:
    other = copy(builder)
    other._messages = [*builder._messages]
    return other


def _again(builder: ChatRequestBuilder, last: Round) -> ChatRequestBuilder:
    """The request with the answer in it, and what is wrong with that."""
    builder = _copy(builder)
    if last.response.content.strip():
        builder.add_message(Message.assistant(last.response.content))
    problems = "\n".join(f"- {shortened(problem, 400)}" for problem in last.problems)
    return builder.user(
        f"This answer cannot be used:\n{problems}\n"
        "Answer again with the corrected JSON and nothing else."
    )


def _parsed(asked: Asked, rounds: tuple[Round, ...]) -> ParsedResponse[Any]:
    value, last = asked.value(rounds), rounds[-1].response
    made: ParsedResponse[Any] = ParsedResponse()
    made.__dict__.update(last.__dict__)
    made.parsed, made.rounds = value, rounds
    if len(rounds) > 1:
        made.usage = _sum(rounds)
        made.stats = copy(last.stats)
        made.stats.counted(made)
    return made


def _sum(rounds: tuple[Round, ...]) -> Usage:
    total: dict[str, int] = {}
    for each in rounds:
        for name, count in each.response.usage.items():
            total[name] = total.get(name, 0) + count
    raw = rounds[0].response.usage.raw if len(rounds) == 1 else None
    return Usage(total, raw=raw)
