"""Speech that sounds like nothing: what is spoken here can be heard here.

A text is as long as it has characters, as 16-bit samples of one channel; the first of
them are a mark of the text, so that no two texts sound alike. What was spoken, in
whichever format, is remembered, and its transcription is the text. ``wav`` and ``pcm``
are what they say; of the others only the beginning is.
"""

from __future__ import annotations

import hashlib
import math
import struct
import wave
from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from ..multipart import MalformedMultipart, Part, read_parts
from ..shapes import sse
from ..state import State
from ..values import Request, Response, event_response, json_response
from .errors import refuse
from .forms_of_media import HEARD
from .providers import Provider

RATE: Final = 24_000
"""Samples a second."""
LETTER: Final = RATE // 50
"""Samples a character."""
_TYPES: Final = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_BEGINNINGS: Final = {
    "mp3": b"ID3\x04\0\0\0\0\0\0",
    "opus": b"OggS\0\2",
    "aac": b"\xff\xf1\x50\x80",
    "flac": b"fLaC\0\0\0\x22",
}
_ENDINGS: Final = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav")
_MOST: Final = 25 << 20
_SHAPES: Final = ("json", "text", "srt", "verbose_json", "vtt")


def speak(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """The text of the body, spoken."""
    body = request.json
    usual = "wav" if provider.id == "groq" else "mp3"
    format = body.get("response_format") or usual
    sound = spoken(body["input"], format, state)
    return Response(body=sound, content_type=_TYPES[format])


def spoken(text: str, format: str, state: State) -> bytes:
    """``text`` as sound; from now on the sandbox knows what it says."""
    samples = _samples(text)
    if format == "wav":
        file = BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(samples)
        sound = file.getvalue()
    elif format == "pcm":
        sound = samples
    else:
        sound = _BEGINNINGS[format] + samples[: len(samples) // 8]
    with state.lock:
        state.recordings[_mark(sound)] = text
    return sound


def _samples(text: str) -> bytes:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=32).digest()
    return b"".join([digest, *map(_tone, text)])


@lru_cache(512)
def _tone(letter: str) -> bytes:
    step = 2 * math.pi * (220 + ord(letter) % 64 * 10) / RATE
    return struct.pack(
        f"<{LETTER}h", *(round(8_000 * math.sin(step * at)) for at in range(LETTER))
    )


def _mark(sound: bytes) -> str:
    return hashlib.blake2b(sound, digest_size=16).hexdigest()


# -- what is heard -------------------------------------------------------------------


def transcribe(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """The text that was spoken; of a recording that was not made here, a remark."""
    fields, file = _form(provider, request)
    sound = file.content.read()
    _check(provider, file, sound)
    text = state.recordings.get(_mark(sound), f"A recording of {len(sound)} bytes.")
    seconds = _seconds(sound)
    if fields.get("stream") == ["true"] and "whisper" not in fields["model"][0]:
        return event_response(_pieces(provider, text))
    shape = fields.get("response_format", ["json"])[0]
    if shape == "text":
        return Response(body=f"{text}\n".encode(), content_type="text/plain")
    if shape in ("srt", "vtt"):
        subtitles = _subtitles(shape, text, seconds)
        return Response(body=subtitles.encode(), content_type="text/plain")
    usage = {"type": "duration", "seconds": math.ceil(seconds)}
    answer: dict[str, Any] = {"text": text, "usage": usage}
    if shape == "verbose_json" or provider.id == "mistral":
        wished = fields.get("timestamp_granularities", ["segment"])
        answer |= _verbose(text, seconds, wished)
    return json_response(answer)


def _form(provider: Provider, request: Request) -> tuple[dict[str, list[str]], Part]:
    """The fields by name, and the file."""
    try:
        parts = read_parts(request.headers.get("content-type", ""), request.body)
    except MalformedMultipart as error:
        raise refuse(provider, "bad_body", f"Could not parse form: {error}") from None
    fields: dict[str, list[str]] = {}
    file = None
    for part in parts:
        if part.name not in HEARD and provider.strict:
            text = f"Unknown parameter: '{part.name}'."
            raise refuse(provider, "unknown_member", text, param=part.name)
        if part.name == "file":
            file = part
        else:
            value = part.content.read().decode("utf-8", "replace")
            # Some write lists without the brackets.
            fields.setdefault(part.name.removesuffix("[]"), []).append(value)
    if file is None or file.filename is None:
        text = "Missing required parameter: 'file'."
        raise refuse(provider, "bad_body", text, param="file")
    if not fields.get("model"):
        text = "you must provide a model parameter"
        raise refuse(provider, "bad_body", text, param="model")
    if fields["model"][0].startswith("unknown-"):
        raise refuse(provider, "no_model", model=fields["model"][0])
    if fields.get("response_format", ["json"])[0] not in _SHAPES:
        text = f"response_format: expected one of {', '.join(_SHAPES)}"
        raise refuse(provider, "bad_body", text, param="response_format")
    return fields, file


def _check(provider: Provider, file: Part, sound: bytes) -> None:
    if len(sound) > _MOST:
        text = (
            f"Maximum content size limit ({_MOST}) exceeded ({len(sound)} bytes read)"
        )
        raise refuse(provider, "too_large", text)
    ending = (file.filename or "").rpartition(".")[2].lower()
    if ending not in (*_ENDINGS, "webm"):
        text = f"Invalid file format. Supported formats: {[*_ENDINGS, 'webm']}"
        raise refuse(provider, "bad_body", text, param="file")
    if len(sound) < 64:
        text = "Audio file is too short. Minimum audio length is 0.1 seconds."
        code = "audio_too_short"
        raise refuse(provider, "bad_body", text, param="file", code=code)


def _seconds(sound: bytes) -> float:
    try:
        with wave.open(BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return round(len(sound) / 16_000, 2)


def _verbose(text: str, seconds: float, wished: list[str]) -> dict[str, Any]:
    """Times, spread evenly over the words; one segment has all of them."""
    words = text.split()
    each = seconds / (len(words) or 1)
    found: dict[str, Any] = {
        "task": "transcribe",
        "language": "english",
        "duration": seconds,
    }
    if "segment" in wished:
        found["segments"] = [
            {"id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text}
        ]
    if "word" in wished:
        found["words"] = [
            {"word": word, "start": at * each, "end": (at + 1) * each}
            for at, word in enumerate(words)
        ]
    return found


def _subtitles(shape: str, text: str, seconds: float) -> str:
    whole, rest = divmod(round(seconds * 1000), 1000)
    comma = "," if shape == "srt" else "."
    end = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{rest:03}"
    times = f"00:00:00{comma}000 --> {end}\n{text}\n\n"
    return f"1\n{times}" if shape == "srt" else f"WEBVTT\n\n{times}"


def _pieces(provider: Provider, text: str) -> Iterator[bytes]:
    own = provider.id == "mistral"
    word = "transcription" if own else "transcript"
    for at, piece in enumerate(text.split(" ")):
        piece = f" {piece}" if at else piece
        kind = f"{word}.text.delta"
        yield sse({"type": kind, "text" if own else "delta": piece})
    yield sse({"type": f"{word}.done" if own else f"{word}.text.done", "text": text})
