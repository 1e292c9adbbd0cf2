"""The OpenAI dialect of the sandbox, and where the providers that speak it differ."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire.sandbox.chat.providers import PROVIDERS

from .conftest import OPENAI_LIKE, SCHEMA, TIME, WEATHER, Talker, chunks, joined

USER = {"role": "user", "content": "How is the weather in Paris?"}
CALL = {
    "id": "call_abc12",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}


@pytest.mark.parametrize("provider", OPENAI_LIKE)
def test_a_stream_adds_up_to_the_answer(talk: Talker, provider: str) -> None:
    """Each provider's stream holds the text, the reason and the usage of the whole."""
    whole = talk.chat(provider).json()
    asked = {} if provider == "mistral" else {"include_usage": True}
    more = {"stream_options": asked} if asked else {}
    stream = chunks(talk.chat(provider, stream=True, **more))
    assert stream[-1] == "[DONE]"
    message = whole["choices"][0]["message"]
    assert joined(stream[:-1]) == message["content"]
    finish = [c["finish_reason"] for s in stream[:-1] for c in s["choices"]]
    assert [each for each in finish if each] == ["stop"]
    if PROVIDERS[provider].usage != "whole":
        assert whole["usage"] in _usages(stream[:-1])


def _usages(stream: list[Any]) -> list[Any]:
    found = []
    for chunk in stream:
        found += [chunk.get("usage"), chunk.get("x_groq", {}).get("usage")]
        found += [choice.get("usage") for choice in chunk["choices"]]
    return found


@pytest.mark.parametrize("provider", OPENAI_LIKE)
def test_a_tool_call_in_pieces_is_the_whole_call(talk: Talker, provider: str) -> None:
    """The pieces of a call add up to its arguments; the first one names it."""
    pieces = [
        part
        for chunk in chunks(talk.chat(provider, stream=True, tools=[WEATHER]))[:-1]
        for choice in chunk["choices"]
        for part in choice["delta"].get("tool_calls", ())
    ]
    assert pieces[0]["function"]["name"] == "get_weather" and pieces[0]["id"]
    arguments = "".join(part["function"]["arguments"] for part in pieces)
    assert json.loads(arguments) == {"city": "Paris"}


def test_tools_that_are_named_are_called_side_by_side(talk: Talker) -> None:
    """Two tools in the user's text are two calls in one answer."""
    asked = [{"role": "user", "content": "get_weather and get_time for Paris"}]
    answer = talk.chat(messages=asked, tools=[WEATHER, TIME]).json()
    choice = answer["choices"][0]
    names = [call["function"]["name"] for call in choice["message"]["tool_calls"]]
    assert (names, choice["finish_reason"]) == (
        ["get_weather", "get_time"],
        "tool_calls",
    )
    one = talk.chat(messages=asked, tools=[WEATHER, TIME], parallel_tool_calls=False)
    assert len(one.json()["choices"][0]["message"]["tool_calls"]) == 1


def test_a_result_is_answered_in_words(talk: Talker) -> None:
    """After a tool message the answer quotes it and calls nothing."""
    told = {"role": "tool", "tool_call_id": CALL["id"], "content": "Rain, 12 degrees"}
    spoken = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    answer = talk.chat(messages=[USER, spoken, told], tools=[WEATHER]).json()
    message = answer["choices"][0]["message"]
    assert "Rain, 12 degrees" in message["content"] and "tool_calls" not in message


@pytest.mark.parametrize(
    ("choice", "calls"),
    [("none", 0), ("required", 1), ({"type": "function"}, 1)],
)
def test_tool_choice_is_kept_to(talk: Talker, choice: Any, calls: int) -> None:
    """none calls nothing; required and a named function call."""
    if isinstance(choice, dict):
        choice = {**choice, "function": {"name": "get_time"}}
    answer = talk.chat(tools=[WEATHER, TIME], tool_choice=choice).json()
    made = answer["choices"][0]["message"].get("tool_calls", [])
    assert len(made) == calls
    if isinstance(choice, dict):
        assert made[0]["function"]["name"] == "get_time"


def test_json_fits_the_schema_that_was_sent(talk: Talker) -> None:
    """json_schema gives that object, json_object some object."""
    form = {"type": "json_schema", "json_schema": {"name": "c", "schema": SCHEMA}}
    text = talk.chat(response_format=form).json()["choices"][0]["message"]["content"]
    assert json.loads(text) == {"city": "Paris"}
    some = talk.chat(response_format={"type": "json_object"}).json()
    text = some["choices"][0]["message"]["content"]
    assert isinstance(json.loads(text), dict)


def test_answers_end_where_they_are_told_to(talk: Talker) -> None:
    """A stop word ends with stop, the limit with length, refusals with the filter."""
    cut = talk.chat(max_completion_tokens=3).json()
    assert cut["choices"][0]["finish_reason"] == "length"
    assert cut["usage"]["completion_tokens"] == 3
    stopped = talk.chat(stop="Paris").json()["choices"][0]
    assert "Paris" not in stopped["message"]["content"]
    assert stopped["finish_reason"] == "stop"
    asked = [{"role": "user", "content": "sandbox:refusal"}]
    refused = talk.chat(messages=asked).json()["choices"][0]
    assert refused["finish_reason"] == "content_filter"


def test_a_call_that_is_cut_off_has_half_its_arguments(talk: Talker) -> None:
    """With sandbox:max_tokens the arguments of a call are no JSON."""
    asked = [{"role": "user", "content": "sandbox:max_tokens get_weather"}]
    choice = talk.chat(messages=asked, tools=[WEATHER]).json()["choices"][0]
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"'
    assert choice["finish_reason"] == "length"


def test_several_choices_take_turns_in_a_stream(talk: Talker) -> None:
    """n=3 gives three choices, whole and streamed, with the usage of all."""
    whole = talk.chat(n=3).json()
    assert [choice["index"] for choice in whole["choices"]] == [0, 1, 2]
    stream = chunks(talk.chat(n=3, stream=True))[:-1]
    for choice in whole["choices"]:
        text = joined(stream, choice=choice["index"])
        assert text == choice["message"]["content"]
    order = [chunk["choices"][0]["index"] for chunk in stream[:6]]
    assert order == [0, 1, 2, 0, 1, 2]


def test_the_seed_changes_the_answer_and_keeps_it(talk: Talker) -> None:
    """The same seed gives the same text, and some other seed another."""
    texts = [
        talk.chat(seed=seed).json()["choices"][0]["message"]["content"]
        for seed in (1, 1, 2, 3, 4, 5, 6)
    ]
    assert texts[0] == texts[1] and len(set(texts)) > 1


def test_pictures_count(talk: Talker) -> None:
    """An image adds a hundred tokens to the prompt."""
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    content = [{"type": "text", "text": USER["content"]}, url]
    seen = talk.chat(messages=[{"role": "user", "content": content}]).json()
    plain = talk.chat().json()
    difference = seen["usage"]["prompt_tokens"] - plain["usage"]["prompt_tokens"]
    assert difference == 100


@pytest.mark.parametrize(
    ("provider", "member"),
    [
        ("deepseek", "reasoning_content"),
        ("groq", "reasoning"),
        ("openrouter", "reasoning"),
        ("openai", ""),
    ],
)
def test_reasoning_stands_where_the_provider_has_it(
    talk: Talker, provider: str, member: str
) -> None:
    """It is shown in the provider's own member, or only counted."""
    answer = talk.chat(provider, reasoning_effort="low").json()
    message = answer["choices"][0]["message"]
    shown = {"reasoning_content", "reasoning"} & set(message)
    assert shown == ({member} if member else set())
    details = answer["usage"]["completion_tokens_details"]
    assert details["reasoning_tokens"] > 0


def test_minimax_says_everything_again(talk: Talker) -> None:
    """The last event is the whole answer; reasoning stands in details."""
    whole = talk.chat("minimax", reasoning_effort="low").json()
    details = whole["choices"][0]["message"]["reasoning_details"]
    assert "Paris" in details[0]["text"]
    text = talk.chat("minimax", reasoning_effort="low", stream=True).text
    last = json.loads(text.split("data: ")[-2])
    assert (last["choices"], last["usage"]) == (whole["choices"], whole["usage"])


def test_reasoning_of_mistral_is_a_part_of_the_content(talk: Talker) -> None:
    """The content is then a list: thinking, and text."""
    answer = talk.chat("mistral", model="magistral-small").json()
    kinds = [part["type"] for part in answer["choices"][0]["message"]["content"]]
    assert kinds == ["thinking", "text"]


# -- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"foo": 1}, "Unknown parameter: 'foo'"),
        ({"messages": []}, "Invalid value for 'messages'"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "tool_call_id"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "x", "a": 1}]}, "messages[0].a"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "Invalid type for 'temperature'"),
        ({"tools": [{"name": "f", "parameters": {}}]}, "tools[0]"),
        ({"model": "o3-mini", "max_tokens": 5}, "max_completion_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_a_wrong_body_is_named(
    talk: Talker, members: dict[str, Any], said: str
) -> None:
    """What OpenAI refuses is a 400 that names the place."""
    reply = talk.chat(**members)
    error = reply.json()["error"]
    assert (reply.status_code, error["type"]) == (400, "invalid_request_error")
    assert said in error["message"]


@pytest.mark.parametrize(
    "messages",
    [
        [USER, {"role": "tool", "tool_call_id": "call_x", "content": "y"}],
        [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, USER],
        [USER, {"role": "assistant", "content": None}, USER],
    ],
)
def test_calls_and_their_results_belong_together(
    talk: Talker, messages: list[Any]
) -> None:
    """A result without a call, a call without a result and no content are refused."""
    assert talk.chat(messages=messages).status_code == 400


def test_who_is_strict(talk: Talker) -> None:
    """Mistral takes no stream_options and answers 422; DeepSeek minds no member."""
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    refused = talk.chat("mistral", **asked)
    assert refused.status_code == 422
    assert refused.json()["message"]["detail"][0]["loc"] == ["body", "stream_options"]
    assert talk.chat("mistral", random_seed=1).status_code == 200
    assert talk.chat("deepseek", foo=1).status_code == 200


def test_who_minds_the_order_and_pictures(talk: Talker) -> None:
    """Perplexity wants turns to alternate, Mistral no assistant last; both say so."""
    spoken = {"role": "assistant", "content": "Hello"}
    twice = talk.chat("perplexity", messages=[USER, USER])
    assert twice.status_code == 400 and "alternate" in twice.text
    assert talk.chat("perplexity", messages=[USER, spoken, USER]).ok
    assert talk.chat("mistral", messages=[USER, spoken]).status_code == 422
    assert talk.chat("openai", messages=[USER, USER, spoken]).ok
    url = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    picture = {"role": "user", "content": [url]}
    assert talk.chat("deepseek", messages=[picture]).status_code == 400


def test_azure_answers_by_the_deployment_too(talk: Talker) -> None:
    """The model may stand in the path, and the key in api-key or as a bearer's."""
    body = {"messages": [USER]}
    path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    answer = talk("azure", path, body, root="")
    assert answer.json()["model"] == "gpt-4o"
    missing = talk("azure", path.replace("gpt-4o", "unknown-x"), body, root="")
    assert missing.json()["error"]["code"] == "DeploymentNotFound"
