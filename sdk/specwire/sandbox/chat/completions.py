"""The OpenAI dialect: chat completions, read and answered whole.

Streams are in :mod:`.chunks`. Where a provider differs, its :class:`.Provider` says so.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from ..state import State, scramble
from ..values import Request, Response, event_response, json_response
from . import drawing, telling
from .chunks import details, stream_of
from .errors import refuse
from .providers import Provider
from .rules import NEWER, check_conversation, check_wishes
from .telling import Called, Told, Turns

_THINKERS = re.compile(r"reason|think|magistral|qwq|-r1\b|/r1\b", re.IGNORECASE)
_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def complete(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One chat completion, whole or as a stream."""
    body = request.json
    check_conversation(provider, body)
    check_wishes(provider, body)
    model = args.get("model") or body["model"]
    told = telling.tell(_params(provider, body, model), state, count=body.get("n") or 1)
    choices = [_choice(provider, index, each, state) for index, each in enumerate(told)]
    whole = {
        "id": state.ids.new("chatcmpl-"),
        "object": "chat.completion",
        "created": int(state.clock()),
        "model": model,
        "system_fingerprint": "fp_" + scramble(f"{state.seed}/{model}", 10).lower(),
        "choices": choices,
        "usage": _usage(provider, told),
    }
    if body.get("stream") and not request.as_json:
        return event_response(stream_of(provider, whole, body))
    if body.get("logprobs"):
        for choice in choices:
            choice["logprobs"] = {"content": _logprobs(choice["message"]["content"])}
    if "image" in (body.get("modalities") or ()):
        if "image" not in model or "draws_in_chat" not in provider.abilities:
            text = "No endpoints found that support the requested output modalities"
            raise refuse(provider, "bad_body", text, param="modalities")
        choices[0]["message"]["images"] = [_drawn()]
    return json_response(whole)


def _params(provider: Provider, body: Any, model: str) -> dict[str, Any]:
    turns = Turns()
    for message in body["messages"]:
        turns.hear(message, _blocks(message.get("content")))
    tools = [each["function"] for each in body.get("tools") or ()]
    form = (body.get("response_format") or {}).get("type", "text")
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    stop = body.get("stop")
    thinks = _thinks(body, model)
    seed = body.get("seed") or body.get("random_seed")
    return turns.params(
        model,
        body.get("max_completion_tokens") or body.get("max_tokens"),
        tools=[
            telling.tool(each["name"], each.get("description"), each.get("parameters"))
            for each in tools
        ]
        or None,
        tool_choice=_tool_choice(body) if tools else None,
        stop_sequences=[stop] if isinstance(stop, str) else stop,
        output_config=(
            telling.json_form(schema.get("schema")) if form != "text" else None
        ),
        thinking={"type": "enabled"} if thinks else None,
        seed=seed,
    )


def _blocks(content: Any) -> list[dict[str, Any]]:
    if content is None:
        return []
    if isinstance(content, str):
        return [telling.text_block(content)]
    blocks = []
    for part in content:
        if part["type"] in ("text", "refusal"):
            blocks.append(telling.text_block(part[part["type"]]))
        elif part["type"] != "thinking":
            kind = "image" if part["type"] == "image_url" else "document"
            blocks.append(telling.media_block(kind))
    return blocks


def _tool_choice(body: Any) -> dict[str, Any]:
    choice = body.get("tool_choice") or "auto"
    kinds = {"required": "any", "any": "any", "none": "none", "auto": "auto"}
    if isinstance(choice, dict):
        asked = {"type": "tool", "name": choice["function"]["name"]}
    else:
        asked = {"type": kinds[choice]}
    if body.get("parallel_tool_calls") is False:
        asked["disable_parallel_tool_use"] = True
    return asked


def _thinks(body: Any, model: str) -> bool:
    effort = body.get("reasoning_effort")
    if effort is not None:
        return bool(effort != "none")
    for name in ("thinking", "reasoning"):
        asked = body.get(name)
        if isinstance(asked, dict):
            off = asked.get("type") == "disabled" or asked.get("enabled") is False
            return not off
    if body.get("enable_thinking") is not None:
        return bool(body["enable_thinking"])
    return bool(_THINKERS.search(model)) or NEWER.match(model) is not None


# -- the answer ----------------------------------------------------------------------


def _choice(provider: Provider, index: int, told: Told, state: State) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    text: str | None = told.text
    message["content"] = None if told.calls else text
    if provider.id == "openai":
        message |= {"refusal": None, "annotations": []}
    if told.thinking and provider.reasoning == "parts":
        thought = {"type": "thinking", "thinking": [telling.text_block(told.thinking)]}
        message["content"] = [thought, telling.text_block(told.text)]
    elif told.thinking and provider.reasoning == "details":
        message["reasoning_details"] = [details(told.thinking)]
    elif told.thinking and provider.reasoning:
        message[provider.reasoning] = told.thinking
    if told.calls:
        message["tool_calls"] = [
            _call(provider, at, each, state) for at, each in enumerate(told.calls)
        ]
    finish = provider.finish.get(told.stop) or _FINISH.get(told.stop, "stop")
    choice = {"index": index, "message": message, "finish_reason": finish}
    if provider.id in ("openai", "azure", "deepseek", "groq"):
        choice["logprobs"] = None
    return choice


def _call(provider: Provider, at: int, called: Called, state: State) -> dict[str, Any]:
    # Mistral's are nine letters and no prefix.
    mistral = provider.id == "mistral"
    id = state.ids.new("", 9) if mistral else state.ids.new("call_", 24)
    function = {"name": called.name, "arguments": called.arguments}
    call = {"id": id, "type": "function", "function": function}
    return {**call, "index": at} if provider.calls == "blank" else call


def _drawn() -> dict[str, Any]:
    """A picture beside an answer."""
    file = base64.b64encode(drawing.png(1024, 1024)).decode()
    url = {"url": f"data:image/png;base64,{file}"}
    return {"type": "image_url", "image_url": url, "index": 0}


def _usage(provider: Provider, told: list[Told]) -> dict[str, Any]:
    spoken = sum(each.completion_tokens for each in told)
    asked = told[0].prompt_tokens
    usage: dict[str, Any] = {
        "prompt_tokens": asked,
        "completion_tokens": spoken,
        "total_tokens": asked + spoken,
    }
    thought = sum(each.thinking_tokens for each in told)
    if provider.id == "openai" or thought:
        usage["completion_tokens_details"] = {"reasoning_tokens": thought}
    if provider.id in ("openai", "azure", "groq"):
        usage["prompt_tokens_details"] = {"cached_tokens": 0}
    if provider.id == "deepseek":
        usage |= {"prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": asked}
    return usage


def _logprobs(text: Any) -> list[dict[str, Any]]:
    return [
        {
            "token": word,
            "logprob": -0.25,
            "bytes": list(word.encode()),
            "top_logprobs": [],
        }
        for word in str(text or "").split()
    ]
