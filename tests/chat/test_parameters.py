"""Parameters: names, places, checks, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.chat.parameters import mapped
from specwire.chat.request import ChatRequest, payload
from specwire.errors import RequestValidationError

from .request_records import Provider, provider

RULES: dict[str, Any] = {
    "temperature": {
        "wire": ["temperature"],
        "type": "float",
        "min": 0.0,
        "max": 2.0,
        "default": 1.0,
    },
    "top_p": {"wire": ["top_p"], "type": "float", "min": 0.0},
    "max_tokens": {"wire": ["options", "limit"], "type": "integer", "max": 8192},
    "stop_sequences": {"wire": ["stop"], "type": "array"},
    "seed": {"wire": ["seed"], "type": "integer", "min": 0},
    "logprobs": {"wire": ["logprobs"], "type": "boolean"},
    "user": {"wire": ["metadata", "user_id"], "type": "string"},
    "tier": {"wire": ["tier"], "type": "string", "enum": ["a", "b"]},
    "stream": {"wire": ["stream"], "type": "boolean", "default": False},
}


def manifest(**rules: Any) -> Provider:
    table = {k: v for k, v in {**RULES, **rules}.items() if v is not None}
    return provider("openai", parameters=table)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({}, {"temperature": 1.0}),
        ({"max_tokens": 512}, {"temperature": 1.0, "options": {"limit": 512}}),
        ({"temperature": None}, {}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"top_p": 0.5}, {"top_p": 0.5}),
        ({"stop": "x", "temperature": None}, {"stop": ["x"]}),
        ({"stop_sequences": ("x", "y"), "top_p": 1}, {"stop": ["x", "y"], "top_p": 1}),
        ({"limit": 5, "top_p": 1}, {"options": {"limit": 5}, "top_p": 1}),
        ({"user": "u", "temperature": 1}, {"metadata": {"user_id": "u"}}),
        ({"seed": 3.0, "temperature": 1}, {"seed": 3}),
        ({"anything": {"a": 1}, "top_p": 1}, {"anything": {"a": 1}, "top_p": 1}),
        ({"max_completion_tokens": 9, "top_p": 1}, {"max_completion_tokens": 9}),
    ],
)
def test_standard_names_go_where_the_manifest_says(given: Any, want: Any) -> None:
    """Renamed, nested, converted and defaulted; others pass; ``None`` is left out."""
    found = mapped(manifest(), given)
    assert {k: found.get(k) for k in want} == want
    assert set(found) - set(want) <= set(given) & {"temperature", "top_p"}


@pytest.mark.parametrize(
    ("given", "pointer", "message"),
    [
        (
            {"temperature": 3},
            "/temperature",
            "expected 0.0 to 2.0, got 3",
        ),
        ({"temperature": "hot"}, "/temperature", "expected a value of type float"),
        ({"temperature": True}, "/temperature", "expected a value of type float"),
        ({"temperature": float("nan")}, "/temperature", "of type float, got nan"),
        ({"top_p": -1}, "/top_p", "expected at least 0.0, got -1"),
        ({"max_tokens": 9000}, "/options/limit", "expected at most 8192, got 9000"),
        ({"max_tokens": 1.5}, "/options/limit", "of type integer, got 1.5"),
        ({"logprobs": 1}, "/logprobs", "of type boolean, got 1"),
        ({"stop": 1}, "/stop", "of type array, got 1"),
        ({"user": 1}, "/metadata/user_id", "of type string, got 1"),
        ({"tier": "c"}, "/tier", "expected one of 'a', 'b', got 'c'"),
    ],
)
def test_values_are_checked_before_they_are_sent(
    given: Any, pointer: str, message: str
) -> None:
    """The error says who, what, the bounds, what came and where it would stand."""
    with pytest.raises(RequestValidationError) as caught:
        mapped(manifest(), given)
    assert caught.value.pointer == pointer
    assert message in str(caught.value)
    assert str(caught.value).startswith("chat (openai): parameter ")


def test_a_default_is_not_said_beside_its_rival() -> None:
    """Some models refuse ``temperature`` and ``top_p`` together."""
    assert "temperature" not in mapped(manifest(), {"top_p": 0.9})


LIMITED = {"wire": ["max_tokens"], "type": "integer", "max": 8192, "required": True}


def test_a_limit_that_has_to_be_said() -> None:
    """It is the model's own where that is known, else 4096 at most."""
    record = {"parameters": {"max_tokens": LIMITED}}
    assert mapped(provider("anthropic", **record), {}) == {"max_tokens": 4096}
    small = {"max_tokens": {**LIMITED, "max": 100}}
    assert mapped(provider("anthropic", parameters=small), {}) == {"max_tokens": 100}
    models = {"m": {"max_output_tokens": 64000}}
    known = provider("anthropic", **record, models=models)
    assert mapped(known, {}, model="m") == {"max_tokens": 64000}


def test_a_model_may_answer_longer_than_its_manifest_knows() -> None:
    """A manifest's bound is raised to the model's own limit."""
    table = {"max_tokens": LIMITED}
    models = {"m": {"max_output_tokens": 64000}}
    known = provider("anthropic", parameters=table, models=models)
    assert mapped(known, {"max_tokens": 50000}, model="m") == {"max_tokens": 50000}
    with pytest.raises(RequestValidationError, match="at most 8192"):
        mapped(known, {"max_tokens": 50000}, model="other")
    with pytest.raises(RequestValidationError, match="at most 64000"):
        mapped(known, {"max_tokens": 70000}, model="m")


def test_another_parameter_that_has_to_be_said() -> None:
    """Where nothing can be filled in, the caller is told."""
    rule = {"wire": ["voice"], "required": True}
    with pytest.raises(RequestValidationError, match="'voice' has to be said"):
        mapped(manifest(voice=rule), {})


def effort(dialect: str, value: Any, **parameters: Any) -> Any:
    given = {"reasoning_effort": value, **parameters}
    request = ChatRequest("m", ["Hi"], parameters=given)
    return payload(provider(dialect), request).body


@pytest.mark.parametrize(
    ("dialect", "value", "want"),
    [
        ("anthropic", 3000, {"type": "enabled", "budget_tokens": 3000}),
        ("anthropic", "minimal", {"type": "enabled", "budget_tokens": 1024}),
        ("anthropic", "none", {"type": "disabled"}),
        ("anthropic", "auto", None),
        ("cohere", "low", {"type": "enabled", "token_budget": 2048}),
        ("cohere", "none", {"type": "disabled"}),
        ("cohere", "auto", None),
    ],
)
def test_effort_as_a_budget(dialect: str, value: Any, want: Any) -> None:
    """Words become tokens where the provider has no word; a number is the budget."""
    assert effort(dialect, value).get("thinking") == want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("auto", {"thinkingBudget": -1, "includeThoughts": True}),
        ("none", {"thinkingBudget": 0}),
        (500, {"thinkingBudget": 500, "includeThoughts": True}),
    ],
)
def test_effort_as_gemini_has_it(value: Any, want: Any) -> None:
    """``-1`` leaves it to the model, ``0`` is none."""
    assert effort("gemini", value)["generationConfig"]["thinkingConfig"] == want


def test_effort_where_the_manifest_puts_it() -> None:
    """A place of the manifest's own gets the word itself."""
    rule = {"reasoning_effort": {"wire": ["output_config", "effort"]}}
    given = {"reasoning_effort": "high"}
    for dialect in ("openai", "anthropic", "gemini", "cohere"):
        manifest = provider(dialect, parameters=rule)
        body = payload(manifest, ChatRequest("m", ["Hi"], parameters=given)).body
        assert body["output_config"] == {"effort": "high"}


@pytest.mark.parametrize("value", ["much", -1, True])
def test_an_effort_that_is_not_known(value: Any) -> None:
    """The error names the words that there are."""
    with pytest.raises(RequestValidationError, match="expected auto, none, minimal"):
        effort("anthropic", value)


def test_thinking_needs_room() -> None:
    """Anthropic thinks 1024 tokens at least, and some are left for the answer."""
    with pytest.raises(RequestValidationError, match="above 1024"):
        effort("anthropic", "low", max_tokens=1000)
    assert (
        effort("anthropic", "high", max_tokens=2000)["thinking"]["budget_tokens"]
        == 1500
    )
