"""Sound, pictures and films of the sandbox, as plain requests see them."""

from __future__ import annotations

import io
import wave
from typing import Any

import pytest
import requests

from specwire.sandbox.chat.providers import PROVIDERS

from .conftest import Talker

SPOKEN = {"model": "tts-1", "voice": "alloy", "response_format": "wav"}


def post(talk: Talker, path: str, fields: Any, file: Any = None) -> requests.Response:
    """A form to OpenAI."""
    files = {name: (None, text) for name, text in fields.items()}
    if file is not None:
        files["file"] = file
    key = {"authorization": f"Bearer {talk.box.chat_keys['openai']}"}
    url = f"{talk.box.url}/openai/v1{path}"
    return talk.session.post(url, files=files, headers=key, timeout=10)


def test_speech_is_as_long_as_its_text(talk: Talker) -> None:
    """A valid file, the same for the same text, another for another."""
    texts = ("Hi", "Hi", "Ho", "Hello")
    made = [talk("openai", "/audio/speech", {**SPOKEN, "input": t}) for t in texts]
    assert {each.headers["content-type"] for each in made} == {"audio/wav"}
    lengths = []
    for each in made:
        with wave.open(io.BytesIO(each.content)) as file:
            lengths.append(file.getnframes() - 16)
    assert lengths == [2 * 480, 2 * 480, 2 * 480, 5 * 480]
    assert made[0].content == made[1].content != made[2].content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"voice": None}, "voice"),
        ({"input": ""}, "input"),
        ({"input": "x" * 4097}, "input"),
        ({"response_format": "midi"}, "response_format"),
        ({"speed": 9}, "speed"),
        ({"tempo": 1}, "tempo"),
    ],
    ids=range(6),
)
def test_a_wrong_request_to_speak_is_refused(
    talk: Talker, change: dict[str, Any], told: str
) -> None:
    """In OpenAI's words, naming the member."""
    body = {**SPOKEN, "input": "Hi", **change}
    body = {name: value for name, value in body.items() if value is not None}
    reply = talk("openai", "/audio/speech", body)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == told


@pytest.mark.parametrize(
    ("fields", "file", "status", "told"),
    [
        ({"model": "whisper-1"}, None, 400, "file"),
        ({}, ("a.wav", b"x" * 99), 400, "model"),
        ({"model": "whisper-1"}, ("a.txt", b"x" * 99), 400, "file format"),
        ({"model": "whisper-1"}, ("a.wav", b"x"), 400, "too short"),
        ({"model": "whisper-1"}, ("a.wav", b"x" * (26 << 20)), 413, "26214400"),
        ({"model": "unknown-1"}, ("a.wav", b"x" * 99), 404, "unknown-1"),
        ({"model": "w", "pitch": "1"}, ("a.wav", b"x" * 99), 400, "pitch"),
        ({"model": "w", "response_format": "x"}, ("a.wav", b"x" * 99), 400, "srt"),
    ],
    ids=range(8),
)
def test_a_wrong_form_is_refused(
    talk: Talker, fields: Any, file: Any, status: int, told: str
) -> None:
    """As the API does, with its status."""
    reply = post(talk, "/audio/transcriptions", fields, file)
    assert reply.status_code == status and told in reply.text


def test_a_body_that_is_no_form_is_refused(talk: Talker) -> None:
    """JSON where a form is expected."""
    reply = talk("openai", "/audio/transcriptions", {"model": "whisper-1"})
    assert reply.status_code == 400 and "form" in reply.text


def test_who_does_not_have_it_has_no_such_path(talk: Talker) -> None:
    """A provider's abilities are its own."""
    for provider in ("deepseek", "xai", "nvidia"):
        assert "speaks" not in PROVIDERS[provider].abilities
        body = {**SPOKEN, "input": "Hi"}
        assert talk(provider, "/audio/speech", body).status_code == 404


def test_files_are_served_without_a_key(talk: Talker) -> None:
    """As from a store; what is not there is not found."""
    made = talk("zhipu", "/images/generations", {"prompt": "x", "model": "cogview-4"})
    url = made.json()["data"][0]["url"]
    stored = requests.get(url, timeout=10)
    assert stored.headers["content-type"] == "image/png"
    assert stored.content.startswith(b"\x89PNG")
    assert requests.get(f"{url}x", timeout=10).status_code == 404


def test_parts_of_a_message_are_the_providers(talk: Talker) -> None:
    """A recording goes to who hears; others refuse it."""
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    assert talk("openai", "/chat/completions", body).status_code == 200
    refused = talk("groq", "/chat/completions", body)
    assert refused.status_code == 400 and "input_audio" in refused.text


def test_a_film_takes_its_time(talk: Talker) -> None:
    """As many looks as a job; then there is an address."""
    begun = talk("xai", "/videos/generations", {"model": "m", "prompt": "a boat"})
    path = f"/videos/{begun.json()['request_id']}"
    states = [talk("xai", path, method="GET").json()["status"] for _ in range(5)]
    assert states[0] == "pending" and states[-1] == "done"
    assert talk("xai", "/videos/none", method="GET").status_code == 404
