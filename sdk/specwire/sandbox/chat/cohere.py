"""The Cohere dialect, second version: ``/v2/chat``, whole or as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..shapes import sse
from ..state import State
from ..values import Request, Response, event_response, json_response
from . import telling
from .errors import refuse
from .providers import Provider
from .telling import Told, Turns

_FINISH = {
    "max_tokens": "MAX_TOKENS",
    "stop_sequence": "STOP_SEQUENCE",
    "tool_use": "TOOL_CALL",
    "refusal": "ERROR",
}


def chat(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One answer."""
    body = request.json
    _check(provider, body)
    told = telling.tell(_params(body), state)[0]
    whole = {
        "id": state.ids.new("", 24),
        "message": _message(told, state),
        "finish_reason": _FINISH.get(told.stop, "COMPLETE"),
        "usage": _usage(told),
    }
    if body.get("stream") and not request.as_json:
        return event_response(_stream(whole))
    return json_response(whole)


def _params(body: Any) -> dict[str, Any]:
    turns = Turns()
    for document in body.get("documents") or ():
        turns.system.append(_text_of(document))
    for message in body["messages"]:
        _hear(turns, message)
    functions = [each["function"] for each in body.get("tools") or ()]
    choice = {"REQUIRED": "any", "NONE": "none"}.get(body.get("tool_choice", ""))
    form = body.get("response_format") or {}
    thinks = (body.get("thinking") or {}).get("type") == "enabled"
    schema = form.get("json_schema") or form.get("schema")
    wants_json = form.get("type") == "json_object"
    return turns.params(
        body["model"],
        body.get("max_tokens"),
        tools=[
            telling.tool(each["name"], each.get("description"), each.get("parameters"))
            for each in functions
        ]
        or None,
        tool_choice={"type": choice or "auto"} if functions else None,
        stop_sequences=body.get("stop_sequences"),
        output_config=telling.json_form(schema) if wants_json else None,
        thinking={"type": "enabled"} if thinks else None,
        seed=body.get("seed"),
    )


def _hear(turns: Turns, message: Any) -> None:
    content = message.get("content")
    if isinstance(content, str):
        blocks = [telling.text_block(content)]
    else:
        blocks = [_block(part) for part in content or () if part["type"] != "thinking"]
    turns.hear(message, blocks)


def _block(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return telling.text_block(part["text"])
    if part["type"] == "document":
        return telling.text_block(str(part["document"].get("data", "")))
    return telling.media_block()


def _text_of(document: Any) -> str:
    """What a document beside the turns says."""
    data = document.get("data", "") if isinstance(document, dict) else document
    return " ".join(map(str, data.values())) if isinstance(data, dict) else str(data)


def _check(provider: Provider, body: Any) -> None:
    waiting: set[str] = set()
    for at, message in enumerate(body["messages"]):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                text = "invalid request: tool call id not found in previous tool calls"
                raise refuse(provider, "bad_body", f"{text} (messages[{at}])")
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            text = "invalid request: each tool call must be followed by its result"
            raise refuse(provider, "bad_body", text)
        waiting = {call["id"] for call in message.get("tool_calls") or ()}
    if body["messages"][-1]["role"] not in ("user", "tool"):
        text = "invalid request: the last message must be from the user or a tool"
        raise refuse(provider, "bad_body", text)


# -- the answer ----------------------------------------------------------------------


def _message(told: Told, state: State) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    content = []
    if told.thinking:
        content.append({"type": "thinking", "thinking": told.thinking})
    if told.calls:
        message["tool_plan"] = told.text
        message["tool_calls"] = [
            {
                "id": f"{call.name}_{state.ids.new('', 12).lower()}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in told.calls
        ]
    elif told.text:
        content.append({"type": "text", "text": told.text})
    return {**message, "content": content} if content else message


def _usage(told: Told) -> dict[str, Any]:
    counts = {"input_tokens": told.prompt_tokens}
    counts["output_tokens"] = told.completion_tokens
    return {"billed_units": counts, "tokens": counts}


def _stream(whole: dict[str, Any]) -> Iterator[bytes]:
    message = whole["message"]
    begin = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
    yield _event("message-start", id=whole["id"], delta={"message": begin})
    for index, part in enumerate(message.get("content", ())):
        kind = part["type"]
        empty = {"type": kind, kind: ""}
        yield _event("content-start", index=index, delta=_inside(content=empty))
        for piece in telling.pieces(part[kind]):
            delta = _inside(content={kind: piece})
            yield _event("content-delta", index=index, delta=delta)
        yield _event("content-end", index=index)
    for piece in telling.pieces(message.get("tool_plan", "")):
        yield _event("tool-plan-delta", delta=_inside(tool_plan=piece))
    for at, call in enumerate(message.get("tool_calls", ())):
        yield from _call(at, call)
    delta = {"finish_reason": whole["finish_reason"], "usage": whole["usage"]}
    yield _event("message-end", delta=delta)


def _call(at: int, call: dict[str, Any]) -> Iterator[bytes]:
    function = call["function"]
    empty = {**call, "function": {"name": function["name"], "arguments": ""}}
    yield _event("tool-call-start", index=at, delta=_inside(tool_calls=empty))
    for piece in telling.pieces(function["arguments"]):
        part = {"function": {"arguments": piece}}
        yield _event("tool-call-delta", index=at, delta=_inside(tool_calls=part))
    yield _event("tool-call-end", index=at)


def _inside(**message: Any) -> dict[str, Any]:
    return {"message": message}


def _event(kind: str, **members: Any) -> bytes:
    return sse({"type": kind, **members}, event=kind)
