"""``specwire.tokens``: what a text and a conversation have in tokens."""

from __future__ import annotations

import base64
import json
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest

from specwire import AiClient, Client, Message
from specwire.errors import AuthenticationError, SpecwireError
from specwire.sandbox import Sandbox
from specwire.tokens import (
    CachingCounter,
    EstimatingCounter,
    TiktokenCounter,
    TokenCount,
    TokenCounter,
    TokenizerError,
    context_window,
    count_tokens,
    estimate,
)
from specwire.tokens.media import image, size_of
from specwire.tokens.models import encoding_of, family_of

SAMPLES = json.loads(Path(__file__).with_name("samples.json").read_text("utf-8"))
"""Texts of our own, and what the tokenizers themselves count in them."""
CASES = [(s, family) for s in SAMPLES for family in s["counts"]]
ESTIMATES = EstimatingCounter("gpt-4o")


@pytest.mark.parametrize(
    ("sample", "family"), CASES, ids=lambda x: x if isinstance(x, str) else x["kind"]
)
def test_an_estimate_is_within_12_percent(sample: Any, family: str) -> None:
    """Of English, code, JSON, Chinese and Japanese, as four tokenizers count them."""
    counted = sample["counts"][family]
    assert abs(estimate(sample["text"], family) / counted - 1) <= 0.12


def test_an_estimate_says_so() -> None:
    """It is a number like any other, and knows where it comes from."""
    count = count_tokens("Hello there", model="anthropic/claude-sonnet-4-5")
    assert (count, count.estimated, count.by) == (2, True, "estimate")
    assert count + 1 == 3
    assert f"{count}" == "2"


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\ud800", "é" * 9, "🙂" * 5])
def test_any_text_has_an_estimate(text: str) -> None:
    """Nothing is nothing, and everything else is at least one token."""
    assert (estimate(text) >= 1) is bool(text)


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "一" * 300_000, "{" * 300_000, " \n" * 150_000]
)
def test_a_huge_text_is_estimated_in_one_pass(text: str) -> None:
    """Runs without end are looked at in parts."""
    assert 0 < estimate(text) < 10 * len(text)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("openai/gpt-4o-mini", "o200k"),
        ("openai/gpt-4.1", "o200k"),
        ("openai/gpt-5", "o200k"),
        ("openai/gpt-4-turbo", "cl100k"),
        ("gpt-3.5-turbo", "cl100k"),
        ("openai/text-embedding-3-small", "cl100k"),
        ("anthropic/claude-3-5-sonnet", "claude"),
        ("anthropic/claude-sonnet-4-20250514", "claude"),
        ("claude-opus-4-6", "claude"),
        ("claude-opus-4-7", "claude5"),
        ("deepseek/deepseek-chat", "deepseek"),
        ("groq/llama-3.3-70b-versatile", "llama"),
        ("gemini/gemini-2.5-flash", "o200k"),
    ],
)
def test_a_model_has_a_family(model: str, family: str) -> None:
    """By its name, whoever offers it."""
    assert family_of(model) == family


def test_only_models_of_openai_have_an_encoding() -> None:
    """tiktoken counts for no others."""
    assert encoding_of("openai/o3") == "o200k_base"
    assert encoding_of("anthropic/claude-sonnet-4-5") is None
    with pytest.raises(TokenizerError, match="no tokenizer is known"):
        TokenCounter.for_model("anthropic/claude-sonnet-4-5", exact=True)


# -- tiktoken ----------------------------------------------------------------------


def test_without_tiktoken_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sentence with the command; an estimate is there all the same."""
    monkeypatch.setitem(__import__("sys").modules, "tiktoken", None)
    with pytest.raises(TokenizerError, match=r"pip install 'specwire\[tokenizer\]'"):
        TiktokenCounter("o200k_base")
    with pytest.raises(TokenizerError):
        count_tokens("Hi", model="openai/gpt-4o", exact=True)


def test_an_encoding_that_cannot_be_loaded_is_a_clear_error() -> None:
    """It says which, and what to do on a machine that is offline."""
    pytest.importorskip("tiktoken", reason="needs the extra tokenizer")
    with pytest.raises(TokenizerError, match="TIKTOKEN_CACHE_DIR"):
        TiktokenCounter("no_such_base")


def test_tiktoken_counts_what_it_counts() -> None:
    """Where its files can be had, the samples have their counts."""
    pytest.importorskip("tiktoken", reason="needs the extra tokenizer")
    try:
        counter = TiktokenCounter("o200k_base")
    except TokenizerError:
        pytest.skip("tiktoken's files cannot be had here; set TIKTOKEN_CACHE_DIR")
    for sample in SAMPLES:
        count = counter.count(sample["text"])
        assert (count, count.estimated) == (sample["counts"]["o200k"], False)
    assert counter.count("<|endoftext|>") > 1
    assert counter.count("\ud800") >= 1


# -- conversations -----------------------------------------------------------------


def test_messages_cost_more_than_their_texts() -> None:
    """Turns have marks; dicts, messages and texts count alike."""
    plain = [{"role": "user", "content": "Hello there"}]
    assert count_tokens(plain) == count_tokens([Message.user("Hello there")])
    assert count_tokens(plain) == count_tokens(["Hello there"])
    assert count_tokens(plain) > count_tokens("Hello there")
    assert count_tokens("Hello there", system="Be brief.") > count_tokens(plain)


def test_calls_results_and_tools_are_counted() -> None:
    """With names, arguments and ids, in either spelling."""
    ours = [
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "sea"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": "grey and calm"}]},
    ]  # fmt: skip
    theirs = [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "t", "type": "function",
             "function": {"name": "look", "arguments": '{"at": "sea"}'}}]},
        {"role": "tool", "tool_call_id": "t", "content": "grey and calm"},
    ]  # fmt: skip
    assert abs(count_tokens(ours) - count_tokens(theirs)) <= 2
    tool = {"name": "look", "description": "Looks", "parameters": {"type": "object"}}
    assert count_tokens("Hi", tools=[tool]) > count_tokens("Hi") + 20


def png(width: int, height: int) -> str:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return base64.b64encode(head + zlib.compress(b"")).decode()


def test_an_image_counts_by_its_size() -> None:
    """Read from its first bytes; one that is elsewhere counts as 1024 by 1024."""
    source = {"type": "base64", "media_type": "image/png", "data": png(512, 512)}
    inline = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    url = [Message.user([{"type": "image_url", "image_url": {"url": "https://x/y"}}])]
    empty = count_tokens([Message.user("")], model="openai/gpt-4o")
    assert count_tokens(inline, model="openai/gpt-4o") - empty == 255
    assert count_tokens(url, model="openai/gpt-4o") - empty == 765
    assert count_tokens(inline, model="claude-sonnet-4-5") - empty == 350


@pytest.mark.parametrize(
    ("vendor", "size", "tokens"),
    [
        ("openai", (4096, 8192), 1105),
        ("anthropic", (200, 200), 54),
        ("anthropic", (9000, 9000), 1600),
        ("gemini", (300, 300), 258),
        ("gemini", (960, 540), 1548),
    ],
)
def test_the_providers_rules_for_images(
    vendor: str, size: tuple[int, int], tokens: int
) -> None:
    """As their pages work them out."""
    assert image(*size, vendor) == tokens


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"GIF89a" + struct.pack("<HH", 30, 20), (30, 20)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x14\x00\x1e", (30, 20)),
        (b"RIFF0000WEBPVP8X" + bytes(8) + b"\x1d\0\0\x13\0\0", (30, 20)),
        (b"RIFF0000WEBPVP8 " + bytes(10) + b"\x1e\0\x14\0", (30, 20)),
        (b"\xff\xd8\xff", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"", None),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, None),
    ],
)
def test_an_image_tells_its_size(data: bytes, size: tuple[int, int] | None) -> None:
    """GIF, JPEG and WebP as well; what is cut or strange tells none."""
    assert size_of(data) == size


# -- the server --------------------------------------------------------------------


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox() as box:
        yield box


@pytest.mark.parametrize(
    "model", ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"]
)
def test_the_server_counts_where_its_api_does(box: Sandbox, model: str) -> None:
    """System and tools included; the call goes the way of all calls."""
    provider = model.partition("/")[0]
    place = {"api_key": box.api_keys[provider], "base_url": box.base_urls[provider]}
    with AiClient(model, **place) as client:
        plain = count_tokens("Hello there", client=client)
        more = count_tokens("Hello there", client=client, system="Be brief. " * 20)
    assert (plain.by, plain.estimated) == ("server", False)
    assert more > plain


def test_a_chat_request_counts_itself(box: Sandbox) -> None:
    """By a ``Client`` of many providers; who does not count is estimated."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        chat = client.chat("anthropic/claude-sonnet-4-5").user("Hello there")
        assert chat.count_tokens().by == "server"
        assert chat.count_tokens(exact=False).by == "estimate"
        messages = [{"role": "user", "content": "Hi"}]
        told = count_tokens(messages, client=client, model="openai/gpt-4o", exact=False)
        assert told == count_tokens(messages, model="openai/gpt-4o", exact=False)


def test_what_the_server_refuses_is_its_error(box: Sandbox) -> None:
    """A wrong key is an AuthenticationError, not an estimate."""
    url = box.base_urls["anthropic"]
    with AiClient("anthropic/claude-sonnet-4-5", api_key="no", base_url=url) as client:
        with pytest.raises(AuthenticationError):
            count_tokens("Hi", client=client)


# -- counters ----------------------------------------------------------------------


class Slow(TokenCounter):
    """Counts its calls."""

    calls = 0

    def count(self, text: str) -> TokenCount:
        self.calls += 1
        return TokenCount(len(text))


def test_a_caching_counter_counts_once() -> None:
    """It forgets what was asked for longest ago."""
    slow = Slow()
    counter = CachingCounter(slow, max_cache_size=2)
    assert [counter.count(t) for t in ("a", "bb", "a", "ccc", "a", "bb")] == [
        *(1, 2, 1, 3, 1, 2),
    ]
    assert (slow.calls, counter.hits, counter.misses) == (4, 2, 4)
    counter.clear_cache()
    assert counter.count_messages(["a"]) == slow.count_messages(["a"])


def test_threads_share_a_caching_counter() -> None:
    """Each gets the right number."""
    counter = CachingCounter(ESTIMATES, max_cache_size=8)
    texts = [f"word {n} " * n for n in range(1, 30)]
    wrong: list[str] = []

    def ask() -> None:
        wrong.extend(t for t in texts if counter.count(t) != ESTIMATES.count(t))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("limit", [0, 1, 2, 5, 20, 10_000])
def test_a_text_is_cut_to_a_limit(limit: int) -> None:
    """As long as fits, with the mark that it was cut."""
    text = "The quick brown fox jumps over the lazy dog. " * 10
    cut = ESTIMATES.truncate(text, limit)
    assert ESTIMATES.count(cut) <= limit
    assert cut in ("", text) or cut.endswith("...")


def test_a_context_window_is_known_or_not() -> None:
    """By the registry of models."""
    assert context_window("openai/gpt-4o") == 128_000
    assert context_window("gpt-4o") == 128_000
    assert context_window("openai/no-such-model") is None


def test_errors_are_specwires() -> None:
    """One ``except`` catches them."""
    assert issubclass(TokenizerError, SpecwireError)
