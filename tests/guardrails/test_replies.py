"""Whole replies, of the client, of chat and of streams that are read as one."""

from __future__ import annotations

import json

import pytest

from specwire import AiClient
from specwire.errors import GuardrailError
from specwire.guardrails import (
    Guardrails,
    KeywordFilter,
    LengthFilter,
    PiiDetector,
    SecretFilter,
)
from specwire.sandbox import Sandbox

from .answering import WANT, Server, chat, client, whole

ASK = {**WANT, "messages": [{"role": "user", "content": "Hi"}]}


def test_a_reply_is_masked() -> None:
    """The typed message holds the masked text."""
    made = client(Guardrails(PiiDetector()), whole("mail bob@example.com", "ok"))
    texts = [block.text for block in made.messages.create(**ASK).content]  # type: ignore[union-attr]
    assert texts == ["mail [email]", "ok"]


def test_a_reply_is_refused() -> None:
    """Once, without a retry; rule and place are told."""
    server = whole("about project x")
    with pytest.raises(GuardrailError) as caught:
        client(Guardrails(KeywordFilter("project x")), server).messages.create(**ASK)
    assert (caught.value.rule, caught.value.place) == (
        "keyword",
        "reply content[0].text",
    )
    assert len(server.sent) == 1
    assert "project" not in str(caught.value)


def test_a_filter_may_be_for_requests_alone() -> None:
    """Then replies are not looked at."""
    guard = Guardrails(KeywordFilter("project x", on="request"))
    assert client(guard, whole("project x")).messages.create(**ASK)


def test_a_text_that_two_blocks_share_is_found() -> None:
    """Who joins the blocks of an answer does not get what was refused."""
    server = whole("about pro", "ject x")
    with pytest.raises(GuardrailError):
        client(Guardrails(KeywordFilter("project x")), server).messages.create(**ASK)


def test_chat_is_guarded_by_its_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters, or a hook that was made of them."""
    monkeypatch.setenv("OPENAI_API_KEY", "k" * 20)
    answer = {"message": {"content": "bob@example.com"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [answer]}).encode()
    for given in (PiiDetector(), Guardrails(PiiDetector())):
        server = Server(body, "application/json")
        builder = AiClient.builder().model("openai/gpt-4o").guardrails(given)
        made = builder.hook(server).build()
        response = made.chat().user("I am amy@example.com").execute()
        assert response.content == "[email]"
        assert "bob" not in str(response.raw)
        assert server.sent[0]["messages"][0]["content"] == "I am [email]"


def test_a_server_that_streams_whatever_it_is_asked_for() -> None:
    """Its stream is read as one answer, and guarded as a stream."""
    frames = [
        {"choices": [{"index": 0, "delta": {"content": piece}}]}
        for piece in ("mail bob@exa", "mple.com")
    ]
    frames.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = "".join(f"data: {json.dumps(f)}\n\n" for f in frames) + "data: [DONE]\n\n"
    server = Server(body.encode(), "text/event-stream")
    response = chat(Guardrails(PiiDetector()), server).chat().user("Hi").execute()
    assert response.content == "mail [email]"


def test_a_long_reply_is_refused() -> None:
    """The rule's message says what is wrong with it."""
    made = client(Guardrails(LengthFilter(10, on="reply")), whole("a" * 11))
    with pytest.raises(GuardrailError, match="longer than 10 chars"):
        made.messages.create(**ASK)


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "anthropic/claude-sonnet-5",
        "gemini/gemini-2.5-flash",
        "cohere/command-a-03-2025",
        "ollama/llama3.2",
    ],
)
def test_every_dialect(box: Sandbox, model: str) -> None:
    """Over real connections: what is sent, the whole answer, the streamed one.

    The sandbox quotes what it was told, so a mask on one side only shows which.
    """
    name = model.partition("/")[0]
    said = "I am bob@example.com, and my key is AKIAIOSFODNN7EXAMPLE"
    guard = Guardrails(
        PiiDetector(on="request"), SecretFilter(on="reply", action="mask")
    )
    with AiClient(
        model,
        api_key=box.chat_keys[name],
        base_url=box.chat_urls[name],
        hooks=[guard],
    ) as made:
        chat = made.chat().user(said)
        whole = chat.execute().content
        stream = chat.stream()
        streamed = "".join(e.content for e in stream if e.is_content_delta)
        assert stream.response.content == streamed
    for answer in (whole, streamed):
        assert "[email]" in answer
        assert "[secret]" in answer
    assert all(b"bob@" not in each.body for each in box.requests)
