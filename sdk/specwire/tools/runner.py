"""The loop of a conversation with tools: ask, run what is called, ask again.

Each step yields the message (or, streaming, the stream) before its tools run, so that
the caller can look, change what comes next, or stop. It ends when the model calls no
tool. A message that was cut off by ``max_tokens`` or refused runs nothing.

State only moves when a step is complete: after an error, iterating goes on where it
stood, and a tool never runs twice for one call.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..core.codec import dump
from ..core.errors import RequestValidationError
from ..core.types import UNSET, Model
from .compaction import Compaction, summary_of
from .running import by_name, run_all

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..mixins.messages import MessageStream
    from ..models import Message

T = TypeVar("T")
# The server has stopped in the middle, and goes on when it gets its own turn back.
_GOES_ON = ("pause_turn", "compaction")
_log = logging.getLogger("specwire.tools")


class _Runner(Generic[T]):
    """What both runners share; see :class:`ToolRunner`."""

    def __init__(
        self,
        resource: Any,
        params: Mapping[str, Any],
        *,
        max_iterations: int | None,
        compaction: Compaction | None,
        max_threads: int,
    ) -> None:
        if max_iterations is not None and max_iterations < 1:
            raise ValueError("tool_runner: max_iterations must be at least 1, or None")
        self._resource = resource
        self._known = set(inspect.signature(resource.create).parameters) - {"stream"}
        self._max_iterations = max_iterations
        self._compaction = compaction
        self._max_threads = max_threads
        self._params: dict[str, Any] = {}
        self._turn_at = 0
        self._iterations = 0
        self._given: T | None = None
        self._results: dict[str, dict[str, Any]] = {}
        self._compact_next = False
        self._over = False
        self.set_messages_params(params)

    # -- what the caller may do between two steps --------------------------------------

    @property
    def messages(self) -> list[Any]:
        """The conversation as the next request would send it, so far."""
        return list(self._params["messages"])

    def append_messages(self, *messages: Any) -> None:
        """Add to the conversation: dicts, or messages that the model wrote.

        Within the loop they stand behind the turn of the message just yielded and the
        results of its tools, which the runner adds itself, unless they are among
        ``messages``. Does not make the conversation go on after its last turn.
        """
        added = [_as_param(message) for message in messages]
        self._params["messages"] = [*self._params["messages"], *added]

    def set_messages_params(
        self, params: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
    ) -> None:
        """Replace the arguments of the requests that follow.

        :param params: the new ones, or a function from the present ones to them.
        :raises TypeError: for arguments that ``messages.create`` does not have.
        """
        new = dict(params(dict(self._params)) if callable(params) else params)
        unknown = set(new) - self._known - {"betas"}
        if unknown:
            raise TypeError(
                f"tool_runner: unexpected argument {', '.join(sorted(unknown))}; what "
                "messages.create does not take goes into extra_body"
            )
        before = self._params.get("messages", [])[: self._turn_at]
        new["messages"] = [_as_param(m) for m in new.get("messages", ())]
        if new["messages"][: self._turn_at] != before:
            self._turn_at = len(new["messages"])
        new["tools"] = [_as_tool(each) for each in new.get("tools", ())]
        by_name(new["tools"])
        self._params = new

    def generate_tool_call_response(self) -> dict[str, Any] | None:
        """The user's turn with the results of the tools that the last message calls.

        Runs them if they have not run; ``None`` where it calls none that is to be run.
        """
        if self._given is None:
            return None
        calls = _calls(self._message())
        return self._answer(calls) if calls else None

    def close(self) -> None:
        """End the loop."""
        self._over = True
        self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the loop ----------------------------------------------------------------------

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self._given is not None and not self._over:
            self._over = not self._settle()
            self._leave()
        if self._over:
            raise StopIteration
        if self._compact_next:
            self._compact()
        self._turn_at = len(self._params["messages"])
        item = self._ask(self._request())
        self._results = {}
        self._iterations += 1
        self._given = item
        return item

    def until_done(self) -> Message:
        """Run to the end; the last message.

        :raises specwire.errors.RequestValidationError: where the loop is over already.
        """
        message = None
        for _ in self:
            message = self._message()
        if message is None:
            raise RequestValidationError("tool_runner: it has ended; make a new one")
        return message

    def _settle(self) -> bool:
        """Complete the conversation with the last turn; whether to ask again."""
        message = self._message()
        _keep_container(self._params, message)
        calls = _calls(message)
        if not calls and message.stop_reason not in _GOES_ON:
            return False
        if (
            self._max_iterations is not None
            and self._iterations >= self._max_iterations
        ):
            return False  # nobody would read the results
        self._complete(message, calls)
        rule = self._compaction
        self._compact_next = rule is not None and rule.due(message.usage)
        return True

    def _complete(self, message: Message, calls: list[Any]) -> None:
        """Put the turn and its results where they belong, unless they are there."""
        messages = self._params["messages"]
        before, after = messages[: self._turn_at], messages[self._turn_at :]
        turns = [n for n, m in enumerate(after) if m.get("role") == "assistant"]
        at = turns[-1] + 1 if turns else 0
        answered = {r.get("tool_use_id") for m in after for r in _blocks(m)}
        if turns:
            theirs = {b.get("id") for m in after[:at] for b in _blocks(m)}
            calls = [call for call in calls if call.id in theirs]
        missing = [call for call in calls if call.id not in answered]
        own = [] if turns else [_as_param(message)]
        if missing:
            own.append(self._answer(missing))
        self._params["messages"] = [*before, *after[:at], *own, *after[at:]]

    def _answer(self, calls: list[Any]) -> dict[str, Any]:
        left = [call for call in calls if call.id not in self._results]
        if left:
            tools = by_name(self._params["tools"])
            done = run_all(left, tools, self._max_threads)
            self._results.update({each["tool_use_id"]: each for each in done})
        return {"role": "user", "content": [self._results[call.id] for call in calls]}

    def _request(self) -> dict[str, Any]:
        """The arguments of the next request."""
        params = dict(self._params)
        if not params["messages"]:
            raise RequestValidationError(
                "tool_runner: there is no message to send; pass messages=, or "
                "append_messages(...) before the loop",
                pointer="/messages",
            )
        betas = _betas(params)
        if betas:
            # A list in the header of the caller's own is added to, not replaced.
            extra = dict(params.get("extra_headers") or {})
            names = {name.lower(): name for name in extra}
            own = extra.pop(names.get("anthropic-beta", ""), "")
            joined = [*dict.fromkeys([*filter(None, own.split(",")), *betas])]
            if "betas" in self._known:
                params.update(betas=joined, extra_headers=extra)
            else:
                params.pop("betas", None)
                params["extra_headers"] = {**extra, "anthropic-beta": ",".join(joined)}
        tools = params.pop("tools")
        if tools:
            params["tools"] = [_definition(each) for each in tools]
        return params

    def _compact(self) -> None:
        """Replace the conversation by its summary, where one can be had."""
        rule = self._compaction
        assert rule is not None
        summary = summary_of(self._resource.create(**rule.request(self._request())))
        self._compact_next = False
        if summary is None:
            _log.warning("tool_runner: no usable summary came; nothing was replaced")
            return
        block = {"type": "text", "text": summary}
        self._params["messages"] = [{"role": "user", "content": [block]}]

    def _ask(self, params: dict[str, Any]) -> T:
        raise NotImplementedError

    def _message(self) -> Message:
        raise NotImplementedError

    def _leave(self) -> None:
        self._given = None


class ToolRunner(_Runner["Message"]):
    """Iterate for each message of the conversation, or :meth:`until_done` for the last.

    >>> for message in client.messages.tool_runner(...):  # doctest: +SKIP
    ...     print(message.content)
    """

    def _ask(self, params: dict[str, Any]) -> Message:
        message: Message = self._resource.create(**params)
        return message

    def _message(self) -> Message:
        assert self._given is not None
        return self._given


class StreamingToolRunner(_Runner["MessageStream"]):
    """Iterate for the stream of each message; what is left of it is read by the runner.

    >>> for stream in client.messages.tool_runner(..., stream=True):  # doctest: +SKIP
    ...     for text in stream.text_stream:
    ...         print(text, end="")
    """

    def _ask(self, params: dict[str, Any]) -> MessageStream:
        stream: MessageStream = self._resource.stream(**params).__enter__()
        return stream

    def _message(self) -> Message:
        assert self._given is not None
        return self._given.get_final_message()

    def _leave(self) -> None:
        if self._given is not None:
            self._given.close()
        super()._leave()


def _calls(message: Any) -> list[Any]:
    """The calls that are to be run: those of a message that ended in order to call."""
    if message.stop_reason != "tool_use":
        return []
    kinds = ((block, getattr(block, "type", None)) for block in message.content)
    return [block for block, kind in kinds if kind == "tool_use"]


def _as_param(message: Any) -> Any:
    """A message of the model's as one of a request; others as they are."""
    if not isinstance(message, Model):
        return message
    data = dump(message)
    return {"role": data["role"], "content": data["content"]}


def _as_tool(tool: Any) -> Any:
    if callable(tool) and not hasattr(tool, "to_dict"):
        from .function import FunctionTool

        return FunctionTool(tool)
    return tool


def _definition(tool: Any) -> Any:
    return tool.to_dict() if hasattr(tool, "to_dict") else tool


def _betas(params: Mapping[str, Any]) -> list[str]:
    """The caller's beta features, and those that the tools need."""
    given = params.get("betas", UNSET)
    own: Iterable[str] = () if given is UNSET or given is None else given
    own = own.split(",") if isinstance(own, str) else own
    needed = [name for tool in params["tools"] for name in getattr(tool, "betas", ())]
    return list(dict.fromkeys([*own, *needed]))


def _blocks(message: Any) -> list[Mapping[str, Any]]:
    content = message.get("content") if isinstance(message, Mapping) else None
    if content is None or isinstance(content, str):
        return []
    return [dump(block) if isinstance(block, Model) else block for block in content]


def _keep_container(params: dict[str, Any], message: Any) -> None:
    """Later requests run in the container that the first one has started."""
    made = getattr(getattr(message, "container", None), "id", None)
    if not made:
        return
    asked = params.get("container")
    asked = asked if isinstance(asked, Mapping) else None
    params["container"] = made if asked is None else {**asked, "id": made}
