"""Prompt caching: where ``cache_control`` may stand, and what the usage says then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from specwire import Client, dump, models
from specwire.errors import RequestValidationError
from specwire.sandbox import Sandbox
from specwire.tools import tool

KEPT: Any = {"type": "ephemeral"}
HOUR: Any = {"type": "ephemeral", "ttl": "1h"}
HELLO: Any = {"role": "user", "content": "Hello there"}
WORDS = "Python has many libraries. " * 5
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
PLAIN = {"type": "text", "media_type": "text/plain", "data": WORDS}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": WORDS}
TOOL = {"name": "f", "description": WORDS, "input_schema": {"type": "object"}}
FOUND = {"type": "text", "text": WORDS}
SEARCH = {"type": "search_result", "source": "s", "title": "t", "content": [FOUND]}


def said(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def after_call(result: Any, **call: Any) -> dict[str, Any]:
    called = {"role": "assistant", "content": [{**CALL, **call}]}
    return {"messages": [HELLO, called, {"role": "user", "content": [result]}]}


def kept(block: Any, **more: Any) -> dict[str, Any]:
    return {**block, "cache_control": KEPT, **more}


PLACES: dict[str, dict[str, Any]] = {
    "system": {"system": [kept({"type": "text", "text": WORDS})]},
    "tool": {"tools": [kept(TOOL)]},
    "tool of the server": {
        "tools": [kept({"type": "web_search_20250305", "name": "web_search"})]
    },
    "bash": {"tools": [kept({"type": "bash_20250124", "name": "bash"})]},
    "text": said(kept({"type": "text", "text": WORDS})),
    "image": said(kept({"type": "image", "source": PNG})),
    "image by URL": said(
        kept({"type": "image", "source": {"type": "url", "url": "https://a.example/b"}})
    ),
    "document": said(kept({"type": "document", "source": PDF})),
    "plain document": said(kept({"type": "document", "source": PLAIN})),
    "search result": said(kept(SEARCH)),
    "inside a search result": said({**SEARCH, "content": [kept(FOUND)]}),
    "tool use": after_call(RESULT, cache_control=KEPT),
    "tool result": after_call(kept(RESULT)),
    "inside a tool result": after_call({**RESULT, "content": [kept(FOUND)]}),
    "image in a tool result": after_call(
        {**RESULT, "content": [kept({"type": "image", "source": PNG})]}
    ),
    "the request": {"cache_control": KEPT},
}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def client(box: Sandbox) -> Iterator[Any]:
    """A strict one: it sends nothing that the API's document does not allow."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls, strict=True) as made:
        yield made


def ask(**further: Any) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 99,
        "messages": [HELLO],
        **further,
    }


def resources(client: Any) -> list[Any]:
    beta = client.beta
    return [client.messages, beta.messages, beta.prompt_caching.messages]


def counters(usage: models.Usage) -> tuple[int | None, int | None]:
    return usage.cache_creation_input_tokens, usage.cache_read_input_tokens


@pytest.mark.parametrize("place", PLACES)
def test_the_second_call_reads_what_the_first_wrote(client: Any, place: str) -> None:
    """Wherever cache_control stands, through each of the three resources."""
    first = client.messages.create(**ask(**PLACES[place])).usage
    written, read = counters(first)
    assert (written or 0) > 0 and read == 0
    for messages in resources(client):
        again = messages.create(**ask(**PLACES[place])).usage
        assert counters(again) == (0, written)
        assert again.input_tokens == first.input_tokens


@pytest.mark.parametrize("place", PLACES)
def test_a_stream_has_the_same_counters(client: Any, place: str) -> None:
    """In message_start, and in the message that is put together."""
    whole = client.messages.create(**ask(**PLACES[place])).usage
    for messages in resources(client):
        with messages.stream(**ask(**PLACES[place])) as stream:
            start = next(stream)
            final = stream.get_final_message()
        assert counters(start.message.usage) == counters(final.usage)
        assert counters(final.usage) == (0, whole.cache_creation_input_tokens)


@pytest.mark.parametrize("place", PLACES)
def test_counts_and_batches_take_it_too(client: Any, place: str) -> None:
    """count_tokens and the requests of a batch, in every place."""
    params = ask(**PLACES[place])
    batches = (client.messages.batches, client.beta.messages.batches)
    for made in batches:
        made.create(requests=[{"custom_id": "a", "params": params}])
    del params["max_tokens"]
    for messages in resources(client):
        assert messages.count_tokens(**params).input_tokens > 0


def test_an_hour_counts_apart(client: Any) -> None:
    """ttl says how long; what was written is counted by it, in a type of its own."""
    system = [
        {"type": "text", "text": WORDS, "cache_control": HOUR},
        {"type": "text", "text": "Be kind.", "cache_control": KEPT},
    ]
    usage = client.messages.create(**ask(system=system)).usage
    assert type(usage.cache_creation) is models.CacheCreation
    hour = usage.cache_creation.ephemeral_1h_input_tokens
    short = usage.cache_creation.ephemeral_5m_input_tokens
    assert hour > short > 0
    assert usage.cache_creation_input_tokens == hour + short


def test_a_prefix_that_changed_is_not_read(client: Any) -> None:
    """One character before the mark, and the prompt is another."""
    for text, expected in ((WORDS, 0), (WORDS + "!", 0)):
        system = [kept({"type": "text", "text": text})]
        usage = client.messages.create(**ask(system=system)).usage
        assert usage.cache_read_input_tokens == expected
        assert usage.cache_creation_input_tokens > 0


def test_a_conversation_reads_its_beginning(client: Any) -> None:
    """With cache_control at the top level each turn writes what the last one added."""
    history: list[Any] = [{"role": "user", "content": WORDS}]
    first = client.messages.create(**ask(messages=history, cache_control=KEPT))
    history += [{"role": first.role, "content": first.content}, HELLO]
    second = client.messages.create(**ask(messages=history, cache_control=KEPT)).usage
    assert second.cache_read_input_tokens == first.usage.cache_creation_input_tokens
    assert second.cache_creation_input_tokens > 0


def test_parse_and_tools_go_with_it(client: Any) -> None:
    """The resource of the guide has all that messages have."""
    messages = client.beta.prompt_caching.messages
    system = [kept({"type": "text", "text": WORDS})]
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    parsed = messages.parse(**ask(system=system, output_format=schema))
    assert set(parsed.parsed_output) == {"a"}
    assert parsed.usage.cache_creation_input_tokens > 0

    @tool
    def now() -> str:
        """The time."""
        return "noon"

    runner = messages.tool_runner(**ask(system=system, tools=[now]))
    turns = [turn.usage for turn in runner]
    assert [usage.cache_creation_input_tokens > 0 for usage in turns] == [True, False]
    assert turns[1].cache_read_input_tokens == turns[0].cache_creation_input_tokens


def test_the_mark_of_a_tool_is_sent(client: Any, box: Sandbox) -> None:
    """Tools as definitions keep their cache_control beside tools as functions."""

    @tool
    def now() -> str:
        """The time."""
        return "noon"

    client.messages.tool_runner(**ask(tools=[now, kept(TOOL)])).until_done()
    assert box.requests[0].json()["tools"][1] == kept(TOOL)


@pytest.mark.parametrize(
    ("control", "pointer"),
    [
        ({"type": "forever"}, "/system/0/cache_control/type"),
        ({"type": "ephemeral", "ttl": "2h"}, "/system/0/cache_control/ttl"),
        ({"ttl": "5m"}, "/system/0/cache_control/type"),
    ],
)
def test_a_mark_that_the_api_does_not_know_is_refused(
    client: Any, box: Sandbox, control: Any, pointer: str
) -> None:
    """A strict client says where, and sends nothing."""
    system = [{"type": "text", "text": WORDS, "cache_control": control}]
    with pytest.raises(RequestValidationError) as caught:
        client.messages.create(**ask(system=system))
    assert caught.value.pointer == pointer
    assert box.requests == []


def test_null_is_no_mark(client: Any) -> None:
    """The API takes null for none, and so does a strict client."""
    system = [{"type": "text", "text": WORDS, "cache_control": None}]
    usage = client.messages.create(**ask(system=system)).usage
    assert counters(usage) == (0, 0)
    assert dump(usage)["cache_creation"]["ephemeral_5m_input_tokens"] == 0
