"""What is refused before anything is sent, and what is never held whole."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from specwire.errors import RequestValidationError, UnsupportedCapabilityError
from specwire.sandbox import Sandbox

from .conftest import Ask

WAV = b"RIFF0000WAVEfmt " + bytes(100)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "empty"),
        (io.BytesIO(b""), "empty"),
        (("said.wav", b""), "empty"),
        (b"%PDF-1.7 a document", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n a picture", "image/png"),
        (b"nobody knows", "format is not known"),
        (("said.txt", b"Good morning"), "got txt"),
        (("said.wav", b"x" * ((25 << 20) + 1)), "at most 25MB, got 25.0 MB"),
        ("https://example.com/said.mp3", "nothing is fetched"),
        (io.StringIO("said"), "open as text"),
        (("a", "b", "c", "d"), "a tuple of 4"),
        (42, "got int"),
    ],
    ids=range(12),
)
def test_a_file_that_cannot_be_heard_is_refused(
    ask: Ask, box: Sandbox, file: Any, told: str
) -> None:
    """With a reason, and nothing is sent."""
    with pytest.raises(RequestValidationError, match=told):
        ask("openai/whisper-1").media.transcribe(file)
    assert box.requests == []


def test_a_path_that_is_not_there_is_the_systems_error(
    ask: Ask, tmp_path: Path
) -> None:
    """The error is the system's, as ``open`` has it."""
    with pytest.raises(FileNotFoundError):
        ask("openai/whisper-1").media.transcribe(tmp_path / "none.wav")


def test_the_name_tells_what_the_bytes_do_not(ask: Ask, box: Sandbox) -> None:
    """A container that holds sound or film goes by its ending."""
    film = b"\0\0\0\x18ftypisom" + bytes(100)
    ask("openai/whisper-1").media.transcribe(("said.mp4", film))
    assert b'filename="said.mp4"' in box.requests[-1].body


def test_a_name_without_an_ending_gets_one(ask: Ask, box: Sandbox) -> None:
    """Servers go by it."""
    ask("openai/whisper-1").media.transcribe(("voice mail", WAV))
    assert b'filename="voice mail.wav"' in box.requests[-1].body


@pytest.mark.parametrize("text", ["", "  \n", None, 7])
def test_there_has_to_be_a_text_to_speak(ask: Ask, box: Sandbox, text: Any) -> None:
    """Nothing is sent for nothing."""
    with pytest.raises(RequestValidationError, match="a text to speak"):
        ask("openai/tts-1").media.speak(text)
    assert box.requests == []


def test_a_text_may_be_too_long(ask: Ask, box: Sandbox) -> None:
    """The manifest says how long."""
    with pytest.raises(RequestValidationError, match="at most 4096 characters"):
        ask("openai/tts-1").media.speak("x" * 4097)
    assert box.requests == []


@pytest.mark.parametrize(
    ("model", "method", "args"),
    [
        ("anthropic/claude-sonnet-4-5", "speak", ("Hi",)),
        ("anthropic/claude-sonnet-4-5", "transcribe", (WAV,)),
        ("anthropic/claude-sonnet-4-5", "images", ("a boat",)),
        ("mistral/voxtral", "speak", ("Hi",)),
        ("groq/whisper", "images", ("a boat",)),
        ("openai/gpt-4o", "video", ("a boat",)),
        ("together/flux", "vary_image", (WAV,)),
        ("gemini/gemini-2.5-flash", "transcribe", (WAV,)),
    ],
)
def test_who_does_not_have_it_is_not_asked(
    ask: Ask, box: Sandbox, model: str, method: str, args: Any
) -> None:
    """The manifest says who has what (E1005)."""
    with pytest.raises(UnsupportedCapabilityError, match="nothing was sent") as caught:
        getattr(ask(model).media, method)(*args)
    assert caught.value.standard_code == "E1005"
    assert box.requests == []
