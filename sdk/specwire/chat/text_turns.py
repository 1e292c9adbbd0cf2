"""Turns with models that call tools in their text, as their manifests say.

The tools are described in the system message, calls and results of earlier turns are
written as text, and what the answer calls is read out of its text again, streamed or
not. To the program it looks like any other tool calling.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

from .events import (
    ContentDelta,
    FinalCandidate,
    PartialToolCall,
    StreamEnd,
    StreamingEvent,
    ToolCallEnded,
    ToolCallStarted,
)
from .messages import Message
from .request import ChatRequest
from .response import ChatResponse
from .streaming import Words
from .text_tools import (
    TextToolResult,
    TextToolStream,
    ToolCallingPolicy,
)
from .tools import ToolCall


class TextTurn:
    """How one manifest's models are told of tools, and how their calls are read.

    :ivar native: whether the API's own tool calling is used as well.
    """

    def __init__(self, manifest: Any) -> None:
        self.policy = ToolCallingPolicy.of(manifest)
        self.native = self.policy.send_native_tool_specs()

    def asked(self, request: ChatRequest) -> ChatRequest:
        """``request`` with its tools in words; ``request`` itself stays as it is."""
        told = copy.copy(request)
        prompt = self.policy.parser.prompt_instructions(request.tools)
        messages = list(request.messages)
        if not self.native:
            messages = [message for m in messages for message in self._worded(m)]
            told.tools, told.tool_choice = [], None
            told.parameters = {
                name: value
                for name, value in request.parameters.items()
                if name != "parallel_tool_calls"
            }
        told.messages = [Message.system(prompt), *messages]
        if messages and messages[0].role == "system":
            whole = f"{messages[0].text}\n\n{prompt}"
            told.messages = [Message.system(whole), *messages[1:]]
        return told

    def _worded(self, message: Message) -> Iterator[Message]:
        """A message without calls and results that only an API's own calling has."""
        if message.role == "tool":
            result = TextToolResult(message.tool_call_id or "", message.text)
            yield Message.user(self.policy.parser.format_results([result]))
        elif message.role == "assistant" and message.tool_calls:
            calls = [_written(call) for call in message.tool_calls]
            yield Message.assistant("\n".join(filter(None, [message.text, *calls])))
        else:
            yield message

    def response(self, response: ChatResponse) -> ChatResponse:
        """``response`` with the calls that stand in its text."""
        for candidate in response.candidates:
            read = self.policy.read(candidate.content, candidate.tool_calls)
            if read.tool_calls and not candidate.tool_calls:
                candidate.finish_reason = "tool_use"
            candidate.content, candidate.tool_calls = (
                read.remaining_text,
                list(read.tool_calls),
            )
        return response

    def reader(self) -> Words:
        """What reads one stream."""
        return _TextEvents(self)


def _written(call: ToolCall) -> str:
    said = {"name": call.name, "arguments": call.arguments}
    return f"<tool_call>{json.dumps(said, ensure_ascii=False)}</tool_call>"


class _TextEvents(Words):
    """The events of a stream in whose text calls may stand."""

    def __init__(self, turn: TextTurn) -> None:
        self._turn = turn
        self._readers: dict[int, TextToolStream] = {}
        self._calls: dict[int, int] = {}
        self._pieces = 0
        self._native = False

    def through(self, events: Iterable[Any]) -> Iterator[Any]:
        for event in events:
            if isinstance(event, ContentDelta) and not self._native:
                number = event.candidate_index
                reader = self._readers.get(number)
                if reader is None:
                    parser = self._turn.policy.parser
                    reader = self._readers[number] = parser.stream()
                yield from self._events(number, reader.feed(event.content))
                continue
            if isinstance(event, ToolCallStarted):
                # Native calls win: what is in the text is text then.
                self._native = self._native or not self._calls
            if isinstance(event, (FinalCandidate, StreamEnd)):
                yield from self._closed()
                _tell(event, self._calls)
            yield event

    def _closed(self) -> Iterator[StreamingEvent]:
        readers, self._readers = self._readers, {}
        for number, reader in readers.items():
            yield from self._events(number, reader.end())

    def _events(
        self, number: int, parts: Iterable[str | ToolCall]
    ) -> Iterator[StreamingEvent]:
        for part in parts:
            if isinstance(part, str):
                if part:
                    self._pieces += 1
                    yield ContentDelta(part, self._pieces - 1, number)
                continue
            index = self._calls.get(number, 0)
            self._calls[number] = index + 1
            yield ToolCallStarted(part.id, part.name, index, number)
            yield PartialToolCall(part.id, part.text, index, True, number)
            yield ToolCallEnded(part.id, index, number)

    def response(self, response: ChatResponse) -> ChatResponse:
        return self._turn.response(response)


def _tell(event: FinalCandidate | StreamEnd, calls: dict[int, int]) -> None:
    """Say that the answer ended for its calls, where the provider does not know it."""
    number = getattr(event, "candidate_index", 0)
    if calls.get(number) and event.finish_reason in ("end_turn", "stop_sequence"):
        event.finish_reason = "tool_use"
