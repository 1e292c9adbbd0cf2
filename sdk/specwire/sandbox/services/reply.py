"""Writes the content of a message: thinking, text, a tool call, or JSON by a schema.

Within ``max_tokens`` words: a block that does not fit is shortened or left out, and the
message says so in its stop reason.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import attrs

from ..sampling import Hints, Sampler
from ..state import State, scramble
from .conversation import last_user_content, texts_of, tool_results, words

_QUOTED = 60
_OPENINGS = (
    "You said: “{quote}”. This is the sandbox's answer to it.",
    "About “{quote}”: the sandbox has read it and answers in one sentence.",
    "The sandbox heard “{quote}” and has nothing to add but this sentence.",
)
_THOUGHT = "The user says “{quote}”. A short answer that quotes it will do."
_RESULT = "The tool answered: “{quote}”. That is all there was to find out."


@attrs.define
class Draft:
    """A reply on its way, with what is left of the tokens it may use."""

    left: int
    blocks: list[dict[str, Any]] = attrs.field(factory=list)
    output_tokens: int = 0
    thinking_tokens: int = 0
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None

    def spend(self, text: str) -> str:
        """As much of ``text`` as may be said; running out ends the reply."""
        size = words(text)
        if size > self.left:
            text = _first_words(text, self.left)
            size = self.left
            self.stop_reason = "max_tokens"
        self.left -= size
        self.output_tokens += size
        return text


def write_reply(params: Any, state: State) -> Draft:
    """The reply to ``params``."""
    draft = Draft(left=params["max_tokens"])
    said = " ".join(texts_of(last_user_content(params)))
    # The same answer, streamed or not.
    random = state.random({k: v for k, v in params.items() if k != "stream"})
    if (params.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
        _think(draft, said, params["thinking"], random)
    tool = _chosen_tool(params, said)
    if draft.stop_reason == "max_tokens":
        return draft
    if tool is not None:
        _call(draft, tool, params, said, random, state)
    else:
        _speak(draft, _text(params, said, random), params)
    return draft


def _think(draft: Draft, said: str, config: Any, random: Random) -> None:
    thought = draft.spend(_THOUGHT.format(quote=_quote(said)))
    draft.thinking_tokens = draft.output_tokens
    shown = "" if config.get("display") == "omitted" else thought
    signature = scramble(f"{random.random()}{thought}", 64)
    draft.blocks.append({"type": "thinking", "thinking": shown, "signature": signature})


def _chosen_tool(params: Any, said: str) -> dict[str, Any] | None:
    choice = params.get("tool_choice") or {"type": "auto"}
    # Tools that the API runs itself have no input schema and are never asked for.
    tools: list[dict[str, Any]] = [
        tool for tool in params.get("tools") or () if "input_schema" in tool
    ]
    if choice["type"] == "none" or tool_results(params) or not tools:
        return None
    if choice["type"] == "tool":
        wanted = choice["name"]
        return next((tool for tool in tools if tool["name"] == wanted), None)
    return next((tool for tool in tools if tool["name"] in said), tools[0])


def _call(
    draft: Draft,
    tool: dict[str, Any],
    params: Any,
    said: str,
    random: Random,
    state: State,
) -> None:
    if (params.get("tool_choice") or {}).get("type", "auto") == "auto":
        text = draft.spend(f"Let me ask {tool['name']}.")
        draft.blocks.append({"type": "text", "text": text, "citations": None})
    schema = tool["input_schema"]
    arguments = Sampler(schema, random, Hints(said)).sample(schema)
    size = words(json.dumps(arguments))
    if size > draft.left:
        draft.stop_reason = "max_tokens"
        return
    draft.spend(json.dumps(arguments))
    draft.stop_reason = "tool_use"
    draft.blocks.append(
        {
            "type": "tool_use",
            "id": state.ids.new("toolu_"),
            "name": tool["name"],
            "input": arguments,
            "caller": {"type": "direct"},
        }
    )


def _text(params: Any, said: str, random: Random) -> str:
    form = (params.get("output_config") or {}).get("format") or {}
    form = form or params.get("output_format") or {}
    if form.get("type") == "json_schema":
        schema = form["schema"]
        value = Sampler(schema, random, Hints(said)).sample(schema)
        return json.dumps(value, ensure_ascii=False)
    if tool_results(params):
        return _RESULT.format(quote=_quote(said))
    return random.choice(_OPENINGS).format(quote=_quote(said))


def _speak(draft: Draft, text: str, params: Any) -> None:
    found = [
        (text.index(stop), stop)
        for stop in params.get("stop_sequences") or ()
        if stop and stop in text
    ]
    if found:
        at, stop = min(found)
        text = text[:at]
        draft.stop_reason, draft.stop_sequence = "stop_sequence", stop
    text = draft.spend(text)
    if draft.stop_reason == "max_tokens":
        draft.stop_sequence = None
    draft.blocks.append({"type": "text", "text": text, "citations": None})


def _quote(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= _QUOTED else said[: _QUOTED - 1].rstrip() + "…"


def _first_words(text: str, count: int) -> str:
    return " ".join(text.split()[:count])
