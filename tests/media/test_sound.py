"""Speech to text and text to speech, through the front door to a sandbox."""

from __future__ import annotations

import io
import threading
import wave
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, Hook, Timeout
from specwire.errors import (
    APIConnectionError,
    APITimeoutError,
    CancelledError,
    DecodeError,
    InternalServerError,
    RequestTooLargeError,
    RequestValidationError,
    UnsupportedCapabilityError,
)
from specwire.media import Media
from specwire.sandbox import Sandbox

from ..scripted import chunked, reply, serving
from .conftest import Ask

SAID = "Good morning, sea"


def spoken(ask: Ask, text: str = SAID, **wished: Any) -> bytes:
    wished = {"voice": "alloy", "format": "wav", "model": "tts-1", **wished}
    return ask().media.speak(text, **wished).read()


def test_what_is_spoken_is_heard(ask: Ask) -> None:
    """The sound holds the text, and its transcription is the text."""
    sound = spoken(ask)
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getframerate() == 24_000
        assert file.getnframes() == 16 + len(SAID) * 480
    heard = ask("openai/whisper-1").media.transcribe(sound)
    assert (heard.text, str(heard)) == (SAID, SAID)
    assert heard.usage["type"] == "duration" and heard._request_id


def test_sound_is_written_as_it_arrives(ask: Ask, tmp_path: Path) -> None:
    """To the file, and nothing is left beside it."""
    sound = ask("openai/tts-1").media.speak(SAID, voice="alloy")
    assert sound.media_type == "audio/mpeg"
    size = sound.write_to_file(tmp_path / "said.mp3")
    assert [each.name for each in tmp_path.iterdir()] == ["said.mp3"]
    assert size == (tmp_path / "said.mp3").stat().st_size > 100


def test_a_request_to_speak_is_what_was_wished(ask: Ask, box: Sandbox) -> None:
    """Nothing is sent that was not said; ``format`` has the API's name."""
    media = ask("openai/tts-1").media
    media.speak(
        "Hi", voice="coral", speed=1.5, format="opus", instructions="low"
    ).read()
    assert box.requests[-1].json() == {
        "model": "tts-1",
        "input": "Hi",
        "voice": "coral",
        "speed": 1.5,
        "response_format": "opus",
        "instructions": "low",
    }


@pytest.mark.parametrize("form", ["bytes", "path", "text", "file", "tuple", "pieces"])
def test_a_recording_is_given_in_any_form(ask: Ask, tmp_path: Path, form: str) -> None:
    """The server sees a file with a name that tells its format."""
    sound = spoken(ask)
    path = tmp_path / "said.wav"
    path.write_bytes(sound)
    with open(path, "rb") as file:
        given = {
            "bytes": sound,
            "path": path,
            "text": str(path),
            "file": file,
            "tuple": ("said.wav", sound),
            "pieces": ("said.wav", iter([sound[:100], sound[100:]])),
        }[form]
        assert ask("openai/whisper-1").media.transcribe(given).text == SAID


def test_times_come_where_they_are_wished(ask: Ask, box: Sandbox) -> None:
    """Of words and of segments, in seconds."""
    heard = ask("openai/whisper-1").media.transcribe(
        spoken(ask),
        response_format="verbose_json",
        timestamps=["word", "segment"],
        language="en",
        temperature=0.2,
    )
    assert [word.word for word in heard.words] == SAID.split()
    assert heard.segments[0].end_s == heard.duration_s == heard.words[-1].end_s
    assert heard.language == "english"
    body = box.requests[-1].body
    assert body.count(b'name="timestamp_granularities[]"') == 2
    assert b'name="temperature"\r\n\r\n0.2\r\n' in body


@pytest.mark.parametrize(
    ("format", "begin"),
    [("text", SAID), ("srt", "1\n00:00:00,000 --> "), ("vtt", "WEBVTT\n")],
)
def test_other_formats_are_the_text(ask: Ask, format: str, begin: str) -> None:
    """As the server wrote them."""
    media = ask("openai/whisper-1").media
    heard = media.transcribe(spoken(ask), response_format=format)
    assert heard.text.startswith(begin) and SAID in heard.text and heard.raw == {}


@pytest.mark.parametrize("model", ["openai/gpt-4o-transcribe", "mistral/voxtral"])
def test_a_transcription_comes_in_pieces(ask: Ask, model: str) -> None:
    """They add up to the text; the result is there at the end."""
    with ask(model).media.transcribe_stream(spoken(ask)) as stream:
        pieces = list(stream)
    assert len(pieces) == 3 and "".join(pieces) == SAID == stream.text
    assert stream.result is not None and stream.result.text == SAID


def test_who_does_not_stream_answers_in_one_piece(ask: Ask) -> None:
    """``whisper-1`` answers JSON to a request for a stream."""
    with ask("openai/whisper-1").media.transcribe_stream(spoken(ask)) as stream:
        assert list(stream) == [SAID]


def test_a_recording_is_translated(ask: Ask, box: Sandbox) -> None:
    """By its own operation, where the manifest has one."""
    assert ask("groq/whisper-large-v3").media.translate(spoken(ask)).text == SAID
    assert box.requests[-1].path == "/groq/openai/v1/audio/translations"
    with pytest.raises(UnsupportedCapabilityError, match="speech_to_text"):
        ask("mistral/voxtral").media.translate(b"RIFF")


def test_gemini_speaks_in_a_chat(ask: Ask, box: Sandbox) -> None:
    """Its samples become a WAV file, or stay samples where ``pcm`` is wished."""
    media = ask("gemini/gemini-2.5-flash-preview-tts").media
    sound = media.speak(SAID, voice="Kore", instructions="Cheerfully")
    assert sound.media_type == "audio/wav"
    with wave.open(io.BytesIO(sound.read())) as file:
        assert file.getframerate() == 24_000
    sent = box.requests[-1].json()
    assert sent["contents"][0]["parts"] == [{"text": f"Cheerfully: {SAID}"}]
    assert sent["generationConfig"]["responseModalities"] == ["AUDIO"]
    assert not media.speak(SAID, format="pcm").read().startswith(b"RIFF")
    with pytest.raises(UnsupportedCapabilityError, match="mp3"):
        media.speak(SAID, format="mp3")
    with pytest.raises(UnsupportedCapabilityError, match="speed"):
        media.speak(SAID, speed=2)


def test_gemini_that_says_nothing_is_an_error(ask: Ask, box: Sandbox) -> None:
    """The reason to stop is told."""
    blocked = {"candidates": [{"finishReason": "SAFETY"}]}
    box.fail("POST /gemini/v1beta/models/*", None, body=blocked)
    with pytest.raises(DecodeError, match="SAFETY"):
        ask("gemini/gemini-2.5-flash-preview-tts").media.speak(SAID)


def test_a_client_without_a_model_has_media_too(ask: Ask, box: Sandbox) -> None:
    """``Media(client, model)`` of any client."""
    keys, urls = {"openai": box.api_keys["openai"]}, {"openai": box.chat_urls["openai"]}
    with Client(api_keys=keys, base_urls=urls) as client:
        assert Media(client, "openai/whisper-1").transcribe(spoken(ask)).text == SAID
        assert Media(client).transcribe(spoken(ask), model="openai/w").text == SAID
        with pytest.raises(RequestValidationError, match="no model of its own"):
            Media(client).transcribe(b"RIFF0000WAVE")


def test_another_providers_model_is_named_in_full(ask: Ask, box: Sandbox) -> None:
    """``model="groq/..."`` asks Groq with Groq's key."""
    keys, urls = {"groq": box.api_keys["groq"]}, {"groq": box.chat_urls["groq"]}
    media = ask("openai/gpt-4o", api_keys=keys, base_urls=urls).media
    assert media.transcribe(spoken(ask), model="groq/whisper-large-v3").text == SAID
    assert box.requests[-1].path.startswith("/groq/")


# -- what goes wrong -----------------------------------------------------------------


def test_a_cut_leaves_no_file(ask: Ask, box: Sandbox, tmp_path: Path) -> None:
    """A download that breaks off is an error, and no half of it stays."""
    box.fail("POST /openai/v1/audio/speech", None, cut_after=3_000)
    sound = ask("openai/tts-1").media.speak(SAID, voice="alloy", format="wav")
    with pytest.raises(APIConnectionError):
        sound.write_to_file(tmp_path / "said.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_cut_keeps_the_file_that_was_there(
    ask: Ask, box: Sandbox, tmp_path: Path
) -> None:
    """What is replaced is replaced whole, or not at all."""
    path = tmp_path / "said.wav"
    path.write_bytes(b"before")
    box.fail("POST /openai/v1/audio/speech", None, cut_after=3_000)
    sound = ask("openai/tts-1").media.speak(SAID, voice="alloy", format="wav")
    with pytest.raises(APIConnectionError):
        sound.write_to_file(path)
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize(
    ("content_type", "body", "told"),
    [
        ("audio/mpeg", b"", "empty"),
        ("text/html", b"<html>", "not sound"),
        ("application/json", b'{"ok": true}', "not sound"),
        ("text/event-stream", b"data: {}\n\n", "not sound"),
    ],
)
def test_what_is_no_sound_is_an_error(
    ask: Ask, content_type: str, body: bytes, told: str, tmp_path: Path
) -> None:
    """Nothing of the wrong type, and no empty file, is written."""
    with (
        serving(reply(body=body, content_type=content_type)) as server,
        pytest.raises(DecodeError, match=told),
    ):
        media = ask("openai/tts-1").media
        media._client._base_urls["openai"] = server.url
        media.speak("Hi", voice="x").write_to_file(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "content_type", "format", "told"),
    [
        (b"", "application/json", None, "empty"),
        (b"{}", "application/json", None, "no text"),
        (b'{"text": 1}', "application/json", None, "no text"),
        (b"[]", "application/json", None, "shape"),
        (b"<html>", "text/html", None, "not JSON"),
        (b"<html>", "text/html", "srt", "a page"),
    ],
)
def test_what_is_no_transcription_is_an_error(
    ask: Ask, body: bytes, content_type: str, format: str | None, told: str
) -> None:
    """It is shown; nothing is taken for a text that is none."""
    with (
        serving(reply(body=body, content_type=content_type)) as server,
        pytest.raises(DecodeError, match=told),
    ):
        media = ask("openai/whisper-1").media
        media._client._base_urls["openai"] = server.url
        media.transcribe(b"RIFF0000WAVE", response_format=format)


def test_an_upload_is_sent_again_from_its_beginning(ask: Ask, box: Sandbox) -> None:
    """A file is rewound for the next attempt, to where it stood."""
    box.fail("POST /openai/v1/audio/transcriptions", [503, 500])
    sound = spoken(ask)
    file = io.BytesIO(b"before" + sound)
    file.seek(6)
    heard = ask("openai/whisper-1").media.transcribe(("said.wav", file))
    assert heard.text == SAID and heard._reply is not None
    assert heard._reply.attempts == 3


def test_what_is_read_once_is_sent_once(ask: Ask, box: Sandbox) -> None:
    """An iterator cannot be sent again; the error is the server's."""
    box.fail("POST /openai/v1/audio/transcriptions", [503, 503])
    pieces = iter([b"RIFF0000WAVE", b"0" * 100])
    with pytest.raises(InternalServerError):
        ask("openai/whisper-1").media.transcribe(("said.wav", pieces))
    sent = [each for each in box.requests if "transcriptions" in each.path]
    assert len(sent) == 1


def test_a_large_upload_is_refused_by_who_has_less_room(ask: Ask) -> None:
    """Where the manifest allows more than the server, the server's word counts."""
    large = ("said.wav", b"RIFF0000WAVE" + bytes(26 << 20))
    with pytest.raises(RequestTooLargeError, match="26214400"):
        ask("mistral/voxtral", max_retries=0).media.transcribe(large)


def test_a_stream_that_breaks_off_is_an_error(ask: Ask) -> None:
    """What had arrived is handed out before."""
    event = b'data: {"type":"transcript.text.delta","delta":"Good"}\n\n'
    with serving(chunked(event)) as server:
        media = ask("openai/gpt-4o-transcribe").media
        media._client._base_urls["openai"] = server.url
        stream = media.transcribe_stream(b"RIFF0000WAVE")
        assert next(iter(stream)) == "Good"
        with pytest.raises(APIConnectionError):
            list(stream)
        assert stream.result is None and stream.text == "Good"


def test_a_slow_server_ends_at_the_time_limit(ask: Ask, box: Sandbox) -> None:
    """The limit of the call counts for sound as well."""
    box.fail("POST /openai/v1/audio/speech", None, drip_s=0.05)
    media = ask("openai/tts-1", _clock=None).media
    with pytest.raises(APITimeoutError):
        media.speak(SAID, voice="x", format="wav", timeout=Timeout(0.3)).read()


def test_errors_are_the_providers(ask: Ask, box: Sandbox) -> None:
    """Read by its manifest, and tried again as often as it says."""
    box.fail("POST /openai/v1/audio/speech", 500, times=4)
    with pytest.raises(InternalServerError) as caught:
        ask("openai/tts-1").media.speak("Hi", voice="x")
    assert caught.value.standard_code == "E3001" and caught.value.attempts == 4


def test_a_closed_client_asks_nobody(ask: Ask, box: Sandbox) -> None:
    """Nothing is sent any more."""
    client = ask("openai/tts-1")
    client.close()
    with pytest.raises(CancelledError):
        client.media.speak("Hi", voice="x")
    assert box.requests == []


def test_hooks_see_calls_of_media(ask: Ask) -> None:
    """Each attempt before and after, with the operation's name."""
    seen: list[str] = []

    class Watch(Hook):
        def before_attempt(self, call: Any) -> None:
            seen.append(f"before {call.operation.name}")

        def after_attempt(self, call: Any, outcome: Any) -> None:
            seen.append(f"after {outcome.status_code}")

        def on_end(self, call: Any, outcome: Any) -> None:
            seen.append(f"end {outcome}")

    ask("openai/tts-1", hooks=[Watch()]).media.speak("Hi", voice="x").read()
    assert seen == ["before openai.text_to_speech", "after 200", "end None"]


def test_threads_share_a_client(ask: Ask) -> None:
    """Each hears what it spoke."""
    media = ask("openai/gpt-4o").media
    heard: dict[str, str] = {}

    def work(text: str) -> None:
        sound = media.speak(text, model="tts-1", voice="x", format="wav").read()
        heard[text] = media.transcribe(sound, model="whisper-1").text

    texts = [f"Boat {number}" for number in range(8)]
    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {text: text for text in texts}
