"""The messages operations: answers, streams, tools, schemas, counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specwire.sandbox import Sandbox

from .conftest import Caller, events, message
from .features import accumulated

WEATHER = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "unit": {"enum": ["c", "f"]},
        },
        "required": ["city", "unit"],
        "additionalProperties": False,
    },
}


def test_an_answer_quotes_what_the_user_said(call: Caller) -> None:
    """The text of an answer holds what the user said."""
    answer = call("POST", "/v1/messages", json=message("What is a wire?")).json()
    assert "What is a wire?" in answer["content"][0]["text"]


def test_a_long_text_is_quoted_by_its_beginning(call: Caller) -> None:
    """Only about the first sixty characters are quoted."""
    answer = call("POST", "/v1/messages", json=message("ab " * 200)).json()
    assert len(answer["content"][0]["text"]) < 160


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"system": "Be kind.", "stop_sequences": ["sentence"]},
        {"thinking": {"type": "adaptive"}},
        {"tools": [WEATHER]},
        {"max_tokens": 3},
    ],
)
def test_an_answer_is_what_the_document_says(
    call: Caller, problems: Callable[..., list[str]], further: dict[str, Any]
) -> None:
    """Every kind of answer satisfies the document's schema."""
    answer = call("POST", "/v1/messages", json=message(**further)).json()
    assert problems("createMessage", answer) == []


def test_the_same_request_gets_the_same_answer() -> None:
    """Two sandboxes with one seed answer byte for byte alike."""
    bodies = []
    for _ in range(2):
        with Sandbox(seed=7) as box:
            bodies.append(Caller(box)("POST", "/v1/messages", json=message()).content)
    assert bodies[0] == bodies[1]


def test_another_seed_gives_other_identifiers() -> None:
    """Identifiers and keys depend on the seed."""
    with Sandbox(seed=1) as first, Sandbox(seed=2) as second:
        ids = {
            Caller(box)("GET", "/v1/models").headers["request-id"]
            for box in (first, second)
        }
        keys = {first.api_keys["anthropic"], second.api_keys["anthropic"]}
    assert (len(ids), len(keys)) == (2, 2)


def test_max_tokens_shortens_the_answer(call: Caller) -> None:
    """An answer longer than max_tokens stops there and says why."""
    answer = call("POST", "/v1/messages", json=message(max_tokens=3)).json()
    assert answer["stop_reason"] == "max_tokens"
    assert len(answer["content"][0]["text"].split()) == 3
    assert answer["usage"]["output_tokens"] == 3


def test_a_stop_sequence_ends_the_answer(call: Caller) -> None:
    """The text ends before the stop sequence, which is named."""
    body = message("one two STOP three", stop_sequences=["STOP"])
    answer = call("POST", "/v1/messages", json=body).json()
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "STOP")
    assert answer["content"][0]["text"].endswith("one two ")


def test_thinking_comes_first(call: Caller) -> None:
    """With thinking on, the first block is a signed thought."""
    body = message(max_tokens=3000)
    body["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    blocks = call("POST", "/v1/messages", json=body).json()["content"]
    assert [block["type"] for block in blocks] == ["thinking", "text"]
    assert blocks[0]["signature"]


def test_a_tool_is_called_with_arguments_that_fit(call: Caller) -> None:
    """A given tool is called, its arguments satisfy its schema."""
    body = message("What is the weather in Paris for 3 days?", tools=[WEATHER])
    answer = call("POST", "/v1/messages", json=body).json()
    block = answer["content"][-1]
    assert (answer["stop_reason"], block["type"]) == ("tool_use", "tool_use")
    assert block["input"] == {"city": "Paris", "days": 3, "unit": "c"}


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "auto"}, "get_weather"),
        ({"type": "any"}, "get_weather"),
        ({"type": "tool", "name": "other"}, "other"),
        ({"type": "none"}, None),
    ],
)
def test_the_tool_choice_is_kept(
    call: Caller, choice: dict[str, str], called: str | None
) -> None:
    """auto and any take the first tool, tool the named one, none none."""
    tools = [WEATHER, {**WEATHER, "name": "other"}]
    body = message(tools=tools, tool_choice=choice)
    blocks = call("POST", "/v1/messages", json=body).json()["content"]
    names = [block["name"] for block in blocks if block["type"] == "tool_use"]
    assert names == ([called] if called else [])


def test_after_a_tool_result_comes_text(call: Caller) -> None:
    """A tool result is answered with text that quotes it."""
    body = message("Weather?", tools=[WEATHER])
    answer = call("POST", "/v1/messages", json=body).json()
    result = {
        "type": "tool_result",
        "tool_use_id": answer["content"][-1]["id"],
        "content": "It rains.",
    }
    body["messages"] += [
        {"role": "assistant", "content": answer["content"]},
        {"role": "user", "content": [result]},
    ]
    final = call("POST", "/v1/messages", json=body).json()
    assert final["stop_reason"] == "end_turn"
    assert "It rains." in final["content"][0]["text"]


def test_a_structured_answer_satisfies_its_schema(call: Caller) -> None:
    """With an output format the text is JSON that the schema allows."""
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "minItems": 2},
        },
        "required": ["name", "tags"],
        "$defs": {"tag": {"type": "string", "enum": ["a", "b"]}},
    }
    form = {"format": {"type": "json_schema", "schema": schema}}
    answer = call("POST", "/v1/messages", json=message(output_config=form)).json()
    value = json.loads(answer["content"][0]["text"])
    assert list(Draft202012Validator(schema).iter_errors(value)) == []


def test_the_count_is_what_a_message_reports(call: Caller) -> None:
    """count_tokens and the usage of a message agree."""
    body = message("one two three", system="be brief", tools=[WEATHER])
    usage = call("POST", "/v1/messages", json=body).json()["usage"]
    del body["max_tokens"]
    count = call("POST", "/v1/messages/count_tokens", json=body).json()
    assert count == {"input_tokens": usage["input_tokens"]}


# -- streams -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "further", [{}, {"thinking": {"type": "adaptive"}}, {"tools": [WEATHER]}]
)
def test_a_stream_builds_up_the_same_message(
    further: dict[str, Any],
) -> None:
    """The deltas of a stream add up to what the plain answer is."""
    body = message("Grüße aus Paris", **further)
    with Sandbox() as plain, Sandbox() as streaming:
        whole = Caller(plain)("POST", "/v1/messages", json=body).json()
        answer = Caller(streaming)(
            "POST", "/v1/messages", json={**body, "stream": True}
        )
    assert accumulated(events(answer)) == whole


def test_a_stream_has_the_documents_events(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Every event satisfies the document's schema and names itself twice."""
    body = message(stream=True, tools=[WEATHER], thinking={"type": "adaptive"})
    stream = events(call("POST", "/v1/messages", json=body))
    pointer = "/components/schemas/MessageStreamEvent"
    assert [problems(pointer, data) for _, data in stream] == [[]] * len(stream)
    assert [name for name, _ in stream] == [data["type"] for _, data in stream]


def test_a_stream_is_in_the_apis_order(call: Caller) -> None:
    """message_start, ping, the blocks, message_delta, message_stop."""
    names = [
        n for n, _ in events(call("POST", "/v1/messages", json=message(stream=True)))
    ]
    assert names[:3] == ["message_start", "ping", "content_block_start"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_stream_is_chunked_event_by_event(call: Caller) -> None:
    """A stream comes in chunks of one event each."""
    body = message(stream=True)
    answer = call("POST", "/v1/messages", json=body, stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["transfer-encoding"] == "chunked"
    chunks = list(answer.raw.stream(decode_content=True))
    assert len(chunks) > 5
    assert all(chunk.endswith(b"\n\n") for chunk in chunks)


# -- what the schema allows and the API does not -------------------------------------


@pytest.mark.parametrize(
    ("further", "text"),
    [
        ({"messages": []}, "messages: at least one"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "first message"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "max_tokens"),
        ({"tool_choice": {"type": "tool", "name": "x"}, "tools": [WEATHER]}, "'x'"),
    ],
)
def test_nonsense_is_refused(call: Caller, further: dict[str, Any], text: str) -> None:
    """A conversation that makes no sense is a 400 that says where."""
    answer = call("POST", "/v1/messages", json=message(**further))
    assert answer.status_code == 400
    assert text in answer.json()["error"]["message"]


def test_a_tool_result_without_its_call_is_refused(call: Caller) -> None:
    """A tool result must answer a call in the turn before."""
    result = {"type": "tool_result", "tool_use_id": "toolu_x", "content": "x"}
    body = message()
    body["messages"] = [{"role": "user", "content": [result]}]
    answer = call("POST", "/v1/messages", json=body)
    assert answer.json()["error"]["message"].startswith("messages.0.content.0: ")


def test_a_call_without_its_result_is_refused(call: Caller) -> None:
    """A tool call must be answered in the turn after it."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "x", "input": {}}
    body = message()
    body["messages"] += [
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": "go on"},
    ]
    answer = call("POST", "/v1/messages", json=body)
    assert "toolu_1" in answer.json()["error"]["message"]
