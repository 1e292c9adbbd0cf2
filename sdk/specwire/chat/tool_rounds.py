"""A chat that runs its tools: ask, run what is called, tell the results, ask again.

How one call is run, and what becomes of its failure, is :mod:`specwire.tools.running`,
as for ``tool_runner``. The conversation grows in the builder, which goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core.errors import RequestValidationError
from ..tools.running import by_name, run_all
from .messages import Message
from .tools import ToolCall

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken
    from .response import ChatResponse
    from .turn import ChatRequestBuilder


class _Asked(NamedTuple):
    """A call in the words of the runner."""

    id: str
    name: str
    input: dict[str, Any]


def run(
    builder: ChatRequestBuilder,
    max_rounds: int,
    max_threads: int,
    cancel_token: CancelToken | None,
) -> ChatResponse:
    """The first answer that calls no tool which could be run here."""
    if max_rounds < 1:
        raise RequestValidationError("run_tools: max_rounds must be at least 1")
    tools = by_name(_runnable(builder._tools))
    if not tools:
        raise RequestValidationError(
            "run_tools: expected a tool with code behind it; add some with tools(...)"
        )
    response = builder.execute(cancel_token)
    for _ in range(max_rounds - 1):
        calls = response.tool_calls
        # What was cut off is not what the model meant to call.
        cut = response.finish_reason in ("max_tokens", "refusal")
        if cut or not any(call.name in tools for call in calls):
            break
        if cancel_token is not None:
            cancel_token.raise_if_cancelled("run_tools")
        builder.add_message(response.to_message())
        builder.messages(_told(calls, tools, max_threads))
        response = builder.execute(cancel_token)
    return response


def _runnable(tools: Iterable[Any]) -> list[Any]:
    from ..tools.function import FunctionTool

    plain = [t for t in tools if callable(t) and not hasattr(t, "to_dict")]
    return [FunctionTool(t) if t in plain else t for t in tools]


def _told(
    calls: list[ToolCall], tools: dict[str, Any], max_threads: int
) -> list[Message]:
    """What each call gave, in the order of the calls."""
    sound = [_Asked(c.id, c.name, c.arguments) for c in calls if not c.error]
    done = {r["tool_use_id"]: r for r in run_all(sound, tools, max_threads)}
    told = []
    for call in calls:
        result = done.get(call.id) or {
            "content": f"Error: {call.error}",
            "is_error": True,
        }
        content = _text(result.get("content", ""))
        failed = bool(result.get("is_error"))
        told.append(Message.tool(call.id, content, is_error=failed, name=call.name))
    return told


def _text(content: Any) -> Any:
    """Blocks that are all text as one text, which every provider takes."""
    if isinstance(content, list) and all(b.get("type") == "text" for b in content):
        return "\n".join(str(b.get("text", "")) for b in content)
    return content
