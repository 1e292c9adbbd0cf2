"""Writes the content of a message: thinking, tool calls, text, or JSON by a schema.

Within ``max_tokens`` words: a block that does not fit is shortened or left out, and the
message says so in its stop reason. A user who writes ``sandbox:refusal`` (or another of
``conversation.WISHES``) gets an answer that ends so.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import attrs

from ..sampling import Hints, Sampler
from ..state import State, scramble
from . import server_tools
from .choosing import arguments_for, chosen_tools, name_of
from .citing import citations_of
from .conversation import (
    last_user_content,
    paused_call,
    texts_of,
    tool_results,
    wish,
    words,
)
from .editing import Context

_QUOTED = 60
_OPENINGS = (
    "You said: “{quote}”. This is the sandbox's answer to it.",
    "About “{quote}”: the sandbox has read it and answers in one sentence.",
    "The sandbox heard “{quote}” and has nothing to add but this sentence.",
)
_THOUGHT = "The user says “{quote}”. A short answer that quotes it will do."
_REFUSAL = "I will not answer this."
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
    stop_details: dict[str, Any] | None = None
    container: dict[str, Any] | None = None
    model: str = ""
    uses: Counter[str] = attrs.field(
        factory=lambda: Counter(web_search_requests=0, web_fetch_requests=0)
    )
    citations: list[dict[str, Any]] = attrs.field(factory=list)

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

    def add_use(self, run: server_tools.Run) -> None:
        """What a tool that the API runs adds, once its call is there."""
        self.blocks.append(run.result)
        if run.counter:
            self.uses[run.counter] += 1
        if run.citation is not None:
            self.citations.append(run.citation)


def write_reply(params: Any, context: Context, state: State) -> Draft:
    """The reply to ``params``."""
    draft = Draft(left=params["max_tokens"])
    said = " ".join(texts_of(last_user_content(params)))
    wanted = wish(params)
    # The same answer, streamed or not.
    random = state.random({k: v for k, v in params.items() if k != "stream"})
    if context.summary is not None:
        _sum_up(draft, context)
        if context.paused:
            return draft
    if wanted == "refusal" and not _fall_back(draft, params):
        _refuse(draft)
        return draft
    if (params.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
        _think(
            draft, said, params["thinking"], random, redacted=wanted[:8] == "redacted"
        )
    if draft.stop_reason == "max_tokens":
        return draft
    calls = _use_tools(draft, params, said, wanted, state)
    if draft.stop_reason == "pause_turn":
        return draft
    if calls:
        _call(draft, calls, params, said, wanted, random, state)
    else:
        draft.citations += citations_of(params)
        _speak(draft, _text(params, said, random), params)
        _end(draft, wanted)
    return draft


def _end(draft: Draft, wanted: str) -> None:
    if wanted == "max_tokens":
        block = draft.blocks[-1]
        half = words(block["text"]) // 2
        draft.output_tokens -= words(block["text"]) - half
        block["text"] = _first_words(block["text"], half)
    if wanted in ("max_tokens", "pause_turn"):
        draft.stop_reason, draft.stop_sequence = wanted, None


def _sum_up(draft: Draft, context: Context) -> None:
    assert context.summary is not None
    draft.blocks.append(
        {
            "type": "compaction",
            "content": context.summary,
            "encrypted_content": scramble(context.summary, 48),
        }
    )
    if context.paused:
        draft.stop_reason = "compaction"


def _refuse(draft: Draft) -> None:
    text = draft.spend(_REFUSAL)
    draft.blocks.append({"type": "text", "text": text, "citations": None})
    draft.stop_reason = "refusal"
    draft.stop_details = {
        "type": "refusal",
        "category": "general_harms",
        "explanation": "The user asked the sandbox to refuse.",
    }


def _fall_back(draft: Draft, params: Any) -> bool:
    """Hand over to the first model that may answer in place of one that refuses."""
    fallbacks = params.get("fallbacks")
    if not fallbacks:
        return False
    first = {} if fallbacks == "default" else fallbacks[0]
    draft.model = first.get("model", "claude-sonnet-4-6")
    draft.blocks.append(
        {
            "type": "fallback",
            "from": {"model": params["model"]},
            "to": {"model": draft.model},
            "trigger": {"type": "refusal", "category": "general_harms"},
        }
    )
    return True


def _think(
    draft: Draft, said: str, config: Any, random: Random, *, redacted: bool
) -> None:
    thought = draft.spend(_THOUGHT.format(quote=_quote(said)))
    draft.thinking_tokens = words(thought)
    signature = scramble(f"{random.random()}{thought}", 64)
    if redacted:
        draft.blocks.append({"type": "redacted_thinking", "data": signature})
        return
    shown = "" if config.get("display") == "omitted" else thought
    draft.blocks.append({"type": "thinking", "thinking": shown, "signature": signature})


def _use_tools(
    draft: Draft, params: Any, said: str, wanted: str, state: State
) -> list[dict[str, Any]]:
    """Run the chosen tools that the API runs; the others are left to be called."""
    paused = paused_call(params)
    if paused is not None:
        draft.add_use(server_tools.resumed(paused, said, params, state))
        return []
    chosen = chosen_tools(params, said, wanted)
    for tool in filter(server_tools.is_server_tool, chosen):
        run = server_tools.run(tool, said, params, state)
        draft.blocks.append(run.call)
        draft.spend(json.dumps(run.call["input"]))
        if run.in_container:
            draft.container = server_tools.container(params, state)
        if wanted == "pause_turn":
            draft.stop_reason = "pause_turn"
            return []
        draft.add_use(run)
    return [tool for tool in chosen if not server_tools.is_server_tool(tool)]


def _call(
    draft: Draft,
    tools: list[dict[str, Any]],
    params: Any,
    said: str,
    wanted: str,
    random: Random,
    state: State,
) -> None:
    """Calls of tools that the caller runs."""
    if (params.get("tool_choice") or {}).get("type", "auto") == "auto":
        text = draft.spend(f"Let me ask {' and '.join(map(name_of, tools))}.")
        draft.blocks.append({"type": "text", "text": text, "citations": None})
    for tool in tools:
        arguments = arguments_for(tool, random, said)
        size = words(json.dumps(arguments))
        if size > draft.left:
            draft.stop_reason = "max_tokens"
            return
        draft.stop_reason = "tool_use"
        if wanted == "max_tokens":
            # Cut in the middle of the call: what was written of it is no JSON.
            draft.stop_reason, arguments = "max_tokens", {}
        draft.spend(json.dumps(arguments))
        draft.blocks.append(
            {
                "type": "tool_use",
                "id": state.ids.new("toolu_"),
                "name": tool["name"],
                "input": arguments,
                "caller": {"type": "direct"},
            }
        )
        if wanted == "max_tokens":
            return


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
    citations = draft.citations or None
    draft.blocks.append({"type": "text", "text": text, "citations": citations})


def _quote(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= _QUOTED else said[: _QUOTED - 1].rstrip() + "…"


def _first_words(text: str, count: int) -> str:
    return " ".join(text.split()[:count])
