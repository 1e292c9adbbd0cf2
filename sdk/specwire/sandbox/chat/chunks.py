"""The OpenAI dialect's streams: a completion taken apart, as each provider does it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from ..shapes import sse
from .providers import Provider
from .telling import pieces

_DONE = b"data: [DONE]\n\n"
_COMMENT = b": OPENROUTER PROCESSING\n\n"


def stream_of(provider: Provider, whole: dict[str, Any], body: Any) -> Iterator[bytes]:
    """The events that build ``whole`` up; several choices take turns."""
    asked = (body.get("stream_options") or {}).get("include_usage", False)
    usage = whole["usage"]
    own = asked and provider.usage in ("asked", "choice", "x_groq")
    head = {
        **{name: each for name, each in whole.items() if name != "usage"},
        "object": "chat.completion.chunk",
        "choices": [],
    }
    # OpenAI says null in all chunks but the one that has it.
    beside = {"usage": None} if own and provider.id in ("openai", "azure") else {}
    if provider.usage == "every":
        beside = {"usage": usage}
    if provider.id == "openrouter":
        yield _COMMENT
    if provider.id == "azure":
        filtered = {"prompt_index": 0, "content_filter_results": {}}
        yield sse({**head, "model": "", "prompt_filter_results": [filtered]})
    streams = [_choice(provider, choice) for choice in whole["choices"]]
    for turn in zip_longest(*streams):
        for choice in filter(None, turn):
            chunk = {**head, "choices": [choice], **beside}
            if choice["finish_reason"] is not None:
                _finish(provider, chunk, choice, usage)
            yield sse(chunk)
    if own:
        yield sse({**head, "usage": usage})
    if provider.usage == "whole":
        yield sse(whole)
    yield _DONE


def details(text: str) -> dict[str, Any]:
    """``text`` as reasoning that stands in a list of its own."""
    return {"type": "reasoning.text", "id": "reasoning-text-1", "text": text}


def _finish(
    provider: Provider, chunk: dict[str, Any], choice: dict[str, Any], usage: Any
) -> None:
    if provider.usage == "finish":
        chunk["usage"] = usage
    elif provider.usage == "choice":
        choice["usage"] = usage
    elif provider.usage == "x_groq":
        chunk["x_groq"] = {"id": "req_sandbox", "usage": usage}


def _choice(provider: Provider, choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The deltas of one choice; the last one is empty and finishes it."""
    message = choice["message"]

    def chunk(delta: Any, finish: str | None = None) -> dict[str, Any]:
        made = {"index": choice["index"], "delta": delta, "finish_reason": finish}
        return {**made, "logprobs": None} if "logprobs" in choice else made

    begin: dict[str, Any] = {"role": "assistant", "content": ""}
    if message["content"] is None:
        begin["content"] = None
    yield chunk(begin)
    for delta in _deltas(provider, message):
        yield chunk(delta)
    yield chunk({}, choice["finish_reason"])


def _deltas(provider: Provider, message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    content = message["content"]
    for thought in message.get("reasoning_details", ()):
        for piece in pieces(thought["text"]):
            yield {"content": "", "reasoning_details": [details(piece)]}
    if isinstance(content, list):
        thought, said = content
        for piece in pieces(thought["thinking"][0]["text"]):
            part = {"type": "thinking", "thinking": [{"type": "text", "text": piece}]}
            yield {"content": [part]}
        content = said["text"]
    for piece in pieces(message.get(provider.reasoning) or ""):
        delta = {provider.reasoning: piece}
        yield {"content": None, **delta} if provider.id == "deepseek" else delta
    for piece in pieces(content or ""):
        yield {"content": piece}
    for index, call in enumerate(message.get("tool_calls") or ()):
        for part in _parts(provider, {**call, "index": index}):
            yield {"tool_calls": [part]}


def _parts(provider: Provider, call: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if provider.calls == "whole":
        yield call
        return
    function = call["function"]
    yield {**call, "function": {"name": function["name"], "arguments": ""}}
    again: dict[str, Any] = {"index": call["index"]}
    if provider.calls == "blank":
        again |= {"id": "", "type": "function"}
    for piece in pieces(function["arguments"]):
        yield {**again, "function": {"arguments": piece}}
