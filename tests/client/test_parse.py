"""``messages.parse`` and ``stream(output_format=)``: replies as values of a type."""

from __future__ import annotations

import enum
import json
import pickle
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict, cast

import attrs
import pytest

from specwire import Client, dump, errors, models
from specwire.sandbox import Sandbox

from ..scripted import chunked, reply, serving
from .streams import wire
from .test_message_streams import CASES
from .test_messages import ASK, MESSAGE, asked


class Level(enum.Enum):
    LOW = "low"
    HIGH = "high"


@attrs.define
class Risk:
    """How risky it is."""

    score: int
    reasoning: str
    flags: list[str]
    level: Level | None = None


@dataclass
class Report:
    day: date
    risks: list[Risk]
    share: float = 0.5
    parent: Report | None = None
    notes: dict[str, int] = field(default_factory=dict)


class Place(TypedDict):
    city: str
    risk: Risk


class Pydantic:
    """What is asked of a pydantic model, for where pydantic is not installed."""

    def __init__(self, score: int) -> None:
        self.score = score

    @classmethod
    def model_json_schema(cls, **_: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"score": {"type": "integer", "maximum": 9}},
            "required": ["score"],
        }

    @classmethod
    def model_validate(cls, data: Any) -> Pydantic:
        if data["score"] > 9:
            raise ValueError("score is too high")
        return cls(data["score"])


RISK = '{"score": 7, "reasoning": "new", "flags": ["a"], "level": "high"}'
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 3}},
    "required": ["n"],
}


def said(*texts: str, stop: str = "end_turn", **more: Any) -> bytes:
    """The reply of a model that says ``texts``."""
    content = [{"type": "text", "text": text} for text in texts]
    return reply(200, {**MESSAGE, "content": content, "stop_reason": stop, **more})


def parsed(kind: Any, *texts: str, **options: Any) -> Any:
    with serving(said(*texts)) as server:
        return asked(server.url).messages.parse(
            model="m", messages=ASK, output_format=kind, **options
        )


def sent(kind: Any, **options: Any) -> Any:
    """The body of the request for a ``kind``."""
    with serving(said("null", stop="tool_use")) as server:
        asked(server.url).messages.parse(
            model="m", messages=ASK, output_format=kind, **options
        )
        return server.received[0].json()


# -- the value -----------------------------------------------------------------------


def test_the_text_is_read_as_an_attrs_class() -> None:
    """``parsed_output`` is on the message and on its text block; the rest stays."""
    message = parsed(Risk, RISK)
    assert message.parsed_output == Risk(7, "new", ["a"], Level.HIGH)
    assert message.content[0].parsed_output is message.parsed_output
    assert isinstance(message, models.Message)
    assert dump(message)["content"] == [{"type": "text", "text": RISK}]
    assert pickle.loads(pickle.dumps(message)).parsed_output == message.parsed_output


def test_the_text_is_read_as_a_dataclass() -> None:
    """Nested classes, dates, numbers and defaults included."""
    inner = f'{{"day": "2026-01-02", "risks": [{RISK}], "share": 1}}'
    outer = f'{{"day": "2026-01-03", "risks": [], "parent": {inner}}}'
    report = parsed(Report, outer).parsed_output
    assert report.day == date(2026, 1, 3)
    assert report.share == 0.5
    assert report.notes == {}
    assert report.parent.share == 1.0
    assert type(report.parent.share) is float
    assert report.parent.risks == [Risk(7, "new", ["a"], Level.HIGH)]


def test_the_text_is_read_as_a_typed_dict() -> None:
    """It is a dict; classes in it are made."""
    place = parsed(Place, f'{{"city": "Oslo", "risk": {RISK}}}').parsed_output
    assert place == {"city": "Oslo", "risk": Risk(7, "new", ["a"], Level.HIGH)}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (list[int], "[1, 2.0]", [1, 2]),
        (tuple[int, str], '[1, "a"]', (1, "a")),
        (set[str], '["a", "a"]', {"a"}),
        (int | str, '"3"', "3"),
        (Risk | Place, RISK, Risk(7, "new", ["a"], Level.HIGH)),
        (dict[str, float], '{"a": 1}', {"a": 1.0}),
        (Level, '"low"', Level.LOW),
        (models.TextBlock, '{"type":"text","text":"t"}', models.TextBlock(text="t")),
    ],
    ids=str,
)
def test_types_made_of_types(kind: Any, text: str, value: Any) -> None:
    """Collections, unions, enumerations and the SDK's own models."""
    assert parsed(kind, text).parsed_output == value


def test_a_schema_gives_plain_json() -> None:
    """It is checked by all of the schema, also by what the API does not take."""
    assert parsed(SCHEMA, '{"n": 3}').parsed_output == {"n": 3}
    with pytest.raises(errors.DecodeError, match="at /n does not fit: 2 is less"):
        parsed(SCHEMA, '{"n": 2}')


def test_a_pydantic_model_validates_itself() -> None:
    """It is found by its methods; its own errors are ours, with the message."""
    assert parsed(Pydantic, '{"score": 9}').parsed_output.score == 9
    with pytest.raises(errors.DecodeError, match="score is too high") as caught:
        parsed(Pydantic, '{"score": 10}')
    assert caught.value.message_object.content[0].text == '{"score": 10}'
    assert parsed(list[Pydantic], '[{"score": 1}]').parsed_output[0].score == 1


def test_real_pydantic_models() -> None:
    """Where pydantic is installed; it is no dependency."""
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Assessment", score=(int, ...), flags=(list[str], []))
    message = parsed(model, '{"score": 3}')
    assert isinstance(message.parsed_output, model)
    assert message.parsed_output.flags == []


def test_the_first_text_that_fits_is_the_value() -> None:
    """A sentence before it is no error; its block has ``None``."""
    message = parsed(Risk, "Here it is:", RISK)
    assert message.parsed_output.score == 7
    assert message.content[0].parsed_output is None


def test_a_message_that_calls_a_tool_has_no_value_yet() -> None:
    """``parsed_output`` is ``None``; the answer comes in a later turn."""
    with serving(said("Let me look.", stop="tool_use")) as server:
        message = asked(server.url).messages.parse(
            model="m", messages=ASK, output_format=Risk
        )
    assert message.parsed_output is None


# -- what goes wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "stop", "words"),
    [
        (["I cannot help with that."], "refusal", "the model refused"),
        ([RISK[:20]], "max_tokens", "ask with more max_tokens"),
        ([], "refusal", "the text is not there"),
        (["{}"], "end_turn", "'score' is a required property"),
        (['{"score": "7", "reasoning": "", "flags": []}'], "end_turn", "at /score"),
    ],
)
def test_a_reply_that_is_no_value_keeps_the_message(
    texts: list[str], stop: str, words: str
) -> None:
    """A refusal, a cut, another shape: DecodeError with the whole message."""
    body = said(*texts, stop=stop).replace(b"Content-Type", b"request-id: r7\r\nX-Y", 1)
    body = body.replace(b"X-Y", b"Content-Type", 1)
    with serving(body) as server:
        with pytest.raises(errors.DecodeError, match=words) as caught:
            asked(server.url).messages.parse(
                model="m", messages=ASK, output_format=Risk
            )
    message = caught.value.message_object
    assert message.stop_reason == stop
    assert [block.text for block in message.content] == texts
    assert message.usage.output_tokens == 1
    assert message.parsed_output is None
    assert (caught.value.request_id, caught.value.status_code) == ("r7", 200)
    assert pickle.loads(pickle.dumps(caught.value)).message_object == message


@pytest.mark.parametrize(
    ("kind", "config", "error", "words"),
    [
        (None, None, errors.RequestValidationError, "expected output_format"),
        (
            Risk,
            {"format": {"type": "json_schema", "schema": {}}},
            errors.RequestValidationError,
            "two formats",
        ),
        ({"type": "objekt"}, None, errors.RequestValidationError, "no JSON Schema"),
        (object.__init__, None, TypeError, "no JSON Schema for"),
        (3, None, TypeError, "no JSON Schema for 3"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    kind: Any, config: Any, error: type[Exception], words: str
) -> None:
    """Before anything is sent."""
    client = Client(api_keys={"anthropic": "k"})
    with pytest.raises(error, match=words):
        client.messages.parse(
            model="m", messages=ASK, output_format=kind, output_config=config
        )


# -- what is sent --------------------------------------------------------------------


def test_the_request_asks_for_the_schema() -> None:
    """Effort stays beside the format; ``max_tokens`` is 4,096 where none is given."""
    body = sent(Risk, output_config={"effort": "low"})
    assert body["output_config"]["effort"] == "low"
    assert body["output_config"]["format"]["type"] == "json_schema"
    schema = body["output_config"]["format"]["schema"]
    assert schema["required"] == ["score", "reasoning", "flags"]
    assert schema["additionalProperties"] is False
    assert schema["description"] == "How risky it is."
    assert body["max_tokens"] == 4096
    assert "output_format" not in body
    assert sent(Risk, max_tokens=9)["max_tokens"] == 9


def test_a_format_is_sent_as_it_is() -> None:
    """The API's own form of the wish, as either argument."""
    wish = {"type": "json_schema", "schema": SCHEMA}
    assert sent(wish)["output_config"] == {"format": wish}
    body = sent(None, output_config={"format": wish, "effort": "high"})
    assert body["output_config"] == {"format": wish, "effort": "high"}


def test_other_arguments_are_those_of_create(client: Client) -> None:
    """A misspelt one is refused by the signature."""
    with pytest.raises(TypeError, match="max_tokenz"):
        client.messages.parse(model="m", messages=ASK, output_format=Risk, max_tokenz=1)


def test_the_beta_says_its_header() -> None:
    """Beside those the caller names, or those that other arguments imply."""
    wish: Any = {"model": "m", "messages": ASK, "output_format": Risk}
    own = "structured-outputs-2025-12-15"
    asks: list[tuple[dict[str, Any], str]] = [
        ({}, own),
        ({"betas": ["a"]}, f"a,{own}"),
        ({"betas": [own]}, own),
        ({"context_management": {}}, f"context-management-2025-06-27,{own}"),
    ]
    replies = [said(RISK) for _ in asks] + [chunked(b"") for _ in asks]
    with serving(*replies) as server:
        messages = asked(server.url).beta.messages
        for more, _ in asks:
            assert messages.parse(**wish, **more).parsed_output.score == 7
        for more, _ in asks:
            with messages.stream(max_tokens=9, **wish, **more):
                pass
        sent_ = server.received
    assert [r.headers["anthropic-beta"] for r in sent_] == [b for _, b in asks * 2]
    for request in sent_:
        assert request.json()["output_config"]["format"]["type"] == "json_schema"
        assert "output_format" not in request.json()


@pytest.mark.parametrize("name", ["stream", "temprature"])
def test_an_argument_that_create_does_not_take_is_named(name: str) -> None:
    """Where it was written, by ``parse`` and ``tool_runner``; one of them streams."""
    more: Any = {name: True}
    client = Client()
    for messages in (client.messages, client.beta.messages):
        with pytest.raises(TypeError, match=rf"parse\(\) got an .* argument '{name}'"):
            messages.parse(model="m", messages=ASK, output_format=Risk, **more)
        if name != "stream":
            with pytest.raises(TypeError, match=rf"tool_runner\(\) got an .* '{name}'"):
                messages.tool_runner(model="m", messages=ASK, **more)


def test_the_sandbox_answers_in_shape(client: Client, box: Sandbox) -> None:
    """``parse`` against the sandbox gives a value of each kind."""
    for kind in (Risk, Report, Place):
        value = client.messages.parse(
            model="m", messages=ASK, output_format=kind
        ).parsed_output
        assert isinstance(value, dict if cast(Any, kind) is Place else kind)


# -- streams -------------------------------------------------------------------------


def streamed(kind: Any, *texts: str, stop: str = "end_turn") -> Any:
    """A stream manager for a message that says ``texts``, piece by piece."""
    events = json.loads(json.dumps(CASES["text in pieces, with a ping"]["events"]))
    start, block, _, delta, *_, block_stop, end, message_stop = events
    end["delta"]["stop_reason"] = stop
    deltas = [{**delta, "delta": {"type": "text_delta", "text": t}} for t in texts]
    body = wire([start, block, *deltas, block_stop, end, message_stop])
    server = serving(chunked(body))
    return server, lambda url: asked(url).messages.stream(
        model="m", max_tokens=9, messages=ASK, output_format=kind
    )


def test_partial_objects_are_streamed() -> None:
    """Each text event says what is known so far; block and message have the value."""
    server, ask = streamed(Risk, '{"score": 7, "rea', 'soning": "ne', RISK[29:])
    snapshots = []
    ends = []
    with server as running, ask(running.url) as stream:
        for event in stream:
            if event.type == "text":
                snapshots.append(dict(event.parsed_snapshot()))
            elif event.type == "content_block_stop":
                ends.append(event.content_block.parsed_output)
            elif event.type == "message_stop":
                ends.append(event.message.parsed_output)
        ends.append(stream.get_final_message().parsed_output)
        body = running.received[0].json()
    assert snapshots[:2] == [{"score": 7}, {"score": 7, "reasoning": "ne"}]
    assert snapshots[2]["level"] == "high"
    assert ends == [Risk(7, "new", ["a"], Level.HIGH)] * 3
    assert body["output_config"]["format"]["schema"]["title"] == "Risk"
    assert "output_format" not in body


def test_a_streamed_refusal_keeps_the_message() -> None:
    """Iterating goes to the end; asking for the final message is the error."""
    server, ask = streamed(Risk, "I can", "not.", stop="refusal")
    with server as running, ask(running.url) as stream:
        last = list(stream)[-1]
        assert last.message.parsed_output is None
        with pytest.raises(errors.DecodeError, match="refused") as caught:
            stream.get_final_message()
    assert caught.value.message_object.content[0].text == "I cannot."


def test_a_schema_in_output_config_is_read_when_streaming() -> None:
    """``output_config["format"]`` is as good as ``output_format``, as for ``parse``."""
    schema = {"type": "object", "properties": {"score": {"type": "integer"}}}
    config: Any = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    for texts, stop in (
        (('{"score"', ": 7}"), "end_turn"),
        (("I can", "not"), "refusal"),
    ):
        server, _ = streamed(None, *texts, stop=stop)
        with (
            server as running,
            asked(running.url).messages.stream(
                model="m", max_tokens=9, messages=ASK, output_config=config
            ) as stream,
        ):
            if stop == "refusal":
                with pytest.raises(errors.DecodeError, match="refused"):
                    stream.get_final_message()
            else:
                message: Any = stream.get_final_message()
                assert message.parsed_output == {"score": 7}
        assert running.received[0].json()["output_config"] == config
