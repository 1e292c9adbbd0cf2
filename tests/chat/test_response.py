"""Whole replies to answers: every dialect, odd shapes, usage and cost."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwire.chat.manifest import Manifest
from specwire.chat.response import CallStats, ChatResponse, read_response
from specwire.chat.usage import Counting, Tally, Usage
from specwire.errors import DecodeError

from .records import ours
from .test_assembling import _places
from .test_programs import JSON

OPENAI: dict[str, Any] = {
    "id": "c1",
    "model": "gpt",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello"},
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "completion_tokens_details": {"reasoning_tokens": 3},
        "prompt_tokens_details": {"cached_tokens": 4},
    },
}
CLAUDE: dict[str, Any] = {
    "type": "message",
    "id": "msg",
    "model": "claude",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "S"},
        {"type": "text", "text": "Hel"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        {"type": "text", "text": "lo"},
    ],
    "stop_reason": "tool_use",
    "usage": {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 7,
    },
}
GEMINI: dict[str, Any] = {
    "modelVersion": "gem",
    "responseId": "r",
    "candidates": [
        {
            "content": {
                "parts": [
                    {"text": "hm", "thought": True},
                    {"text": "Hel"},
                    {"text": "lo"},
                    {
                        "functionCall": {"name": "f", "args": {"a": 1}},
                        "thoughtSignature": "S",
                    },
                ]
            },
            "finishReason": "STOP",
        }
    ],
    "usageMetadata": {
        "promptTokenCount": 10,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 18,
    },
}
COHERE: dict[str, Any] = {
    "id": "x",
    "finish_reason": "TOOL_CALL",
    "message": {
        "role": "assistant",
        "content": [{"type": "text", "text": "Hello"}],
        "tool_plan": "hm",
        "tool_calls": [
            {"id": "t", "function": {"name": "f", "arguments": '{"a": 1}'}},
        ],
    },
    "usage": {"tokens": {"input_tokens": 10.0, "output_tokens": 5}},
}
REPLIES = {"openai": OPENAI, "anthropic": CLAUDE, "gemini": GEMINI, "cohere": COHERE}


def test_openai() -> None:
    """A text, its counts, whose it is."""
    response = read_response(ours("openai"), OPENAI)
    assert (response.content, response.thinking) == ("Hello", None)
    assert (response.finish_reason, response.raw_finish_reason) == ("end_turn", "stop")
    assert (response.model, response.provider, response.id) == ("gpt", "openai", "c1")
    assert response.raw is OPENAI
    assert response.usage == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "reasoning_tokens": 3,
        "cache_read_tokens": 4,
    }
    assert response.usage.raw == OPENAI["usage"]


@pytest.mark.parametrize("provider", ["anthropic", "gemini", "cohere"])
def test_texts_thoughts_and_calls(provider: str) -> None:
    """The same answer out of three other shapes."""
    response = read_response(ours(provider), REPLIES[provider])
    assert (response.content, response.thinking) == ("Hello", "hm")
    [call] = response.tool_calls
    assert (call.name, call.arguments, call.error) == ("f", {"a": 1}, None)
    assert call.id
    assert (response.input_tokens, response.output_tokens) == (10, 5)
    assert response.total_tokens == (18 if provider == "gemini" else 15)


def test_what_a_provider_signed_goes_back() -> None:
    """Anthropic's thoughts and Gemini's calls carry signatures."""
    message = read_response(ours("anthropic"), CLAUDE).to_message()
    assert message.to_dict()["content"][0] == CLAUDE["content"][0]
    [call] = read_response(ours("gemini"), GEMINI).tool_calls
    assert call.extra == {"thoughtSignature": "S"}


def test_every_candidate_is_read() -> None:
    """In the order they came, by their own numbers."""
    first = OPENAI["choices"][0]
    calls = [{"id": "t", "function": {"name": "f", "arguments": "{}"}}]
    second = {"index": 1, "message": {"content": None, "tool_calls": calls}}
    response = read_response(ours("openai"), {"choices": [first, second]})
    assert [(c.index, c.content) for c in response.candidates] == [
        (0, "Hello"),
        (1, ""),
    ]
    assert response.candidates[1].tool_calls[0].id == "t"
    assert response.tool_calls == []


def test_arguments_that_are_no_json_are_kept() -> None:
    """Broken arguments are an answer's content, not a failure of the call."""
    calls = [{"id": "t", "function": {"name": "f", "arguments": '{"a'}}]
    data = {"choices": [{"message": {"content": None, "tool_calls": calls}}]}
    [call] = read_response(ours("openai"), data).tool_calls
    assert (call.arguments, call.arguments_raw) == ({}, '{"a')
    assert call.error


def test_a_blocked_prompt_is_a_refusal() -> None:
    """Gemini answers without candidates then."""
    data = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {}}
    response = read_response(ours("gemini"), data)
    assert (response.content, response.finish_reason) == ("", "refusal")
    assert response.raw_finish_reason == "SAFETY"


def test_an_empty_answer_is_one() -> None:
    """Nothing said, and a reason why: no error."""
    data = {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}
    response = read_response(ours("openai"), data)
    assert (response.content, response.finish_reason) == ("", "max_tokens")


@pytest.mark.parametrize(
    "data", [{}, [], None, "text", 3, {"choices": []}, {"ok": True}]
)
def test_json_without_an_answer_is_refused(data: Any) -> None:
    """The error says what came; it is no empty answer."""
    with pytest.raises(DecodeError, match="openai: expected an answer, got"):
        read_response(ours("openai"), data)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Any]:
    """A reply with anything at all in one place of it."""
    provider = draw(st.sampled_from(sorted(REPLIES)))
    data = copy.deepcopy(REPLIES[provider])
    path = draw(st.sampled_from(_places(data)[1:]))
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = draw(JSON)
    return provider, data


@given(spoiled())
def test_no_reply_can_break_it(case: tuple[str, Any]) -> None:
    """An answer, or a DecodeError: nothing else comes of any JSON."""
    provider, data = case
    try:
        response = read_response(ours(provider), data)
    except DecodeError:
        return
    assert isinstance(response.content, str)
    assert all(isinstance(call.arguments, dict) for call in response.tool_calls)
    assert repr(response) and response.to_message()


# -- usage and cost ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (3, 3),
        (3.0, 3),
        (3.5, None),
        (-1, None),
        (True, None),
        ("3", None),
        (1e300, None),
    ],
)
def test_a_count_is_a_whole_number(raw: Any, count: int | None) -> None:
    """Whatever else stands there is not counted."""
    counting = Counting({"prompt_tokens": [[0, "p"]]})
    assert counting.counts({"p": raw}).get("prompt_tokens") == count


def test_counts_without_a_usage_object() -> None:
    """Some rules name the counts themselves."""
    tally = Tally(Counting({}))
    assert tally.add({"prompt_tokens": 1, "completion_tokens": 2})
    assert not tally.add({"prompt_tokens": 1})
    assert tally.usage() == {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
    }


PRICES = {"input": 2.0, "output": 10.0, "cache_read": 0.5, "cache_write": 4.0}


@pytest.mark.parametrize(
    ("usage", "prices", "cost"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5}, PRICES, 70),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "cache_read_tokens": 4},
            PRICES,
            64,
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "cache_read_tokens": 4,
                "cache_creation_tokens": 2,
            },
            {**PRICES, "cache_apart": True},
            80,
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 18},
            PRICES,
            100,
        ),
        ({"prompt_tokens": 10}, PRICES, None),
        ({"prompt_tokens": 1, "completion_tokens": 1}, {"input": 1}, None),
        ({"prompt_tokens": 1, "completion_tokens": 1}, None, None),
    ],
)
def test_cost(usage: Any, prices: Any, cost: float | None) -> None:
    """In millionths of a dollar: cached tokens have a price, thoughts the answer's."""
    found = Usage(usage).cost(prices)
    assert found == (None if cost is None else pytest.approx(cost / 1e6))


def test_prices_are_those_of_the_model_that_was_asked_for() -> None:
    """The reply may name a dated version; without a price there is no cost."""
    record = {**ours("openai").data, "models": {"big": {"prices": PRICES}}}
    manifest = Manifest(record)
    plain = {k: v for k, v in OPENAI.items() if k != "usage"}
    data = {**plain, "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    assert read_response(manifest, data, model="big").cost == pytest.approx(70e-6)
    assert read_response(manifest, data).cost is None


def test_values_survive_pickling() -> None:
    """Answers and counts can go to another process."""
    response = read_response(ours("anthropic"), CLAUDE)
    again: ChatResponse = pickle.loads(pickle.dumps(response))
    assert (again.content, again.usage, again.usage.raw) == (
        response.content,
        response.usage,
        response.usage.raw,
    )
    assert again.tool_calls == response.tool_calls


def test_stats_show_what_they_know() -> None:
    """By name, and as a dict."""
    stats = CallStats(total_tokens=3, provider="openai")
    assert stats.to_dict()["total_tokens"] == 3
    assert "provider='openai'" in repr(stats)
