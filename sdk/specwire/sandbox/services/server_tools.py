"""Tools that the API runs itself: what they are called with and what they answer.

``Run`` is what one use of a tool adds to an answer: the call, its result, what the text
after it cites, and which counters go up. Nothing is searched, fetched or run: every
result is made up from what the user said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ..state import State, scramble
from ..values import Refused

_URL = "https://example.com/"
_HOUR_S = 3600.0


@attrs.frozen
class Run:
    """One use of a server tool."""

    call: dict[str, Any]
    result: dict[str, Any]
    citation: dict[str, Any] | None = None
    counter: str = ""
    in_container: bool = False


def is_server_tool(tool: dict[str, Any]) -> bool:
    """Whether the API runs ``tool`` itself."""
    return _maker(tool) is not None


def run(tool: dict[str, Any], said: str, params: Any, state: State) -> Run:
    """One use of ``tool``, for what the user said."""
    make = _maker(tool)
    assert make is not None
    return make(tool, said, params, state)


def resumed(call: dict[str, Any], said: str, params: Any, state: State) -> Run:
    """The use that an earlier answer began with ``call`` and did not end.

    :raises Refused: 400 where its tool is gone.
    """
    for tool in filter(is_server_tool, tools_of(params)):
        made = run(tool, said, params, state)
        if made.call["name"] == call["name"]:
            result = {**made.result, "tool_use_id": call["id"]}
            return attrs.evolve(made, call=call, result=result)
    raise Refused(400, f"tools: {call['name']} is paused and not among them")


def tools_of(params: Any) -> list[dict[str, Any]]:
    """The tools of the request, with a toolset for each MCP server that has none."""
    tools: list[dict[str, Any]] = list(params.get("tools") or ())
    named = {tool.get("mcp_server_name") for tool in tools}
    for server in params.get("mcp_servers") or ():
        if server["name"] not in named:
            tools.append({"type": "mcp_toolset", "mcp_server_name": server["name"]})
    return tools


def _use(name: str, arguments: dict[str, Any], state: State) -> dict[str, Any]:
    return {
        "type": "server_tool_use",
        "id": state.ids.new("srvtoolu_"),
        "name": name,
        "input": arguments,
        "caller": {"type": "direct"},
    }


def _result(kind: str, call: dict[str, Any], content: Any, **more: Any) -> Any:
    return {"type": kind, "tool_use_id": call["id"], "content": content, **more}


def _web_search(tool: Any, said: str, params: Any, state: State) -> Run:
    call = _use("web_search", {"query": said[:80]}, state)
    title, opaque = "An example", scramble(f"page/{said}", 48)
    page = {
        "type": "web_search_result",
        "url": _URL,
        "title": title,
        "encrypted_content": opaque,
        "page_age": None,
    }
    citation = {
        "type": "web_search_result_location",
        "url": _URL,
        "title": title,
        "encrypted_index": scramble(f"place/{said}", 24),
        "cited_text": said[:80] or "An example.",
    }
    caller = {"type": "direct"}
    result = _result("web_search_tool_result", call, [page], caller=caller)
    return Run(call, result, citation, "web_search_requests")


def _web_fetch(tool: Any, said: str, params: Any, state: State) -> Run:
    found = [word for word in said.split() if word.startswith(("http:", "https:"))]
    url = found[0].rstrip(".,;!?)") if found else _URL
    call = _use("web_fetch", {"url": url}, state)
    text = f"The sandbox's page at {url}."
    page = {
        "type": "web_fetch_result",
        "url": url,
        "retrieved_at": state.now(),
        "content": {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": text},
            "title": "An example",
            "citations": None,
        },
    }
    caller = {"type": "direct"}
    result = _result("web_fetch_tool_result", call, page, caller=caller)
    return Run(call, result, counter="web_fetch_requests")


def _code(tool: Any, said: str, params: Any, state: State) -> Run:
    out = {"stdout": f"{len(said)}\n", "stderr": "", "return_code": 0, "content": []}
    if tool["type"] == "code_execution_20250522":
        call = _use("code_execution", {"code": f"print(len({said[:40]!r}))"}, state)
        content = {"type": "code_execution_result", **out}
        result = _result("code_execution_tool_result", call, content)
    else:
        command = f"printf %s {said[:40]!r} | wc -c"
        call = _use("bash_code_execution", {"command": command}, state)
        content = {"type": "bash_code_execution_result", **out}
        result = _result("bash_code_execution_tool_result", call, content)
    return Run(call, result, in_container=True)


def _tool_search(tool: Any, said: str, params: Any, state: State) -> Run:
    word = "pattern" if "regex" in tool["type"] else "query"
    call = _use(tool["name"], {word: said[:40]}, state)
    names = [t["name"] for t in params.get("tools") or () if t.get("defer_loading")]
    found = [{"type": "tool_reference", "tool_name": name} for name in names[:5]]
    content = {"type": "tool_search_tool_search_result", "tool_references": found}
    return Run(call, _result("tool_search_tool_result", call, content))


def _advisor(tool: Any, said: str, params: Any, state: State) -> Run:
    call = _use("advisor", {}, state)
    text = "Answer in one sentence."
    content = {"type": "advisor_result", "text": text, "stop_reason": "end_turn"}
    return Run(call, _result("advisor_tool_result", call, content))


def _mcp(tool: Any, said: str, params: Any, state: State) -> Run:
    server = tool["mcp_server_name"]
    configs = tool.get("configs") or {"search": {}}
    call = {
        "type": "mcp_tool_use",
        "id": state.ids.new("mcptoolu_"),
        "name": next(iter(configs)),
        "server_name": server,
        "input": {"query": said[:40]},
    }
    text = {"type": "text", "text": f"{server} has one entry.", "citations": None}
    return Run(call, _result("mcp_tool_result", call, [text], is_error=False))


_MAKERS: dict[str, Callable[[Any, str, Any, State], Run]] = {
    "web_search_": _web_search,
    "web_fetch_": _web_fetch,
    "code_execution_": _code,
    "tool_search_tool_": _tool_search,
    "advisor_": _advisor,
    "mcp_toolset": _mcp,
}


def _maker(tool: dict[str, Any]) -> Callable[[Any, str, Any, State], Run] | None:
    kind = tool.get("type") or ""
    for begin, make in _MAKERS.items():
        if kind.startswith(begin):
            return make
    return None


def container(params: Any, state: State) -> dict[str, Any]:
    """The container that code ran in: the one asked for, or a new one."""
    asked = params.get("container")
    asked = {"id": asked} if isinstance(asked, str) else asked or {}
    skills = [
        {**skill, "version": skill.get("version", "latest")}
        for skill in asked.get("skills") or ()
    ]
    return {
        "id": asked.get("id") or state.ids.new("container_"),
        "expires_at": state.now(_HOUR_S),
        "skills": skills or None,
    }
