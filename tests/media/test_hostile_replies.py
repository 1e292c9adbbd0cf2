"""Replies of any shape: an error of ours, or what can be used of them, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.core.hooks import Hook, Tap
from specwire.errors import DecodeError, SpecwireError
from specwire.sandbox import Sandbox

from .conftest import Ask

WAV = b"RIFF0000WAVEfmt " + bytes(99)
ODD: list[dict[str, Any]] = [
    {"candidates": 7},
    {"candidates": ["x", None, {"content": 7}]},
    {"candidates": [{"content": {"parts": [7, {"inlineData": []}]}}]},
    {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/x"}}]}}]},
    {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/x"}}]}}]},
    {"promptFeedback": 7, "candidates": [{"finishReason": {"a": 1}}]},
    {"choices": 7},
    {"choices": [None, {"message": 7}]},
    {"choices": [{"message": {"images": [7, {"image_url": "x"}]}}]},
    {"data": [None]},
    {"data": {"url": "https://a.example"}},
    {"data": [{"url": 7, "b64_json": None}]},
    {"data": [{"b64_json": 7}]},
    {"text": None, "segments": 7},
    {"id": ["x"], "status": {"a": 1}},
    {"id": "x", "status": "failed", "error": [1]},
    {"error": {"message": ["x"]}},
]
CALLS = [
    ("openai/gpt-image-1", "/images/generations", "images", ("a boat",)),
    ("openai/whisper-1", "/audio/transcriptions", "transcribe", (WAV,)),
    ("openrouter/google/image", "/chat/completions", "images", ("a boat",)),
    ("gemini/image", "/models/*", "images", ("a boat",)),
    ("gemini/tts", "/models/*", "speak", ("a boat",)),
    ("xai/film", "/videos/generations", "video", ("a boat",)),
]


@pytest.mark.parametrize(("model", "path", "method", "args"), CALLS, ids=range(6))
def test_odd_replies_are_errors_of_ours(
    ask: Ask, box: Sandbox, model: str, path: str, method: str, args: Any
) -> None:
    """Whatever stands where; a film that failed is one as well."""
    client = ask(model)
    root = client._base_urls[client.provider_id].removeprefix(box.url)
    for odd in ODD:
        box.fail(f"POST {root}{path}", None, body=odd)
        with pytest.raises(SpecwireError):
            getattr(client.media, method)(*args)


def test_odd_members_of_a_transcription_are_left_out(ask: Ask, box: Sandbox) -> None:
    """The text counts."""
    odd = {
        "text": "sea",
        "language": 7,
        "duration": "1.5",
        "words": ["x", {"start": {}}],
    }
    box.fail("POST /openai/v1/audio/transcriptions", None, body=odd)
    heard = ask("openai/whisper-1").media.transcribe(WAV)
    assert (heard.text, heard.language, heard.duration_s) == ("sea", None, 1.5)
    assert [word.start_s for word in heard.words] == [0.0, 0.0]


def test_a_deep_reply_ends(ask: Ask, box: Sandbox) -> None:
    """An address is not looked for without an end."""
    deep: Any = {"url": "https://a.example/film.mp4"}
    for _ in range(90):
        deep = {"more": deep}
    body = {"id": "x", "status": "done", "output": deep}
    box.fail("POST /xai/v1/videos/generations", None, body=body)
    with pytest.raises(DecodeError, match="without its url"):
        ask("xai/film").media.video("a boat")


def test_taps_hear_sound_as_it_arrives(ask: Ask) -> None:
    """A hook sees the bytes of a download of sound, all of them."""
    heard: list[bytes] = []

    class Ear(Tap):
        def chunk(self, chunk: bytes) -> None:
            heard.append(chunk)

    class Listen(Hook):
        def tap(self, call: Any) -> Tap:
            return Ear()

    client = ask("openai/tts-1", hooks=[Listen()])
    assert client.media.speak("Hi", voice="x").read() == b"".join(heard) != b""
