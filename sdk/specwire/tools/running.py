"""Running the tools that one message calls: side by side, each to a result block.

In a task a plain function runs in a thread, for it may block; an ``async def`` is
awaited, and a tool that ``awaits`` waits in the loop. Whatever a tool raises becomes a
result with ``is_error``, so that the model can try something else; only what ends the
program (KeyboardInterrupt) goes through.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.codec import dump
from ..core.crew import here
from ..core.errors import RequestValidationError, shortened
from .protocol import ToolError

_MOST_TEXT = 8_000
_log = logging.getLogger("specwire.tools")


def by_name(tools: Iterable[Any]) -> dict[str, Any]:
    """The tools with code behind them; definitions alone run at the server, or nowhere.

    :raises TypeError: for two tools of one name.
    """
    found: dict[str, Any] = {}
    for each in tools:
        if not hasattr(each, "call"):
            continue
        if each.name in found:
            raise TypeError(f"tool_runner: two tools are called {each.name!r}")
        found[each.name] = each
    return found


def run_all(
    calls: Sequence[Any], tools: Mapping[str, Any], max_threads: int
) -> list[dict[str, Any]]:
    """The result of each of ``calls``, in their order.

    :raises TypeError: for an async tool, where nothing can be awaited.
    """
    _check(calls, tools)
    alone = [call for call in calls if getattr(tools.get(call.name), "in_order", False)]
    groups = [[call] for call in calls if call not in alone]
    if alone:
        groups.append(alone)

    def run(group: list[Any]) -> list[tuple[str, dict[str, Any]]]:
        return [(call.id, result_of(call, tools)) for call in group]

    if len(groups) == 1 or max_threads <= 1:
        done = [pair for group in groups for pair in run(group)]
    else:
        done = [pair for part in _spread(run, groups, max_threads) for pair in part]
    results = dict(done)
    return [results[call.id] for call in calls]


def _spread(run: Any, groups: list[list[Any]], most: int) -> list[Any]:
    with here().crew(min(len(groups), most), "specwire-tool") as crew:
        return here().all(crew.submit(run, group) for group in groups)


def _check(calls: Sequence[Any], tools: Mapping[str, Any]) -> None:
    if here().awaits:
        return
    for call in calls:
        if _is_async(tools.get(call.name)):
            raise TypeError(
                f"tool {call.name!r}: a synchronous client cannot await an async "
                "function; use the async client, or write it without async"
            )


def _is_async(tool: Any) -> bool:
    work = getattr(tool, "func", None) or getattr(tool, "call", None)
    return inspect.iscoroutinefunction(work)


def _called(tool: Any, input: Any) -> Any:
    """What the tool gives, which may block, wait in the loop, or be awaitable."""
    if _is_async(tool) or getattr(tool, "awaits", False):
        return here().settled(tool.call(input))
    return here().called(tool.call, input)


def result_of(call: Any, tools: Mapping[str, Any]) -> dict[str, Any]:
    """Run one call; its ``tool_result`` block."""
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": call.id}
    tool = tools.get(call.name)
    if tool is None:
        known = ", ".join(sorted(tools)) or "none"
        text = f"Error: Tool '{call.name}' not found. There are: {known}"
        return {**block, "content": text, "is_error": True}
    try:
        content = content_of(_called(tool, call.input))
    except ToolError as error:
        return {**block, "content": content_of(error.content), "is_error": True}
    except Exception as error:
        _log.warning("tool %r failed", call.name, exc_info=True)
        text = f"{type(error).__name__}: {error}" if str(error) else repr(error)
        return {**block, "content": shortened(text, _MOST_TEXT), "is_error": True}
    return block if content is None else {**block, "content": content}


def content_of(value: Any) -> Any:
    """What a tool returned as the content of its result.

    Text and content blocks as they are, ``None`` as no content, all else as JSON.
    """
    if value is None or isinstance(value, str):
        return value
    if _is_block(value):
        return [dump(value)]
    if isinstance(value, (list, tuple)) and value and all(map(_is_block, value)):
        return dump(list(value))
    from ..core.codec import dumps

    try:
        return dumps(value, "tool").decode()
    except RequestValidationError:
        return str(value)


_BLOCKS = {"text", "image", "document", "search_result", "tool_reference"}


def _is_block(value: Any) -> bool:
    kind = (
        value.get("type") if isinstance(value, Mapping) else getattr(value, "type", 0)
    )
    return isinstance(kind, str) and kind in _BLOCKS
