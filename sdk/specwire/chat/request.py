"""A chat request, and what it is on the wire of one provider.

Pure: a record and a request go in, a body, headers and a path come out, and nothing is
sent. The guard and all checks come first, so that a request which would be refused is
refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..core.errors import RequestValidationError, UnsupportedCapabilityError
from . import capabilities
from .dialects import dialect
from .dialects.base import Dialect, merged, put
from .formats import ResponseFormat
from .messages import Message
from .parameters import OWN, checked, limit_of, written
from .record import Described, Record, part, provider
from .tools import ToolChoice, ToolDefinition


class ChatRequest:
    """What is asked, in the words that all providers share.

    :ivar model: the provider's own name of the model (``gpt-4o``).
    :ivar parameters: by standard names (``temperature``, ``max_tokens``,
        ``reasoning_effort``, ``parallel_tool_calls``); others are sent as they are.
    :ivar response_format: anything that :class:`~.formats.ResponseFormat` reads.
    :ivar candidates: how many answers are wanted.
    :ivar candidate: which of several this one asks for, where each is asked for by
        itself.
    :ivar extra: members of the body, as they are; they win over all others.
    """

    __slots__ = (
        *("candidate", "candidates", "extra", "messages", "model", "parameters"),
        *("response_format", "stream", "tool_choice", "tools"),
    )

    def __init__(
        self,
        model: str = "",
        messages: Iterable[Any] = (),
        *,
        parameters: Mapping[str, Any] | None = None,
        tools: Iterable[Any] = (),
        tool_choice: Any = None,
        response_format: Any = None,
        candidates: int = 1,
        stream: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        given = dict(parameters or {})
        # A parameter of that name is the same wish.
        if tool_choice is None:
            tool_choice = given.pop("tool_choice", None)
        if response_format is None:
            response_format = given.pop("response_format", None)
        if candidates == 1:
            candidates = given.pop("n", None) or given.pop("candidates", None) or 1
        self.model = model
        self.messages = [Message.of(message) for message in messages]
        self.tools = [
            ToolDefinition.of(tool) for tool in tools or given.pop("tools", ())
        ]
        self.parameters = given
        self.tool_choice = tool_choice
        self.response_format = (
            None if response_format is None else ResponseFormat.of(response_format)
        )
        self.candidates = candidates
        self.candidate = 0
        self.stream = stream
        self.extra = dict(extra or {})

    def __repr__(self) -> str:
        said = f"{len(self.messages)} messages, {len(self.tools)} tools"
        return f"ChatRequest({self.model!r}, {said})"


class Payload:
    """A request on the wire of one provider.

    :ivar operation: which of the manifest's operations it is.
    :ivar path: that operation's, below the base URL, with the model's name in it.
    :ivar headers: those that the manifest declares; no credential.
    """

    __slots__ = ("body", "headers", "method", "operation", "path", "query")

    def __init__(
        self, body: dict[str, Any], operation: str, endpoint: Record, path: str
    ) -> None:
        self.body = body
        self.operation = operation
        self.method = str(endpoint.get("method") or "POST")
        self.path = path
        self.query: dict[str, str] = dict(endpoint.get("query") or {})
        self.headers: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Payload({self.method} {self.path}, {', '.join(self.body)})"


def payload(manifest: Described, request: ChatRequest) -> Payload:
    """``request`` as ``manifest``'s provider wants it.

    :raises UnsupportedCapabilityError: where the provider does not declare what the
        request needs.
    :raises RequestValidationError: for values that would be refused.
    """
    capabilities.guard(manifest, request)
    record = manifest.data
    writer = dialect(str(record.get("dialect") or "openai"))(record)
    body = writer.body
    if request.model and writer.names_model:
        body["model"] = request.model
    writer.conversation(request.messages)
    _put_tools(manifest, writer, request)
    if request.response_format is not None:
        writer.answer(request.response_format)
    _put_parameters(manifest, writer, request)
    _put_candidates(manifest, writer, request)
    constants = part(manifest, "body").get("stream" if request.stream else "plain")
    merged(body, constants or {})
    merged(body, request.extra)
    operation, endpoint = _endpoint(record, request.stream)
    made = Payload(body, operation, endpoint, filled_path(manifest, endpoint, request))
    made.headers = {str(k): str(v) for k, v in part(manifest, "headers").items()}
    return made


def _endpoint(record: Record, stream: bool) -> tuple[str, Record]:
    operations = record.get("operations") or {}
    if stream and "stream_chat" in operations:
        return "stream_chat", operations["stream_chat"]
    return "chat", operations.get("chat") or {}


# -- the path ----------------------------------------------------------------------


def filled_path(manifest: Described, endpoint: Record, request: ChatRequest) -> str:
    """The operation's path with the model's name in it.

    A name's slashes are slashes of the path (``accounts/a/models/m``); a collection
    that both have is not doubled (``models/gemini-pro`` below ``/models/``).
    """
    template = str(endpoint.get("path") or "")
    before, mark, after = template.partition("{model}")
    if not mark:
        return template
    segments = request.model.split("/")
    if any(not name.strip(". \t") for name in segments):
        raise RequestValidationError(
            f"chat ({provider(manifest)}): expected a model's name, which stands in "
            f"the path; got {request.model!r:.80}",
            pointer="/model",
        )
    collection = before.rstrip("/").rpartition("/")[2]
    if len(segments) > 1 and collection == "models":
        if segments[0] == "models":
            segments = segments[1:]
        elif segments[0] == "tunedModels":
            before = before[: -len("models/")]
    return before + "/".join(quote(name, safe="@") for name in segments) + after


# -- tools -------------------------------------------------------------------------


def _put_tools(manifest: Described, writer: Dialect, request: ChatRequest) -> None:
    if capabilities.tool_mode(manifest) == "text_only":
        return  # they are told in words, and called in words
    tools = request.tools
    if tools:
        writer.tools(tools)
    if request.tool_choice is not None:
        names = [tool.name for tool in tools if isinstance(tool, ToolDefinition)]
        choice = ToolChoice.of(request.tool_choice, names)
        _check_choice(writer, choice, names, tools)
        if tools:
            writer.choice(choice, tools)
    parallel = request.parameters.get("parallel_tool_calls")
    if tools and parallel is not None:
        writer.parallel(bool(parallel))


def _check_choice(
    writer: Dialect, choice: ToolChoice, names: Sequence[str], tools: Sequence[Any]
) -> None:
    if choice.mode in ("auto", "none"):
        return
    if not tools:
        raise writer.refused(
            f"tool_choice is {choice.mode!r} and there are no tools", "/tool_choice"
        )
    known = len(names) == len(tools)  # a provider's own tools have names of their own
    if choice.mode == "tool" and known and choice.name not in names:
        raise writer.refused(
            f"tool_choice: expected one of {', '.join(names)}, got {choice.name!r}",
            "/tool_choice",
        )


# -- parameters --------------------------------------------------------------------


def _put_parameters(manifest: Described, writer: Dialect, request: ChatRequest) -> None:
    body, filled = written(manifest, request.parameters, request.model, OWN)
    merged(writer.body, body)
    table = part(manifest, "parameters")
    rule = table.get("reasoning_effort") or {}
    effort = request.parameters.get("reasoning_effort", rule.get("default"))
    if effort is None:
        return
    if isinstance(effort, str):
        checked(manifest, "reasoning_effort", effort, rule)
    if "max_tokens" in filled:
        known = limit_of(manifest, request.model)
        writer.most = known or table["max_tokens"].get("max") or 2**31
    writer.effort(effort, rule.get("wire") or ("reasoning_effort",))


def _put_candidates(manifest: Described, writer: Dialect, request: ChatRequest) -> None:
    wanted = request.candidates
    if wanted == 1:
        return
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 1:
        raise writer.refused(
            f"candidates: expected 1 or more, got {wanted!r:.40}", "/n"
        )
    rule = part(manifest, "multi_candidate")
    how, most = rule.get("how") or "none", rule.get("max")
    if how == "none":
        raise UnsupportedCapabilityError(
            f"{writer.where}: the provider gives one candidate, not {wanted}",
            pointer="/n",
            capability="multi_candidate",
        )
    if most and wanted > most:
        raise writer.refused(f"candidates: expected 1 to {most}, got {wanted}", "/n")
    if how == "native":
        put(writer.body, rule.get("wire") or ("n",), wanted)
