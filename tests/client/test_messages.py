"""``client.messages`` through the front door, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import Client, Unknown, dump, errors, load, models
from specwire.sandbox import Sandbox

from ..samples import message
from ..scripted import chunked, reply, serving

ASK: Any = [{"role": "user", "content": "Count to five, please"}]
WANT: Any = {"model": "claude-sonnet-4-5", "max_tokens": 200, "messages": ASK}
MESSAGE = message()


def asked(url: str, **options: Any) -> Client:
    return Client(
        api_keys={"anthropic": "sk-1"}, base_urls={"anthropic": url}, **options
    )


def test_create_gives_a_typed_message(client: Client) -> None:
    """``create`` returns a Message with content, usage and the facts of its reply."""
    message = client.messages.create(**WANT)
    assert isinstance(message, models.Message)
    assert message.content[0].type == "text"
    assert "Count to five" in message.content[0].text
    assert message.usage.output_tokens > 0
    assert message._request_id == message._reply.request_id
    assert message._reply.status_code == 200
    assert message._reply.attempts == 1


def test_streamed_events_end_with_message_stop(client: Client) -> None:
    """``create(stream=True)`` yields typed raw events in order, pings left out."""
    with client.messages.create(**WANT, stream=True) as stream:
        kinds = [event.type for event in stream]
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert "content_block_delta" in kinds
    assert "ping" not in kinds


def test_the_streamed_message_equals_the_unstreamed_one(client: Client) -> None:
    """What ``stream`` puts together is what ``create`` would have returned."""
    whole = dump(client.messages.create(**WANT))
    with client.messages.stream(**WANT) as stream:
        streamed = dump(stream.get_final_message())
    for member in ("content", "stop_reason", "stop_sequence", "model", "role"):
        assert streamed[member] == whole[member]


def test_text_stream_is_the_text_of_the_message(client: Client) -> None:
    """The pieces of ``text_stream`` joined are the final text."""
    with client.messages.stream(**WANT) as stream:
        text = "".join(stream.text_stream)
        assert text == stream.get_final_text()
        assert stream.request_id is not None
        assert stream.current_message_snapshot.stop_reason == "end_turn"


def test_stream_sends_nothing_before_with(client: Client, box: Sandbox) -> None:
    """``messages.stream`` makes its request on entering ``with``, not before."""
    manager = client.messages.stream(**WANT)
    assert box.requests == []
    with manager as stream:
        stream.until_done()
    assert len(box.requests) == 1


def test_tool_input_is_put_together(client: Client) -> None:
    """The input of a streamed tool call is parsed from its pieces."""
    tools: Any = [
        {
            "name": "weather",
            "description": "Tells the weather.",
            "input_schema": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        }
    ]
    with client.messages.stream(**WANT, tools=tools) as stream:
        message = stream.get_final_message()
    calls = [block for block in message.content if block.type == "tool_use"]
    assert calls and isinstance(calls[0].input["city"], str)
    assert message.stop_reason == "tool_use"


def test_thinking_is_streamed(client: Client) -> None:
    """Thinking and its signature are in the final message."""
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    with client.messages.stream(
        **{**WANT, "max_tokens": 2000}, thinking=thinking
    ) as stream:
        block = stream.get_final_message().content[0]
    assert block.type == "thinking"
    assert block.thinking and block.signature


def test_count_tokens_agrees_with_usage(client: Client) -> None:
    """``count_tokens`` gives what ``create`` then reports as input tokens."""
    counted = client.messages.count_tokens(model="m", messages=ASK)
    message = client.messages.create(**WANT)
    assert counted.input_tokens == message.usage.input_tokens


def test_a_conversation_goes_on_with_the_reply(client: Client) -> None:
    """Blocks of a reply can be sent back as they are."""
    first = client.messages.create(**WANT)
    messages: Any = [
        *ASK,
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": "And on?"},
    ]
    second = client.messages.create(model="m", max_tokens=99, messages=messages)
    assert "And on?" in second.content[0].text  # type: ignore[union-attr]


def test_the_api_refuses_what_its_document_does_not_allow(client: Client) -> None:
    """A body that breaks the document is a BadRequestError with the API's words."""
    with pytest.raises(errors.BadRequestError) as caught:
        client.messages.create(model="m", max_tokens=9, messages=[{"role": "user"}])  # type: ignore[list-item,typeddict-item]
    assert caught.value.type == "invalid_request_error"
    assert caught.value.status_code == 400
    assert caught.value.request_id is not None
    assert "messages.0" in str(caught.value)


def test_unknown_parts_survive() -> None:
    """A block, a member and an enumeration value of tomorrow are kept, and dumped."""
    tomorrow = {
        **MESSAGE,
        "content": [{"type": "hologram", "rays": [1]}, {"type": "text", "text": "a"}],
        "stop_reason": "bored",
        "mood": {"joy": 1},
    }
    with serving(reply(200, tomorrow)) as server:
        message = asked(server.url).messages.create(**WANT)
    block = message.content[0]
    assert isinstance(block, Unknown)
    assert (block.type, block.rays) == ("hologram", [1])
    assert message.stop_reason == "bored"
    assert message.mood == {"joy": 1}  # type: ignore[attr-defined]
    assert dump(message) == tomorrow
    assert load(models.Message, dump(message)) == message


def test_a_missing_key_names_its_variable(box: Sandbox) -> None:
    """Without a key the error says which variable to set; nothing is sent."""
    client = Client(base_urls=box.base_urls)
    with pytest.raises(errors.SpecwireError, match="ANTHROPIC_API_KEY"):
        client.messages.create(**WANT)
    assert box.requests == []


def test_a_key_from_the_environment_is_read_at_the_call(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that is set after the client was made counts; blanks do not."""
    client = Client(base_urls=box.base_urls)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "  ")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", box.api_keys["anthropic"])
    assert client.messages.create(**WANT).role == "assistant"
    assert "authorization" in box.requests[0].headers
    assert "x-api-key" not in box.requests[0].headers


def test_faults_on_order_are_waited_out(client: Client, box: Sandbox) -> None:
    """Two injected failures, then the answer: three attempts, one object."""
    box.fail("POST /v1/messages", [429, 529], retry_after=0.01)
    message = client.messages.create(**WANT)
    assert message._reply.attempts == 3
    assert len({r.headers["idempotency-key"] for r in box.requests}) == 1


def test_an_overloaded_service_is_its_own_class(client: Client, box: Sandbox) -> None:
    """529 is OverloadedError, which is an InternalServerError."""
    box.fail("POST /v1/messages", [529])
    with pytest.raises(errors.OverloadedError) as caught:
        client.messages.create(**WANT, max_retries=0)
    assert isinstance(caught.value, errors.InternalServerError)
    assert caught.value.retryable


def test_a_cut_stream_is_an_error_and_keeps_what_arrived(
    client: Client, box: Sandbox
) -> None:
    """A stream cut in the middle raises StreamError; the snapshot stays readable."""
    box.fail("POST /v1/messages", [200], cut_after=900)
    with client.messages.stream(**WANT) as stream:
        with pytest.raises(errors.StreamError) as caught:
            stream.until_done()
        assert caught.value.events_received > 0
        assert stream.current_message_snapshot.stop_reason is None


def test_json_in_place_of_events_is_an_error(client: Client, box: Sandbox) -> None:
    """A 200 with JSON where a stream was asked is a DecodeError."""
    box.fail("POST /v1/messages", [200], as_json=True)
    with pytest.raises(errors.DecodeError, match="not an event stream"):
        client.messages.create(**WANT, stream=True)


def test_a_message_in_place_of_events_is_on_the_error() -> None:
    """What ``stream`` was given whole is not lost."""
    with serving(reply(200, MESSAGE), reply(200, {"type": "else"})) as server:
        messages = asked(server.url).messages
        for content in (MESSAGE["content"], None):
            with pytest.raises(errors.DecodeError, match="event stream") as caught:
                messages.stream(**WANT).__enter__()
            found = caught.value.message_object
            assert (found and dump(found.content)) == content


def test_an_error_event_raises_the_class_of_its_type() -> None:
    """``event: error`` with overloaded_error is an OverloadedError, ``in_stream``."""
    events = (
        b'event: error\ndata: {"type":"error","error":'
        b'{"type":"overloaded_error","message":"busy"}}\n\n'
    )
    with serving(chunked(events)) as server:
        stream = asked(server.url, max_retries=0).messages.create(**WANT, stream=True)
        with pytest.raises(errors.OverloadedError, match="busy") as caught:
            list(stream)
    assert caught.value.in_stream


def test_extra_arguments_reach_the_wire(client: Client, box: Sandbox) -> None:
    """extra_headers, extra_query, extra_body and idempotency_key are sent."""
    client.messages.create(
        **WANT,
        extra_headers={"x-mine": "1", "anthropic-version": "2023-06-01"},
        extra_query={"trace": True},
        extra_body={"max_tokens": 3},
        idempotency_key="key-1",
    )
    request = box.requests[0]
    assert request.headers["x-mine"] == "1"
    assert request.headers["idempotency-key"] == "key-1"
    assert dict(request.query) == {"trace": ["true"]} or "trace" in str(request.query)
    assert request.json()["max_tokens"] == 3


def test_models_can_be_listed_and_retrieved(client: Client) -> None:
    """``models.list`` pages itself; ``retrieve`` finds one of them."""
    names = [model.id for model in client.models.list(limit=1)]
    assert len(names) > 1
    assert client.models.retrieve(names[0]).id == names[0]


def test_a_reply_of_another_shape_is_a_decode_error() -> None:
    """A reply that lacks a required member says which, and shows what came."""
    partial = {k: v for k, v in MESSAGE.items() if k != "usage"}
    with serving(reply(200, partial, {"request-id": "req_9"})) as server:
        with pytest.raises(errors.DecodeError, match="'usage'") as caught:
            asked(server.url).messages.create(**WANT)
    assert "req_9" in str(caught.value)
    assert caught.value.body == partial
    assert caught.value.status_code == 200


def test_an_older_servers_block_is_readable() -> None:
    """Below the top, a member that an older server does not send reads ``None``."""
    block = {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}
    old = {**MESSAGE, "content": [block]}
    with serving(reply(200, old)) as server:
        message = asked(server.url).messages.create(**WANT)
    call = message.content[0]
    assert call.type == "tool_use"
    assert call.input == {"a": 1}
    assert call.caller is None
    assert dump(message) == old
