"""Odd replies, odd texts, two threads, and a hook that is used in many places."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from specwire import Hook
from specwire.core.wire import Headers, Reply
from specwire.errors import DecodeError, GuardrailError
from specwire.guardrails import Guardrails, KeywordFilter, PiiDetector, RegexFilter
from specwire.guardrails.channel import MOST_HELD

from .answering import WANT, Server, client, says, whole

ASK: dict[str, Any] = {**WANT, "messages": [{"role": "user", "content": "Hi"}]}
GUARD = Guardrails(PiiDetector(), KeywordFilter("project x"))


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"", "application/json"),
        (b"<html>bob@example.com", "text/html"),
        (b"{", "application/json"),
        (b"\xff\xfe\xfd bob@example.com", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"id": ' + b"9" * 5000 + b"}", "application/json"),
        (b"null", "application/json"),
        (b'"bob@example.com"', "application/json"),
    ],
    ids=range(8),
)
def test_replies_that_are_none(body: bytes, media: str) -> None:
    """The client's own error says so, and holds nothing that is to be masked."""
    with pytest.raises(DecodeError) as caught:
        client(GUARD, Server(body, media)).messages.create(**ASK)
    assert "bob" not in str(caught.value) + str(caught.value.body)


def test_half_a_character() -> None:
    """Escaped in JSON it is no text that can be written, and still a reply."""
    server = whole("x")
    server.body = server.body.replace(b'"x"', b'"bob@example.com \\ud800"')
    (block,) = client(GUARD, server).messages.create(**ASK).content
    assert block.text == "[email] \ud800"  # type: ignore[union-attr]


def test_a_stream_of_one_long_word() -> None:
    """100,000 characters without a blank, in pieces: held a while, then whole."""
    word = "ab" * 500
    with client(GUARD, says(*[word] * 100)).messages.stream(**ASK) as stream:
        assert len(stream.get_final_text()) == 100_000


def test_too_much_to_hold() -> None:
    """A filter that would hold a million characters ends the stream with a reason."""
    endless = RegexFilter("x{1,9}y", longest=MOST_HELD * 2)
    piece = "x" * (MOST_HELD // 4 + 1)
    with (
        pytest.raises(GuardrailError, match="held back"),
        client(Guardrails(endless), says(*[piece] * 4)).messages.stream(
            **ASK
        ) as stream,
    ):
        stream.until_done()


def test_two_threads_share_a_hook() -> None:
    """Streams at the same time know nothing of each other."""
    found: list[str] = []

    def read(name: str) -> None:
        server = says(*[f"{name} bob@", "example.com, "] * 50)
        with client(GUARD, server).messages.stream(**ASK) as stream:
            found.append(stream.get_final_text())

    threads = [threading.Thread(target=read, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [f"{name} [email], " * 50 for name in "abcd"]


def test_a_reply_of_another_hook_is_checked_as_well() -> None:
    """What a cache behind it answers is a reply like others, each time."""
    server = whole("about project x")
    made = client(GUARD, server)
    for _ in range(2):
        with pytest.raises(GuardrailError):
            made.messages.create(**ASK)


def test_hooks_behind_it_see_the_masked_request() -> None:
    """And those before it the masked reply, as they stand nearer to the caller."""
    seen: list[Any] = []

    class Seeing(Hook):
        def before_attempt(self, call: Any) -> None:
            seen.append(json.loads(call.request.body)["messages"][0]["content"])

        def after_attempt(self, call: Any, outcome: Any) -> None:
            seen.append(json.loads(outcome.body)["content"][0]["text"])

    made = client(Seeing(), GUARD, whole("bob@example.com"))
    message = {"role": "user", "content": "amy@example.com"}
    made.messages.create(**WANT, messages=[message])
    assert seen == ["amy@example.com", "[email]"]


def test_texts_of_other_media() -> None:
    """Plain text is one text; a picture is none."""
    guard = Guardrails(PiiDetector())
    call: Any = type("Call", (), {"open": False, "name": "x", "attempts_made": 1})
    for media, expected in (("text/plain", b"[email]"), ("image/png", b"a@b.org")):
        reply = Reply(200, Headers.of([("content-type", media)]), b"a@b.org")
        guard.after_attempt(call, reply)
        assert reply.body == expected
