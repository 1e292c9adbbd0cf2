"""A server's tools as tools of ours: named for an API, and from several servers.

What a server says of its tools reaches a model, so it is cleaned and bounded here; a
schema that is none would have the API refuse the whole request.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.crew import here
from ..core.errors import DecodeError, shortened
from ..tools.mcp import MCPTool
from .schemas import misfit, problem_of
from .values import Tool, ToolResult

if TYPE_CHECKING:
    from .client import MCPClient

logger = logging.getLogger("specwire.mcp")
MOST_NAME: Final = 64
"""What all APIs take as a tool's name; some take more."""
MOST_DESCRIPTION: Final = 10_000
_ODD: Final = re.compile(r"[^a-zA-Z0-9_-]")
_PREFIX: Final = re.compile(r"[a-zA-Z0-9_-]{0,40}").fullmatch


def tools_of(clients: Mapping[str, MCPClient]) -> list[MCPTool]:
    """The tools of several servers, each named ``server__tool``.

    >>> tools_of({"files": files, "web": web})  # doctest: +SKIP

    :param clients: a short name of each server, and its client.
    """
    return [
        tool
        for name, client in clients.items()
        for tool in client.tools(prefix=f"{name}__")
    ]


def runnable(
    tools: list[Tool], call: Callable[[str, Any], Any], prefix: str = ""
) -> list[MCPTool]:
    """``tools`` for a runner; ``call`` is given the name that the server knows."""
    if not _PREFIX(prefix):
        raise ValueError(
            "mcp: expected a prefix of at most 40 letters, digits, _ and -, got "
            f"{prefix!r:.60}"
        )
    made: dict[str, MCPTool] = {}
    for tool in tools:
        schema = tool.raw.get("inputSchema", {})
        if isinstance(schema, dict):
            schema = {"type": "object", **schema}  # some servers leave that out
        problem = problem_of(schema)
        if problem is not None:
            logger.warning("tool %.80r is left out: %s", tool.name, problem)
            continue
        name = _called(prefix + tool.name, made)
        definition, calls = _definition(tool, name, schema), _calls(call, tool.name)
        made[name] = MCPTool(definition, calls, awaits=here().awaits)
    return list(made.values())


def _calls(call: Callable[[str, Any], Any], name: str) -> Callable[[str, Any], Any]:
    return lambda _, arguments: call(name, arguments)


def _definition(tool: Tool, name: str, schema: Any) -> dict[str, Any]:
    told = tool.description or tool.title
    return {
        "name": name,
        "description": shortened(told, MOST_DESCRIPTION),
        "inputSchema": schema,
    }


def _called(name: str, taken: Mapping[str, Any]) -> str:
    """``name`` as APIs take it, and as no other tool is called."""
    fit = _ODD.sub("_", name)
    if len(fit) > MOST_NAME or fit in taken:
        # The same from one run to the next, whatever else is listed.
        mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
        fit = f"{fit[: MOST_NAME - 9]}_{mark}"
    return fit


def check_result(tool: Tool, result: ToolResult) -> None:
    """See that a structured result is what the tool's schema says.

    :raises DecodeError: where it is not; ``pointer`` is the place.
    """
    schema = tool.output_schema
    if schema is None or result.structured is None:
        return
    wrong = misfit(schema, result.structured)
    if wrong is not None:
        raise DecodeError(
            f"mcp tools/call: the result of {tool.name!r:.80} is not what its schema "
            f"says, at {wrong[0] or '/'}: {shortened(wrong[1], 300)}",
            body=result.structured,
            pointer=wrong[0],
        )
