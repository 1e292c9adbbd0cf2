"""``chat().parse(...)``: answers as values, asked for again where they do not fit."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import AiClient, Client
from specwire.chat.parsed import OutputError
from specwire.errors import DecodeError, RequestValidationError
from specwire.sandbox import Sandbox
from tests.scripted import ScriptedServer, chunked, reply, serving

from .streams import openai, sse


@dataclasses.dataclass
class City:
    name: str
    people: int


GOOD = '{"name": "Porto", "people": 231800}'
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


def answers(*texts: Any, finish: str = "stop") -> list[Any]:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return [
        reply(200, {
            "model": "m",
            "choices": [{
                "message": text if isinstance(text, dict) else {"content": text},
                "finish_reason": finish,
            }],
            "usage": usage,
        })
        for text in texts
    ]  # fmt: skip


def client(server: ScriptedServer, model: str = "openai/gpt-4o") -> AiClient:
    return AiClient(model, api_key="k" * 20, base_url=server.url)


def body(server: ScriptedServer, at: int) -> Any:
    return json.loads(server.received[at].body)


# -- a value -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "cohere/command-a-03-2025",
        "mistral/mistral-large-latest",
    ],
)
def test_every_dialect_gives_a_value(box: Sandbox, model: str) -> None:
    """The form goes out in the provider's own words; one class for all of them."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        chat = client.chat(model).user("A city?")
        response = chat.parse(City)
        assert isinstance(response.parsed, City)
        assert response.parsed_output is response.parsed
        assert len(response.rounds) == 1
        assert list(chat.response_format(City).parse().parsed.__dict__) == [
            *("name", "people"),
        ]


def test_a_schema_gives_json_data() -> None:
    """As a dict; what stands around it is passed over."""
    with serving(*answers('Here:\n```json\n{"name": "Porto"}\n```')) as server:
        assert client(server).chat().user("?").parse(SCHEMA).parsed == {"name": "Porto"}


def test_any_object_will_do() -> None:
    """``json_object`` has no schema; OpenAI wants the word JSON said, so it is."""
    with serving(*answers("{}")) as server:
        assert client(server).chat().user("?").parse("json_object").parsed == {}
        sent = body(server, 0)
    assert sent["response_format"] == {"type": "json_object"}
    assert "JSON" in sent["messages"][0]["content"]


@pytest.mark.parametrize("form", [None, "text", 5])
def test_a_form_without_a_value_is_refused(form: Any) -> None:
    """Before anything is sent."""
    with serving() as server:
        with pytest.raises(
            RequestValidationError, match=r"response_format|chat\.parse"
        ):
            client(server).chat().user("?").parse(form)
        assert server.received == []


def test_the_request_itself_stays_as_it_was() -> None:
    """It can be sent again, as text."""
    with serving(*answers("no", GOOD, "text")) as server:
        chat = client(server).chat().user("?")
        chat.parse(City)
        assert chat.execute().content == "text"
        assert len(body(server, 2)["messages"]) == 1
        assert "response_format" not in body(server, 2)


# -- repairs -----------------------------------------------------------------------


def test_the_model_is_told_what_was_wrong() -> None:
    """Its answer and each problem go back; the usage of both answers is summed."""
    wrong = '{"name": 5, "people": "many"}'
    with serving(*answers(wrong, GOOD)) as server:
        response = client(server).chat().user("?").parse(City)
        sent = body(server, 1)["messages"]
    assert response.parsed == City("Porto", 231800)
    assert [m["role"] for m in sent] == ["user", "assistant", "user"]
    assert sent[1]["content"] == wrong
    assert "/name" in sent[2]["content"]
    assert "/people" in sent[2]["content"]
    assert response.usage.total_tokens == response.stats.total_tokens == 30
    first, last = response.rounds
    assert (first.response.content, last.response.content) == (wrong, GOOD)
    assert (len(first.problems), last.problems) == (2, ())
    assert first.response.usage.total_tokens == 15


@pytest.mark.parametrize("repairs", [0, 1, 3])
def test_repairs_are_bounded(repairs: int) -> None:
    """The error has all rounds, and the tokens of all of them."""
    with serving(*answers(*["no"] * 5)) as server:
        with pytest.raises(OutputError, match="is not JSON") as caught:
            client(server).chat().user("?").parse(City, max_repairs=repairs)
        assert len(server.received) == repairs + 1
    error = caught.value
    assert isinstance(error, DecodeError)
    assert len(error.rounds) == repairs + 1
    assert error.usage.total_tokens == 15 * (repairs + 1)
    assert error.body == "no"
    assert error.message_object.content == "no"


@pytest.mark.parametrize(
    ("finish", "advice"), [("length", "max_tokens"), ("content_filter", "refused")]
)
def test_what_asking_again_cannot_mend_is_not_asked_again(
    finish: str, advice: str
) -> None:
    """A cut or refused answer would be cut or refused again."""
    with serving(*answers('{"name": "Po', finish=finish)) as server:
        with pytest.raises(OutputError, match=advice):
            client(server).chat().user("?").parse(City, max_repairs=4)
        assert len(server.received) == 1


def test_tools_come_before_the_value() -> None:
    """Who wants a tool called has no answer yet, and that is no error."""
    function = {"name": "f", "arguments": "{}"}
    calls = [{"id": "c", "type": "function", "function": function}]
    message = {"content": None, "tool_calls": calls}
    tool = {"name": "f", "description": "d", "parameters": {"type": "object"}}
    with serving(*answers(message, finish="tool_calls")) as server:
        response = client(server).chat().user("?").tools([tool]).parse(City)
    assert response.parsed is None
    assert [call.name for call in response.tool_calls] == ["f"]


def test_an_empty_answer_is_not_sent_back() -> None:
    """Providers take no empty turn."""
    with serving(*answers("", GOOD)) as server:
        client(server).chat().user("?").parse(City)
        assert [m["role"] for m in body(server, 1)["messages"]] == ["user", "user"]


def test_a_negative_number_of_repairs_is_refused() -> None:
    with serving() as server, pytest.raises(RequestValidationError):
        client(server).chat().user("?").parse(City, max_repairs=-1)


# -- streams -----------------------------------------------------------------------


def streamed(*pieces: str) -> Any:
    events = [openai(piece) for piece in pieces]
    return chunked(sse(*events, openai(finish="stop"), "[DONE]"))


def test_a_stream_shows_what_is_known() -> None:
    """Members as they come, strings as they grow; then the value, checked."""
    pieces = ('{"na', 'me": "Po', 'rto", "people"', ": 231", "800}")
    with serving(streamed(*pieces)) as server:
        with client(server).chat().user("?").parse_stream(City) as stream:
            seen = [dict(value) for value in stream]
        assert body(server, 0)["response_format"]["type"] == "json_schema"
    assert seen[1] == {"name": "Po"}
    assert seen[-1] == {"name": "Porto", "people": 231800}
    assert stream.parsed == City("Porto", 231800)
    assert stream.response.content == GOOD


def test_words_around_a_streamed_value_are_passed_over() -> None:
    """Before it and behind it."""
    pieces = ("Sure!\n", "```json\n", GOOD, "\n```", " Anything else?")
    with serving(streamed(*pieces)) as server:
        stream = client(server).chat().user("?").parse_stream(City)
        assert stream.until_done() == City("Porto", 231800)


@pytest.mark.parametrize("pieces", [("{",), ('{"name": "x"}',), ("no", " JSON")])
def test_a_stream_that_ends_without_the_value_is_an_error(
    pieces: tuple[str, ...],
) -> None:
    """What had come stays readable."""
    with serving(streamed(*pieces)) as server:
        stream = client(server).chat().user("?").parse_stream(City)
        with pytest.raises(OutputError):
            stream.until_done()
    assert stream.response.content == "".join(pieces)
    assert stream.parsed is None
