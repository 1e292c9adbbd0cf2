"""The Gemini and Cohere dialects of the sandbox, and Anthropic's at its own address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import SCHEMA, WEATHER, Talker, chunks

MODEL = "/models/gemini-2.5-flash"
DECLARED = {"functionDeclarations": [{"name": "get_weather", "parameters": SCHEMA}]}
ASKED = {"role": "user", "parts": [{"text": "How is the weather in Paris?"}]}
USER = {"role": "user", "content": "How is the weather in Paris?"}


def gemini(talk: Talker, how: str = ":generateContent", **members: Any) -> Any:
    return talk("gemini", MODEL + how, {"contents": [ASKED], **members})


def cohere(talk: Talker, **members: Any) -> Any:
    return talk("cohere", "/v2/chat", {"model": "c", "messages": [USER], **members})


def _texts(pieces: list[Any]) -> str:
    parts = [p for each in pieces for p in each["candidates"][0]["content"]["parts"]]
    return "".join(part.get("text", "") for part in parts)


@pytest.mark.parametrize("how", ["", "?alt=sse"])
def test_a_gemini_stream_adds_up(talk: Talker, how: str) -> None:
    """A JSON array or events: the text, the reason and the usage of the whole."""
    whole = gemini(talk).json()
    reply = gemini(talk, f":streamGenerateContent{how}")
    pieces = chunks(reply) if how else reply.json()
    assert _texts(pieces) == _texts([whole])
    assert pieces[-1]["candidates"][0]["finishReason"] == "STOP"
    assert pieces[-1]["usageMetadata"] == whole["usageMetadata"]


def test_gemini_calls_functions_and_hears_them(talk: Talker) -> None:
    """A call has an object of arguments; its response is quoted."""
    first = gemini(talk, tools=[DECLARED]).json()
    said = first["candidates"][0]["content"]
    call = said["parts"][-1]["functionCall"]
    assert call == {"name": "get_weather", "args": {"city": "Paris"}}
    part = {"name": "get_weather", "response": {"output": "Rain"}}
    heard = {"role": "user", "parts": [{"functionResponse": part}]}
    answer = gemini(talk, contents=[ASKED, said, heard], tools=[DECLARED]).json()
    assert "Rain" in _texts([answer])


def test_gemini_thinks_fills_forms_and_stops(talk: Talker) -> None:
    """Thoughts are marked; JSON fits the schema; the limit is MAX_TOKENS."""
    config: dict[str, Any] = {"thinkingConfig": {"includeThoughts": True}}
    thought = gemini(talk, generationConfig=config).json()
    parts = thought["candidates"][0]["content"]["parts"]
    assert [part.get("thought") for part in parts] == [True, None]
    assert thought["usageMetadata"]["thoughtsTokenCount"] > 0
    upper = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
    config = {"responseMimeType": "application/json", "responseSchema": upper}
    assert json.loads(_texts([gemini(talk, generationConfig=config).json()])) == {
        "city": "Paris"
    }
    cut = gemini(talk, generationConfig={"maxOutputTokens": 2}).json()
    assert cut["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_gemini_gives_as_many_candidates_as_asked_for(talk: Talker) -> None:
    """Each has its index, in a stream as well."""
    reply = gemini(
        talk, ":streamGenerateContent", generationConfig={"candidateCount": 2}
    )
    seen = {c["index"] for piece in reply.json() for c in piece["candidates"]}
    assert seen == {0, 1}


def test_gemini_knows_the_names_of_its_protocol_buffers(talk: Talker) -> None:
    """generation_config is generationConfig; names inside arguments stay."""
    cut = gemini(talk, generation_config={"max_output_tokens": 2}).json()
    assert cut["candidates"][0]["finishReason"] == "MAX_TOKENS"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"foo": 1}, 'Unknown name "foo": Cannot find field.'),
        ({"contents": [{"parts": [{"words": "x"}]}]}, "at 'contents[0].parts[0]'"),
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}, "role"),
        ({"generationConfig": {"max_tokens": 3}}, "maxTokens"),
    ],
)
def test_gemini_names_what_it_does_not_know(
    talk: Talker, members: dict[str, Any], said: str
) -> None:
    """A wrong body is INVALID_ARGUMENT, with the place."""
    reply = gemini(talk, **members)
    error = reply.json()["error"]
    assert (reply.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert said in error["message"]


def test_a_gemini_stream_breaks_in_its_own_form(talk: Talker) -> None:
    """An error in the middle is an object among the others, and the array ends."""
    talk.box.fail("POST /gemini/v1beta/models/*", None, stream_error="UNAVAILABLE")
    pieces = gemini(talk, ":streamGenerateContent").json()
    assert pieces[-1]["error"]["status"] == "UNAVAILABLE"
    assert pieces[-1]["error"]["code"] == 503


def test_the_key_of_gemini_may_stand_in_the_query(talk: Talker) -> None:
    """?key= does as well as the header."""
    key = talk.box.chat_keys["gemini"]
    path = f"{MODEL}:generateContent?key={key}"
    assert talk("gemini", path, {"contents": [ASKED]}, key=None).status_code == 200


def test_a_cohere_stream_adds_up(talk: Talker) -> None:
    """Its events begin, add to and end what the whole answer holds."""
    whole = cohere(talk, thinking={"type": "enabled"}).json()
    stream = chunks(cohere(talk, thinking={"type": "enabled"}, stream=True))
    contents = whole["message"]["content"]
    for index, part in enumerate(contents):
        text = "".join(
            each["delta"]["message"]["content"][part["type"]]
            for each in stream
            if each["type"] == "content-delta" and each["index"] == index
        )
        assert text == part[part["type"]]
    assert stream[-1]["delta"] == {
        "finish_reason": whole["finish_reason"],
        "usage": whole["usage"],
    }


def test_cohere_plans_and_calls_tools(talk: Talker) -> None:
    """A call comes with a plan, in pieces too, and its result is heard."""
    whole = cohere(talk, tools=[WEATHER]).json()
    assert whole["finish_reason"] == "TOOL_CALL" and whole["message"]["tool_plan"]
    call = whole["message"]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
    stream = chunks(cohere(talk, tools=[WEATHER], stream=True))
    parts = [
        each["delta"]["message"]["tool_calls"]["function"]["arguments"]
        for each in stream
        if each["type"] in ("tool-call-start", "tool-call-delta")
    ]
    assert "".join(parts) == call["function"]["arguments"]
    told = {"role": "tool", "tool_call_id": call["id"], "content": "Rain"}
    answer = cohere(talk, messages=[USER, whole["message"], told], tools=[WEATHER])
    assert "Rain" in answer.json()["message"]["content"][0]["text"]


@pytest.mark.parametrize(
    ("members", "status", "said"),
    [
        ({"foo": 1}, 422, "unknown field: parameter 'foo'"),
        ({"temperature": 2}, 400, "temperature"),
        ({"tool_choice": "auto"}, 400, "tool_choice"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, "last message"),
    ],
)
def test_cohere_says_what_is_wrong(
    talk: Talker, members: dict[str, Any], status: int, said: str
) -> None:
    """Its errors are a message and nothing else."""
    reply = cohere(talk, **members)
    assert reply.status_code == status
    assert said in reply.json()["message"]


def test_a_cohere_stream_ends_with_an_error(talk: Talker) -> None:
    """message-end says ERROR."""
    talk.box.fail("POST /cohere/v2/chat", None, stream_error="overloaded")
    stream = chunks(cohere(talk, stream=True))
    assert stream[-1]["delta"] == {"error": "Overloaded", "finish_reason": "ERROR"}


def test_anthropic_answers_at_its_own_address_too(talk: Talker) -> None:
    """Below /anthropic the Messages API is the same; an unknown model is a 404."""
    body = {"model": "claude-x", "max_tokens": 50, "messages": [USER]}
    assert talk("anthropic", "/messages", body).json()["type"] == "message"
    missing = talk("anthropic", "/messages", {**body, "model": "unknown-x"})
    assert missing.status_code == 404
    assert missing.json()["error"]["type"] == "not_found_error"
