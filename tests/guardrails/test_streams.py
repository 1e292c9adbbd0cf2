"""Streams: what is refused never reaches the caller, however it was cut."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from specwire.errors import GuardrailError, StreamError
from specwire.guardrails import (
    Guardrails,
    KeywordFilter,
    LengthFilter,
    PiiDetector,
    SecretFilter,
    UrlFilter,
    Validator,
)
from specwire.testing import FakeClock
from tests.core.sample import client as notes
from tests.house.test_imports import loaded
from tests.scripted import chunked, serving

from .answering import (
    WANT,
    Server,
    block,
    chat,
    chat_says,
    chunks,
    client,
    message,
    says,
    splits,
    streamed,
    whole,
)

ASK: dict[str, Any] = {**WANT, "messages": [{"role": "user", "content": "Hi"}]}
MASKS = (
    KeywordFilter(["kill", "end it all", "爆弾"], action="mask"),
    PiiDetector(),
    SecretFilter(action="mask"),
    UrlFilter(allowed=["example.com"], action="mask"),
)
LONG = (
    "Pay 4111 1111 1111 1111 or DE89 3704 0044 0532 0130 00, mail a.b@example.com, "
    "call +49 30 901820; kil\u200bl, k\u0456ll, end  it all. AKIAIOSFODNN7EXAMPLE "
    "postgres://u:pw123@host/db https://a.example.com/ok http://evil.net/x この爆弾。"
)


def heard(server: Server, *filters: Any) -> str:
    """The text of a streamed message."""
    with client(Guardrails(*filters), server).messages.stream(**ASK) as stream:
        return "".join(stream.text_stream)


def test_every_split_of_a_refused_text() -> None:
    """Nothing of it is handed out, wherever events cut it; what stands before it may
    be."""
    made = client(Guardrails(KeywordFilter(["kill"])), says(""))
    for pieces in splits("a kill b"):
        made._hooks = (made._hooks[0], says(*pieces))
        got = []
        with (
            pytest.raises(GuardrailError) as caught,
            made.messages.stream(**ASK) as stream,
        ):
            for text in stream.text_stream:
                got.append(text)
        assert "".join(got) in ("", "a", "a "), pieces
        assert caught.value.place == "reply delta.text"
        kept = stream.current_message_snapshot.content
        assert "k" not in "".join(block.text for block in kept)  # type: ignore[union-attr]


def test_every_split_of_a_text_that_looks_like_it() -> None:
    """It arrives whole and in order."""
    made = client(Guardrails(KeywordFilter(["kill"])), says(""))
    for pieces in splits("skills k"):
        made._hooks = (made._hooks[0], says(*pieces))
        with made.messages.stream(**ASK) as stream:
            assert stream.get_final_text() == "skills k"


def test_masks_are_whole_however_the_text_is_cut() -> None:
    """The masked text of a stream is that of the whole reply."""
    made = client(Guardrails(*MASKS), whole(LONG))
    expected = made.messages.create(**ASK).content[0].text  # type: ignore[union-attr]
    assert expected.count("[") == 11
    chance = random.Random(7)
    for _ in range(20):
        cuts = sorted(chance.sample(range(1, len(LONG)), chance.randint(1, 150)))
        ends = [0, *cuts, len(LONG)]
        pieces = [LONG[a:b] for a, b in itertools.pairwise(ends)]
        assert heard(says(*pieces), *MASKS) == expected, pieces


def test_the_accumulated_message_is_the_masked_one() -> None:
    """So are the final text and what ``text`` events show."""
    server = says("I am bob@exam", "ple.com", ", hello")
    with client(Guardrails(PiiDetector()), server).messages.stream(**ASK) as stream:
        snapshots = [e.snapshot for e in stream if e.type == "text"]
        assert snapshots[-1] == "I am [email], hello"
        assert all("bob" not in each for each in snapshots)
        assert stream.get_final_text() == "I am [email], hello"


def test_order_and_other_events_stay() -> None:
    """Thinking, text and a tool's input; each block's events between its ends."""
    server = message(
        block(0, "thinking", "thinking", ["of bob@", "example.com ", "now"]),
        block(1, "text", "text", ["see bob@example", ".com"]),
        block(2, "tool_use", "partial_json", ['{"to": "bob@', 'example.com"}']),
    )
    plain = [e.type for e in client(server).messages.create(**ASK, stream=True)]
    made = client(Guardrails(PiiDetector()), server)
    events = list(made.messages.create(**ASK, stream=True))
    assert [e.type for e in events] == plain
    with made.messages.stream(**ASK) as stream:
        thinking, text, tool = stream.get_final_message().content
    assert thinking.thinking == "of [email] now"  # type: ignore[union-attr]
    assert text.text == "see [email]"  # type: ignore[union-attr]
    assert tool.input == {"to": "[email]"}  # type: ignore[union-attr]


def test_a_refused_text_over_two_blocks() -> None:
    """What was handed out at a block's end is remembered: the rest is not."""
    server = message(
        block(0, "text", "text", ["about pro"]), block(1, "text", "text", ["ject x ok"])
    )
    with pytest.raises(GuardrailError):
        heard(server, KeywordFilter("project x"))


def test_arguments_stay_json() -> None:
    """Escapes are read, a bare number becomes a text; at every cut of a piece."""
    text = r'{"q": "\u006bill", "n": 4111111111111111, "e": "\ud83d\ude00 kill"}'
    for cut in range(1, len(text)):
        pieces = [text[:cut], text[cut:]]
        server = message(block(0, "tool_use", "partial_json", pieces))
        with client(Guardrails(*MASKS), server).messages.stream(**ASK) as stream:
            tool = stream.get_final_message().content[0]
        expected = {"q": "[keyword]", "n": "[card]", "e": "\U0001f600 [keyword]"}
        assert tool.input == expected  # type: ignore[union-attr]


def test_a_chat_stream_is_masked() -> None:
    """Its events, and the answer that is put together of them."""
    frames = chunks(["I am bob@exam", "ple.com", " ok"])
    stream = (
        chat(Guardrails(PiiDetector()), chat_says(*frames)).chat().user("x").stream()
    )
    texts = [e.content for e in stream if e.is_content_delta]
    assert "".join(texts) == "I am [email] ok"
    assert all(texts)
    assert stream.response.content == "I am [email] ok"
    assert stream.response.finish_reason == "end_turn"


def test_a_chat_stream_is_refused() -> None:
    """The answer so far has nothing of it either, nor has what was thought."""
    frames = chunks(["about pro", "ject", " x"])
    server = chat_says(*frames)
    stream = (
        chat(Guardrails(KeywordFilter("project x")), server).chat().user("x").stream()
    )
    got = []
    with pytest.raises(GuardrailError):
        for event in stream:
            got.append(event)
    assert "pro" not in str(got)
    assert "pro" not in stream.response.content
    assert list(stream) == []


def test_candidates_are_texts_of_their_own() -> None:
    """Another candidate's events, and counts between, do not part a text."""
    usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    frames = [
        *chunks(["a ki"]),
        *chunks(["fine "], 1),
        usage,
        *chunks(["ll b"]),
        *chunks(["too"], 1),
    ]
    server = chat_says(*frames)
    guard = Guardrails(KeywordFilter("kill", action="mask"))
    stream = chat(guard, server).chat().user("x").stream()
    events = list(stream)
    texts = {0: "", 1: ""}
    for event in events:
        if event.is_content_delta:
            texts[event.candidate_index] += event.as_content_delta.content
    assert texts == {0: "a [keyword] b", 1: "fine too"}
    assert events[-1].is_stream_end


def test_arguments_of_a_chats_tool_call() -> None:
    """They are JSON after it, and the call says the same."""
    pieces = ['{"to": "bob@', 'example.com"}']
    calls = [
        {"index": 0, "id": "t1", "function": {"name": "send", "arguments": pieces[0]}},
        {"index": 0, "function": {"arguments": pieces[1]}},
    ]
    frames = [{"choices": [{"index": 0, "delta": {"tool_calls": [c]}}]} for c in calls]
    server = chat_says(*frames)
    stream = chat(Guardrails(PiiDetector()), server).chat().user("x").stream()
    got = [e.arguments for e in stream if e.is_partial_tool_call]
    assert json.loads("".join(got)) == {"to": "[email]"}
    assert stream.response.tool_calls[0].arguments == {"to": "[email]"}


def test_a_workflows_stream_is_masked() -> None:
    """Chunks by block, and what the end brings."""
    server = streamed(
        [
            {"blockId": "a", "chunk": "mail bob@ex"},
            {"blockId": "b", "chunk": "x"},
            {"blockId": "a", "chunk": "ample.com"},
            {
                "event": "final",
                "data": {
                    "success": True,
                    "output": {"content": "mail bob@example.com"},
                },
            },
        ],
        'data: "[DONE]"\n\n',
    )
    made = client(Guardrails(PiiDetector()), server)
    with made.execute_workflow("wf_1", {"m": "Hi"}, stream=True) as stream:
        assert "".join(stream.text_stream).count("[email]") == 1
        assert stream.output == {"content": "mail [email]"}


def test_what_needs_the_whole_text_holds_it_back() -> None:
    """A validator of yours is asked once, with all of it."""
    asked: list[str] = []

    def check(text: str) -> bool:
        asked.append(text)
        return "please" in text

    got = heard(says("if you ", "please"), Validator(check, on="reply"))
    assert got == "if you please"
    assert asked == ["if you please"]
    with pytest.raises(GuardrailError):
        heard(says("do ", "it"), Validator(check, on="reply"))


def test_a_text_that_becomes_too_long() -> None:
    """The pieces that keep to the limit are handed out, the next one is not."""
    stream = client(
        Guardrails(LengthFilter(6, on="reply")), says("abc", "def", "g")
    ).messages.create(**ASK, stream=True)
    got = []
    with pytest.raises(GuardrailError, match="longer than 6"):
        for event in stream:
            got.append(event)
    texts = [e.delta.text for e in got if e.type == "content_block_delta"]  # type: ignore[union-attr]
    assert texts == ["abc", "def"]


def test_a_stream_that_breaks_off_hands_out_what_it_held() -> None:
    """Checked as if it had ended there; then comes its error."""
    server = says("hello ki", "ll")
    server.body = server.body[: server.body.index(b'll"')]
    stream = client(Guardrails(KeywordFilter("kill")), server).messages.create(
        **ASK, stream=True
    )
    got = []
    with pytest.raises(StreamError):
        for event in stream:
            got.append(event)
    assert got[-1].delta.text == "hello ki"  # type: ignore[union-attr]


def test_warnings_of_a_stream_are_told_once() -> None:
    """However many events its text takes."""
    found: list[Any] = []
    words = KeywordFilter("project x", action="warn", on="reply")
    guard = Guardrails(words, on_finding=found.append)
    made = client(guard, says("about pro", "ject", " x", ", then", " more", " words"))
    with made.messages.stream(**ASK) as stream:
        assert stream.get_final_text() == "about project x, then more words"
    assert [each.rule for each in found] == ["keyword"]


def test_ordinary_text_is_held_back_a_word_at_most() -> None:
    """Each event comes when the next one says that its last word is one."""
    made = client(Guardrails(*MASKS, on_finding=None), says("The quick ", "fox ", "is"))
    events = iter(made.messages.create(**ASK, stream=True))
    kinds = [next(events).type for _ in range(4)]
    assert kinds[2:] == ["content_block_delta"] * 2


def test_a_generated_package_is_guarded() -> None:
    """Events of a kind that nobody here has seen: their texts are found by name."""
    pieces = [{"type": "text", "text": t} for t in ("about pro", "ject ", "x", " ok")]
    server = streamed([*pieces, {"type": "stop"}])
    guard = Guardrails(KeywordFilter("project x", mask="-", action="mask"))
    with notes("https://x.invalid", hooks=[guard, server]) as made:
        stream = made.notes.create(stream=True)
        assert "".join(e.text or "" for e in stream) == "about - ok"


def test_places_of_events_can_be_named() -> None:
    """With ``texts=`` what stands elsewhere is no piece of a text."""
    pieces = [{"type": "text", "text": text} for text in ("pro", "ject x")]
    server = streamed([*pieces, {"type": "stop"}])
    for texts, expected in (["text"], "-"), (["other"], "project x"):
        words = KeywordFilter("project x", mask="-", action="mask")
        guard = Guardrails(words, texts=texts)
        with notes("https://x.invalid", hooks=[guard, server]) as made:
            stream = made.notes.create(stream=True)
            assert "".join(e.text or "" for e in stream) == expected


def test_rows_are_whole_each() -> None:
    """What two rows hold is not one text, and no row waits for the next."""
    lines = []
    for name, text in (("a", "about pro"), ("b", "ject x"), ("c", "bob@example.com")):
        message = json.loads(whole(text).body)
        result = {"type": "succeeded", "message": message}
        lines.append(json.dumps({"custom_id": name, "result": result}) + "\n")
    server = Server("".join(lines).encode(), "application/x-jsonl")
    guard = Guardrails(KeywordFilter("project x"), PiiDetector())
    rows = client(guard, server).batches.rows("b_1")
    texts = [row.result.message.content[0].text for row in rows]  # type: ignore[union-attr]
    assert texts == ["about pro", "ject x", "[email]"]


def test_a_real_connection_that_breaks() -> None:
    """A text that is refused is refused there too; one that was cut comes first."""
    cut = b'data: {"type":"text","text":"about pro"}\n\n'
    rest = b'data: {"type":"text","text":"ject x"}\n\ndata: {"type":"stop"}\n\n'
    with serving(chunked(cut, end=False), chunked(cut, rest)) as server:
        guard = Guardrails(KeywordFilter("project x"))
        made = notes(server.url, hooks=[guard], _clock=FakeClock(), max_retries=0)
        got: list[Any] = []
        for error in (StreamError, GuardrailError):
            with pytest.raises(error):
                for event in made.notes.create(stream=True):
                    got.append(event.text)
        made.close()
    assert got == ["about pro"]


def test_a_plain_call_loads_no_guardrails() -> None:
    """Who has none pays nothing for them."""
    code = "from specwire import Client, AiClient; Client().messages; AiClient"
    assert [m for m in loaded(code) if m.startswith("specwire.guardrails")] == []
