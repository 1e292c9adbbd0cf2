"""One turn of a conversation: what is said, then ``execute`` or ``stream``.

A builder collects; nothing happens before it is executed, and it can be executed again.
What is sent is decided by :mod:`specwire.chat.request`, what came by the manifest.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.errors import (
    RequestValidationError,
    SpecwireError,
    UnsupportedCapabilityError,
)
from ..core.resource import UNSET, Resource
from ..core.wire import checked_headers
from . import capabilities
from .messages import Message
from .readings import Readings
from .request import ChatRequest, payload

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.cancelling import CancelToken
    from ..core.client import BaseClient
    from ..core.retry import Policy
    from ..core.types import Timeout
    from .client import AiClient
    from .provider import Target
    from .response import CallStats, ChatResponse
    from .streaming import ChatStream, Words

T = TypeVar("T")
_SAID: Final = (
    "_messages",
    "_tools",
    "_parameters",
    "_headers",
    "_extra",
    "_tool_choice",
    "_response_format",
    "_candidates",
    "_timeout",
    "_max_retries",
)
"""What a request is made of, beside who sends it."""


class ChatRequestBuilder(Readings):
    """A request in the making; each method returns the builder.

    >>> client.chat().system("Be brief.").user("Hello").execute()  # doctest: +SKIP

    Messages stand in the order in which they were added, by whichever method. Use one
    builder from one thread; a client may have any number of them.
    """

    def __init__(
        self,
        client: BaseClient,
        targets: Sequence[Target],
        *,
        policy: Policy | None = None,
    ) -> None:
        self._client = client
        self._targets = targets
        self._policy = policy
        self._messages: list[Message] = []
        self._tools: list[Any] = []
        self._parameters: dict[str, Any] = {}
        self._headers: dict[str, str | None] = {}
        self._extra: dict[str, Any] = {}
        self._tool_choice: Any = None
        self._response_format: Any = None
        self._candidates = 1
        self._timeout: Any = UNSET
        self._max_retries: Any = UNSET

    # -- what is said --------------------------------------------------------------

    def system(self, content: Any) -> Self:
        """What the model is to be; text or content blocks."""
        return self.add_message(Message.system(content))

    def user(self, content: Any) -> Self:
        """What the user says; text or content blocks."""
        return self.add_message(Message.user(content))

    def assistant(self, content: Any, **extra: Any) -> Self:
        """What the model has said before."""
        return self.add_message(Message.assistant(content, **extra))

    def add_message(self, message: Any) -> Self:
        """A :class:`~specwire.chat.messages.Message`, or a dict of its members."""
        self._messages.append(Message.of(message))
        return self

    message = add_message

    def messages(self, messages: Iterable[Any]) -> Self:
        """Several messages, behind those that are there."""
        for message in messages:
            self.add_message(message)
        return self

    def tools(self, tools: Iterable[Any]) -> Self:
        """Tools that the model may call.

        :class:`~specwire.chat.tools.ToolDefinition`, or dicts as OpenAI or Anthropic
        have them, or flat ones: ``{"name", "description", "parameters"}``.
        """
        self._tools.extend(tools)
        return self

    def tool_choice(self, choice: Any) -> Self:
        """``auto``, ``none``, ``required``, a tool's name, or a ``ToolChoice``."""
        self._tool_choice = choice
        return self

    def response_format(self, form: Any) -> Self:
        """How the answer is to look: ``json_object``, a JSON Schema, or a class."""
        self._response_format = form
        return self

    def candidates(self, count: int) -> Self:
        """How many answers are wanted.

        A provider that gives one at a time is asked as often, in threads, by
        :meth:`execute`; its streams have one.
        """
        self._candidates = count
        return self

    n = candidates

    # -- parameters ----------------------------------------------------------------

    def param(self, name: str, value: Any) -> Self:
        """Any parameter, by its standard name or the provider's own."""
        self._parameters[name] = value
        return self

    def temperature(self, value: float | None) -> Self:
        """How far the words may stray; None is the provider's choice."""
        return self.param("temperature", value)

    def max_tokens(self, value: int | None) -> Self:
        """The longest answer, in tokens."""
        return self.param("max_tokens", value)

    def top_p(self, value: float | None) -> Self:
        """Choose among the likeliest words whose shares add up to this, 0 to 1."""
        return self.param("top_p", value)

    def top_k(self, value: int | None) -> Self:
        """Choose among so many of the likeliest words."""
        return self.param("top_k", value)

    def seed(self, value: int | None) -> Self:
        """The same number gives the same answer, as far as the provider can."""
        return self.param("seed", value)

    def stop(self, sequences: str | Sequence[str]) -> Self:
        """Texts at which the answer ends."""
        one = isinstance(sequences, str)
        return self.param("stop_sequences", [sequences] if one else list(sequences))

    def reasoning(self, effort: str | int | None) -> Self:
        """How much is thought first: ``low``, ``medium``, ``high``, or tokens."""
        return self.param("reasoning_effort", effort)

    # -- the call ------------------------------------------------------------------

    def header(self, name: str, value: str | None) -> Self:
        """A header of this request; ``None`` takes away one that would be sent.

        :raises RequestValidationError: for what cannot stand in a header.
        """
        self._headers.update(checked_headers("chat", {name: value}))
        return self

    def extra_body(self, members: Mapping[str, Any]) -> Self:
        """Members of the body, as they are; they win over all others."""
        self._extra.update(members)
        return self

    def timeout(self, timeout: float | Timeout | None) -> Self:
        """As the client's, for this request."""
        self._timeout = timeout
        return self

    def max_retries(self, retries: int) -> Self:
        """As the client's, for this request."""
        self._max_retries = retries
        return self

    def at(self, client: AiClient) -> ChatRequestBuilder:
        """The same request, to be sent by another client.

        What is added to one of them from now on the other does not have.
        """
        other = client.chat()
        for name in _SAID:
            value = getattr(self, name)
            copied = value.copy() if isinstance(value, (dict, list)) else value
            setattr(other, name, copied)
        return other

    # -- what is made of it ----------------------------------------------------------

    def request(self, *, model: str | None = None, stream: bool = False) -> ChatRequest:
        """The request as a value, in the words that all providers share.

        :raises RequestValidationError: where nothing was said.
        """
        if not self._messages:
            raise RequestValidationError(
                "chat: expected at least one message; add one with user(...)",
                pointer="/messages",
            )
        return ChatRequest(
            self._targets[0].model if model is None else model,
            self._messages,
            parameters=self._parameters,
            tools=self._tools,
            tool_choice=self._tool_choice,
            response_format=self._response_format,
            candidates=self._candidates,
            stream=stream,
            extra=self._extra,
        )

    def build_payload(self, *, stream: bool = False) -> dict[str, Any]:
        """The body that would be sent; nothing is."""
        target = self._targets[0]
        request = self.request(stream=stream)
        return payload(target.provider.manifest, request).body

    def execute(self, cancel_token: CancelToken | None = None) -> ChatResponse:
        """Send it, and wait for the whole answer.

        :param cancel_token: ends the call, from another thread or after a time.
        :raises SpecwireError: the last attempt's failure.
        """
        return self._first(self._execute, cancel_token)

    def execute_with_stats(
        self, cancel_token: CancelToken | None = None
    ) -> tuple[ChatResponse, CallStats]:
        """As :meth:`execute`, and how the call went."""
        response = self.execute(cancel_token)
        return response, response.stats

    def run_tools(
        self,
        cancel_token: CancelToken | None = None,
        *,
        max_rounds: int = 10,
        max_threads: int = 8,
    ) -> ChatResponse:
        """Send it, run the tools that are called, and go on until none is.

        The tools are those of :meth:`tools` with code behind them: functions, what
        ``@tool`` makes, an MCP server's. The builder keeps the conversation, so that it
        can be gone on with; a call of a tool without code is the caller's to answer.

        :param max_rounds: how often the model is asked at most; the last answer may
            still call tools.
        :param max_threads: how many calls of one answer run at a time.
        """
        from .tool_rounds import run

        return run(self, max_rounds, max_threads, cancel_token)

    def stream(self, cancel_token: CancelToken | None = None) -> ChatStream:
        """Send it, and hand out the answer's events as they arrive.

        Iterate it once; leave it early with ``break`` inside ``with``, or ``close()``.

        :raises SpecwireError: where the call fails, here or while it is iterated.
        """
        return self._first(self._stream, cancel_token)

    def stream_with_stats(
        self, cancel_token: CancelToken | None = None
    ) -> tuple[ChatStream, CallStats]:
        """As :meth:`stream`; the second value is complete once the stream has ended."""
        stream = self.stream(cancel_token)
        return stream, stream.stats

    # -- sending -------------------------------------------------------------------

    def _first(
        self,
        ask: Callable[[Target, CancelToken | None], T],
        token: CancelToken | None,
    ) -> T:
        """The first target's answer, or that of one to fall back on.

        Only errors after which another model may do better lead on.
        """
        for target in self._targets[:-1]:
            try:
                return ask(target, token)
            except SpecwireError as error:
                if not error.standard_code.fallbackable:
                    raise
        return ask(self._targets[-1], token)

    def _execute(self, target: Target, token: CancelToken | None) -> ChatResponse:
        request = self.request(model=target.model)
        manifest, turn = target.provider.manifest, None
        if request.tools and capabilities.tool_mode(manifest) != "native":
            from .text_turns import TextTurn

            turn = TextTurn(manifest)
            request = turn.asked(request)
        rule = manifest.data.get("multi_candidate") or {}
        response: ChatResponse
        if request.candidates != 1 and rule.get("how") == "simulated":
            from .simulated import answers

            send = partial(self._send, target)
            response = answers(request, int(rule.get("max") or 4), token, send)
        else:
            response = self._send(target, request, token)
        return response if turn is None else turn.response(response)

    def _stream(self, target: Target, token: CancelToken | None) -> ChatStream:
        request = self.request(model=target.model, stream=True)
        manifest = target.provider.manifest
        rule = manifest.data.get("multi_candidate") or {}
        if request.candidates != 1 and rule.get("how") == "simulated":
            raise UnsupportedCapabilityError(
                f"chat ({manifest.data['id']}): a stream of this provider has one "
                f"candidate, not {request.candidates}; execute() asks several times",
                pointer="/n",
                capability="multi_candidate",
            )
        words: Callable[[], Words] | None = None
        if request.tools and capabilities.tool_mode(manifest) != "native":
            from .text_turns import TextTurn

            turn = TextTurn(manifest)
            request, words = turn.asked(request), turn.reader
        stream: ChatStream = self._send(target, request, token, words)
        if target is not self._targets[-1]:
            stream.begin()
        return stream

    def _send(
        self,
        target: Target,
        request: ChatRequest,
        token: CancelToken | None,
        words: Callable[[], Words] | None = None,
    ) -> Any:
        """Send ``request``: a response, or a stream of one."""
        client, provider = self._client, target.provider
        made = payload(provider.manifest, request)
        operation = provider.operation(
            made, target.model, stream=request.stream, words=words
        )
        headers = {**provider.own_headers(made), **self._headers}
        call = Resource(client)._prepare(
            operation,
            {"body": made.body},
            (self._timeout, self._max_retries, None),
            (headers, None, None),
        )
        call.cancel = token
        call.scratch["chat"] = request
        answer = client._engine.send(
            call, client._hooks, self._policy or provider.policy
        )
        answer.stats.client_request_id = secrets.token_hex(16)
        answer.stats.endpoint = made.path
        return answer

    def __repr__(self) -> str:
        said = f"{len(self._messages)} messages, {len(self._tools)} tools"
        return f"<ChatRequestBuilder of {self._targets[0].name}, {said}>"
