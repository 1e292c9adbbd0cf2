"""Warnings of models and spellings that the API takes away, at the caller's line."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from specwire import Client
from specwire.core import resource as _resource
from specwire.errors import RequestValidationError
from tests.scripted import ScriptedServer, chunked, reply, serving

OLD = "claude-2.1"
ASKED: Any = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
FORMAT: Any = {
    "type": "json_schema",
    "schema": {"type": "object", "properties": {}, "additionalProperties": False},
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": OLD,
    "content": [{"type": "text", "text": "{}"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


@pytest.fixture
def play() -> Iterator[Callable[..., tuple[Client, ScriptedServer]]]:
    """``play(*script)``: a client and the server that plays the script."""
    made: list[Any] = []

    def make(*script: Any) -> tuple[Client, ScriptedServer]:
        context = serving(*script)
        server = context.__enter__()
        client = Client(
            api_keys={"anthropic": "sk-test"}, base_urls={"anthropic": server.url}
        )
        made.extend([context, client])
        return client, server

    yield make
    for one in reversed(made):
        one.__exit__(None, None, None)


def test_each_way_to_ask_warns_at_the_callers_line(play: Any) -> None:
    """It names the operation, the model and the day, however deep the call is."""
    answer = reply(200, MESSAGE)
    client, _ = play(*[answer] * 3, chunked(b": begun\n\n"), answer)
    messages, beta = client.messages, client.beta.messages
    asks: list[Callable[[], Any]] = [
        lambda: messages.create(model=OLD, **ASKED),
        lambda: beta.create(model=OLD, **ASKED),
        lambda: messages.parse(model=OLD, output_format=FORMAT, **ASKED),
        lambda: messages.stream(model=OLD, **ASKED),
        lambda: messages.create(model=OLD, stream=True, **ASKED).close(),
        lambda: messages.tool_runner(model=OLD, **ASKED).until_done(),
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for ask in asks:
            ask()
    lines = [(__file__, ask.__code__.co_firstlineno) for ask in asks]
    assert [(warned.filename, warned.lineno) for warned in caught] == lines
    assert {w.category for w in caught} == {DeprecationWarning}
    for each in caught:
        assert f"model '{OLD}' is deprecated" in str(each.message)
        assert "2025-07-21" in str(each.message)
    assert str(caught[0].message).startswith("messages.create: ")


def test_other_models_do_not_warn(play: Any) -> None:
    """Nor does counting tokens, nor a model that is no text: that is the API's."""
    client, _ = play(reply(200, MESSAGE), reply(200, {"input_tokens": 1}), reply(400))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.messages.create(model="claude-sonnet-4-5", **ASKED)
        client.messages.count_tokens(model=OLD, messages=ASKED["messages"])
        odd: Any = [OLD]
        with pytest.raises(Exception, match="400"):
            client.messages.create(model=odd, **ASKED)


def test_a_moved_argument_is_sent_where_it_is_said_now(play: Any) -> None:
    """``output_format`` is ``output_config.format``, beside what else stands there."""
    client, server = play(reply(200, MESSAGE), reply(200, {"input_tokens": 1}))
    told = (
        r"messages.create: output_format is deprecated; write output_config=\{'format'"
    )
    with pytest.warns(DeprecationWarning, match=told) as caught:
        client.beta.messages.create(
            model="m", output_format=FORMAT, output_config={"effort": "low"}, **ASKED
        )
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="beta.messages.count_tokens"):
        client.beta.messages.count_tokens(
            model="m", messages=ASKED["messages"], output_format=FORMAT
        )
    first, second = (json.loads(r.body) for r in server.received)
    assert first["output_config"] == {"effort": "low", "format": FORMAT}
    assert second["output_config"] == {"format": FORMAT}
    assert "output_format" not in first and "output_format" not in second


def test_thinking_that_has_a_better_kind_warns(play: Any) -> None:
    """For the models that have it; at the caller's line, and it is sent as it is."""
    client, server = play(*[reply(200, MESSAGE)] * 4)
    budget: Any = {"type": "enabled", "budget_tokens": 1024}
    told = (
        "with model 'claude-opus-4-6' thinking={'type': 'enabled'} is deprecated; 'ad"
    )
    for messages in (client.messages, client.beta.messages):
        with pytest.warns(UserWarning, match=re.escape(told)) as caught:
            messages.create(model="claude-opus-4-6", thinking=budget, **ASKED)
        assert [warned.filename for warned in caught] == [__file__]
    client.messages.create(model="claude-sonnet-4-5", thinking=budget, **ASKED)
    adaptive: Any = {"type": "adaptive"}
    client.messages.create(model="claude-opus-4-6", thinking=adaptive, **ASKED)
    assert json.loads(server.received[0].body)["thinking"] == budget


def test_said_in_both_places_is_refused(play: Any) -> None:
    """Nobody can tell which of the two was meant."""
    client, server = play()
    with (
        pytest.warns(DeprecationWarning),
        pytest.raises(RequestValidationError, match="both output_format and") as caught,
    ):
        client.beta.messages.create(
            model="m", output_format=FORMAT, output_config={"format": FORMAT}, **ASKED
        )
    assert caught.value.pointer == "/output_format"
    assert not server.received


def test_a_generated_packages_own_frames_are_not_the_callers() -> None:
    """The line that is named is outside of ``shop`` as well as of ``specwire``."""
    from specwire.core import results, retiring

    space: dict[str, Any] = {"r": _resource, "__name__": "shop.resources.things"}
    exec("class Things(r.Resource): pass\ndef buy(f, *a): f(*a)\n", space)
    operation = _resource.Operation(
        "things.buy", "shop", "POST", "/", results.Nothing()
    )
    with pytest.warns(DeprecationWarning) as caught:
        space["buy"](
            retiring.warn_of_value,
            operation,
            "kind",
            "a",
            "2030-01-01",
            space["Things"],
        )
    assert caught[0].filename == __file__
