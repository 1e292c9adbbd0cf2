"""``fit``: as much of a conversation as has room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire import Message
from specwire.errors import RequestValidationError
from specwire.tokens import TokenCount, TokenCounter, fit


class Letters(TokenCounter):
    """A token is a letter; a turn has 4 more, a conversation 3, a call 8."""

    def count(self, text: str) -> TokenCount:
        return TokenCount(len(text))


LETTERS = Letters()
SYSTEM = {"role": "system", "content": "s"}


def user(text: str = "u") -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str = "a") -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def call(id: str) -> dict[str, Any]:
    block = {"type": "tool_use", "id": id, "name": "f", "input": {}}
    return {"role": "assistant", "content": [block]}


def result(id: str, text: str = "r") -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": id, "content": text}
    return {"role": "user", "content": [block]}


def kept(messages: list[Any], limit: int) -> list[Any]:
    return fit(messages, limit, counter=LETTERS)


def test_what_fits_stays_as_it_is() -> None:
    """The same objects, in their order."""
    messages = [SYSTEM, user(), Message.assistant("a"), "and a text"]
    found = kept(messages, 1000)
    assert found == messages
    assert all(a is b for a, b in zip(found, messages, strict=True))


def test_the_oldest_turns_go_first() -> None:
    """The system's words and the last turn stay."""
    messages = [SYSTEM, user("1"), said("1"), user("2"), said("2"), user("3")]
    assert kept(messages, 23) == [SYSTEM, *messages[3:]]
    assert kept(messages, 22) == [SYSTEM, user("3")]


def test_what_has_to_stay_and_does_not_fit_is_an_error() -> None:
    """It says how many tokens there are, and how many there may be."""
    with pytest.raises(RequestValidationError, match=r"have 13 tokens, .* limit of 12"):
        kept([SYSTEM, user()], 12)


@pytest.mark.parametrize("spelling", ["anthropic", "openai"])
def test_a_long_last_turn_loses_its_oldest_calls(spelling: str) -> None:
    """Each with its results; the question and the latest results stay."""
    if spelling == "anthropic":
        calls = [(call("1"), result("1")), (call("2"), result("2"))]
    else:
        function = {"name": "f", "arguments": "{}"}
        calls = [
            (
                {"role": "assistant", "content": None, "tool_calls": [
                    {"id": id, "type": "function", "function": function}]},
                {"role": "tool", "tool_call_id": id, "content": "r"},
            )
            for id in "12"
        ]  # fmt: skip
    messages = [user("question"), *calls[0], *calls[1]]
    assert kept(messages, 60) == [user("question"), *calls[1]]


def test_several_results_of_one_call_message_stay_together() -> None:
    """Parallel calls are answered in messages of their own."""
    both = {"role": "assistant", "tool_calls": [
        {"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}
        for id in "12"]}  # fmt: skip
    results = [{"role": "tool", "tool_call_id": id, "content": "r"} for id in "12"]
    messages = [user("first"), both, *results, said("done"), user("next")]
    assert kept(messages, 20) == [user("next")]
    assert kept(messages, 500) == messages


def test_the_model_does_not_begin() -> None:
    """What it said before anybody asked is left out, even where it would fit."""
    assert kept([said("hello"), user()], 100) == [user()]


def test_no_messages_are_no_messages() -> None:
    """An empty conversation, or the system's words alone."""
    assert kept([], 10) == []
    assert kept([SYSTEM], 10) == [SYSTEM]


_TURN = st.tuples(
    st.text("x", max_size=20), st.lists(st.text("y", max_size=20), max_size=3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TURN, min_size=1, max_size=6), st.integers(1, 300))
def test_whatever_is_left_is_a_conversation(turns: Any, limit: int) -> None:
    """It fits, begins with the user, ends as before, and every call has its result."""
    messages = [SYSTEM]
    for at, (text, results) in enumerate(turns):
        messages.append(user(text))
        for n, answer in enumerate(results):
            messages += [call(f"{at}.{n}"), result(f"{at}.{n}", answer)]
        if at < len(turns) - 1:
            messages.append(said(text))
    try:
        found = kept(messages, limit)
    except RequestValidationError:
        return
    assert LETTERS.count_messages(found) <= limit
    assert found[0] == SYSTEM
    assert found[1]["role"] == "user"
    assert found[-1] == messages[-1]
    blocks = [b for m in found if isinstance(m["content"], list) for b in m["content"]]
    calls = [b["id"] for b in blocks if b["type"] == "tool_use"]
    assert calls == [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
