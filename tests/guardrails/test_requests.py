"""What is sent: checked everywhere in it, masked once, or refused."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from specwire.errors import GuardrailError
from specwire.guardrails import (
    Finding,
    Guardrails,
    KeywordFilter,
    PiiDetector,
    SecretFilter,
    Validator,
)
from specwire.testing import FakeClock

from .answering import WANT, chat, client, whole

CARD = "4111 1111 1111 1111"
SECRET = "AKIAIOSFODNN7EXAMPLE"


def ask(content: Any, *filters: Any, **more: Any) -> Any:
    """What is sent of a message with ``content``."""
    server = whole("yes")
    made = client(Guardrails(*filters), server)
    message = {"role": "user", "content": content}
    made.messages.create(**WANT, messages=[message], **more)
    return server.sent[0]


@pytest.mark.parametrize(
    "place",
    [
        {"system": f"my key is {SECRET}"},
        {"system": [{"type": "text", "text": SECRET}]},
        {"metadata": {"user_id": f"x {SECRET}"}},
        {"stop_sequences": [SECRET]},
        {"tools": [{"name": "f", "description": SECRET, "input_schema": {}}]},
    ],
    ids=lambda place: next(iter(place)),
)
def test_every_text_of_a_request_is_checked(place: Any) -> None:
    """Wherever it stands; nothing is sent, and the error does not tell the secret."""
    with pytest.raises(GuardrailError) as caught:
        ask("Hi", SecretFilter(), **place)
    error = caught.value
    assert error.rule == "secret.aws_access_key_id"
    assert error.place.startswith(f"request {next(iter(place))}")
    assert "nothing was sent" in str(error)
    assert SECRET not in str(error) + repr(error)
    assert (error.attempts, error.retryable) == (0, False)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": f"pay {CARD}"}],
        [{"type": "tool_result", "tool_use_id": "t", "content": f"pay {CARD}"}],
        [
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "text", "text": f"pay {CARD}"}],
            }
        ],
        [
            {
                "type": "tool_use",
                "id": "t",
                "name": "f",
                "input": {"n": 4111111111111111},
            }
        ],
        [
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": CARD},
            }
        ],
    ],
    ids=["text", "result", "result blocks", "a number", "document"],
)
def test_what_is_masked_is_masked_in_what_is_sent(content: Any) -> None:
    """Texts, tool results, arguments; the rest stays as it was."""
    sent = ask(content, PiiDetector())
    assert "1111" not in str(sent)
    assert "[card]" in str(sent["messages"])
    assert sent["max_tokens"] == 9


def test_ids_and_pictures_are_no_texts() -> None:
    """What a provider gave a name, and base64, goes as it is."""
    picture = {"type": "base64", "media_type": "image/png", "data": "QUtJQUlPU0ZP"}
    content = [
        {"type": "image", "source": picture},
        {"type": "tool_result", "tool_use_id": "4111111111111111", "content": "ok"},
    ]
    sent = ask(content, PiiDetector(action="block"), KeywordFilter("QUtJQUlPU0ZP"))
    assert sent["messages"][0]["content"] == content


def test_a_request_is_masked_once() -> None:
    """A retry sends what the first attempt sent."""
    heard: list[Finding] = []
    server = whole("yes")
    server.status = [503, 200]
    guard = Guardrails(PiiDetector(), on_finding=heard.append)
    made = client(guard, server, _clock=FakeClock())
    made.messages.create(**WANT, messages=[{"role": "user", "content": CARD}])
    assert [sent["messages"][0]["content"] for sent in server.sent] == ["[card]"] * 2
    assert [each.rule for each in heard] == ["pii.card"]
    assert guard.signals() == {"guardrails": {"block": 0, "mask": 1, "warn": 0}}


def test_a_warning_is_told_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the rule and the place, not the text."""
    with caplog.at_level(logging.WARNING, "specwire.guardrails"):
        sent = ask("project x", KeywordFilter("project x", rule="k", action="warn"))
    assert sent["messages"][0]["content"] == "project x"
    assert caplog.messages == [
        "messages.create: rule k applies to request messages[0].content"
    ]


def test_what_is_allowed_passes_other_filters() -> None:
    """A place that one filter allows is none for the others."""
    allowed = KeywordFilter("help@example.com", action="allow")
    text = "write to help@example.com or bob@example.com"
    sent = ask(text, PiiDetector(), allowed)["messages"][0]["content"]
    assert sent == "write to help@example.com or [email]"


def test_places_can_be_named() -> None:
    """With ``texts=`` what stands elsewhere is not looked at."""
    server = whole("yes")
    guard = Guardrails(PiiDetector(), texts=["messages.*.content"])
    client(guard, server).messages.create(
        **WANT, system=CARD, messages=[{"role": "user", "content": CARD}]
    )
    assert server.sent[0]["system"] == CARD
    assert server.sent[0]["messages"][0]["content"] == "[card]"


def test_a_filter_may_be_for_replies_alone() -> None:
    """``on`` says which side a filter is for."""
    sent = ask("project x", KeywordFilter("project x", on="reply"))
    assert sent["messages"][0]["content"] == "project x"


def test_a_validators_own_exception_is_the_callers() -> None:
    """It is not taken for a refusal, and nothing is sent."""

    def check(text: str) -> bool:
        raise KeyError(text)

    with pytest.raises(KeyError):
        ask("Hi", Validator(check))


def test_arguments_that_are_json_in_a_text_are_read() -> None:
    """Escapes do not hide what they say, and the text stays JSON."""
    server = whole("yes")
    server.body = (
        b'{"choices":[{"index":0,"message":{"role":"assistant","content":null,'
        b'"tool_calls":[{"id":"t","type":"function","function":{"name":"f",'
        b'"arguments":"{\\"q\\": \\"\\\\u006bill\\", \\"n\\": 4111111111111111}"}}]},'
        b'"finish_reason":"tool_calls"}]}'
    )
    guard = Guardrails(KeywordFilter("kill", action="mask"), PiiDetector())
    call = chat(guard, server).chat().user("Hi").execute().tool_calls[0]
    assert call.arguments == {"q": "[keyword]", "n": "[card]"}


def test_workflow_input_is_checked() -> None:
    """What a workflow is started with is a request like others."""
    made = client(Guardrails(KeywordFilter("project x")), whole("no"))
    with pytest.raises(GuardrailError, match=r"request \S+ is refused"):
        made.execute_workflow("wf_1", {"topic": "About Project X"})


def test_what_is_no_filter_is_refused() -> None:
    """At once, by its type."""
    with pytest.raises(TypeError, match="expected filters, got str"):
        Guardrails(["kill"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="expected paths"):
        Guardrails(texts="messages")
