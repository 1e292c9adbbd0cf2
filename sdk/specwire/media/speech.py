"""Text to speech: what is sent, and the sound that comes, as it arrives."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ..core.download import Download
from ..core.replies import reply_error
from ..core.results import Arrived, Result, decoded
from ..core.wire import Headers
from .calls import Asked, given
from .reading import items, table

_RATE: Final = re.compile(r"rate=([0-9]+)")


class Speech(Download):
    """Sound, read once as it arrives; a body that breaks off leaves no file.

    >>> client.media.speak("Hello").write_to_file("hello.mp3")  # doctest: +SKIP

    :ivar media_type: what the server says it is: ``audio/mpeg``.
    """

    def __init__(self, arrived: Arrived) -> None:
        super().__init__(arrived)
        self.media_type = arrived.reply.content_type
        self._chunks = self._some(self._chunks)

    def _some(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """``chunks``; where there is not a byte in them, an error."""
        some = False
        for chunk in chunks:
            some = some or bool(chunk)
            yield chunk
        if not some:
            reply = self._reply
            assert reply is not None
            raise reply_error(self._call, reply, "is empty; expected sound")


class Sound(Result):
    """The sound itself is the body."""

    __slots__ = ()
    accept = "audio/*, */*;q=0.5"

    def opens(self, call: Any, reply: Any) -> bool:
        # Anything else is read whole, so that the error can show what came.
        return _may_be_sound(reply.content_type)

    def value(self, arrived: Arrived) -> Speech:
        if not _may_be_sound(arrived.reply.content_type):
            raise reply_error(arrived.call, arrived.reply, "is not sound")
        return Speech(arrived)


class SoundInJson(Result):
    """Gemini's: samples in base64 in a part of the answer; ``wav`` puts a head on."""

    __slots__ = ("wav",)
    accept = "application/json"

    def __init__(self, wav: bool) -> None:
        self.wav = wav

    def value(self, arrived: Arrived) -> Speech:
        call, reply = arrived.call, arrived.reply
        part = inline_part(call, reply, decoded(call, reply, dict[str, Any]), "audio/")
        kind, samples = part
        if self.wav and not samples.startswith(b"RIFF"):
            rate = _RATE.search(kind)
            samples = wav(samples, int(rate[1]) if rate else 24_000)
            kind = "audio/wav"
        headers = Headers({**reply.headers, "content-type": kind})
        whole = attrs.evolve(reply, body=samples, headers=headers)
        return Speech(attrs.evolve(arrived, reply=whole, opened=None))


def inline_part(call: Any, reply: Any, data: Any, begin: str) -> tuple[str, bytes]:
    """Media type and bytes of the first part of Gemini's answer that begins so.

    :raises DecodeError: where there is none; the reason to stop is told.
    """
    for found in inline_parts(call, reply, data, begin):
        return found
    stopped = [table(each).get("finishReason") for each in items(data, "candidates")]
    blocked = table(data.get("promptFeedback")).get("blockReason")
    why = next(filter(None, [*stopped, blocked]), "no reason")
    raise reply_error(call, reply, f"holds no {begin}* (it stopped for {why!r:.60})")


def inline_parts(
    call: Any, reply: Any, data: Any, begin: str
) -> Iterator[tuple[str, bytes]]:
    """Media types and bytes of all parts of Gemini's answer that begin so."""
    for candidate in items(data, "candidates"):
        for part in items(table(candidate).get("content"), "parts"):
            held = table(table(part).get("inlineData"))
            kind = str(held.get("mimeType") or "")
            if kind.lower().startswith(begin) and not table(part).get("thought"):
                yield kind, unpacked(call, reply, held.get("data"))


def unpacked(call: Any, reply: Any, text: Any) -> bytes:
    """The bytes that ``text`` is in base64.

    :raises DecodeError: where it is not, or empty.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raw = b""
    if raw:
        return raw
    raise reply_error(call, reply, "holds media that is not base64, or empty")


def wav(samples: bytes, rate: int) -> bytes:
    """16-bit samples of one channel as a WAV file."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1),
        *(rate, rate * 2, 2, 16, b"data", len(samples)),
    )
    return head + samples


def _may_be_sound(content_type: str) -> bool:
    return content_type in ("", "application/octet-stream") or content_type.startswith(
        ("audio/", "video/", "binary/")
    )


def openai(asked: Asked, text: str, wished: Mapping[str, Any]) -> dict[str, Any]:
    """The body, as OpenAI has it."""
    sent = dict(wished)
    format = sent.pop("format", None)
    return given(model=asked.model, input=text, response_format=format) | sent


def gemini(asked: Asked, text: str, wished: Mapping[str, Any]) -> dict[str, Any]:
    """The body, as Gemini has it.

    :raises UnsupportedCapabilityError: for wishes that it has no word for.
    """
    rest = {k: v for k, v in wished.items() if k not in ("voice", "format")}
    told = rest.pop("instructions", None)
    if "speed" in rest:
        raise asked.unsupported("there is no word for speed; say it in instructions=")
    config: dict[str, Any] = {"responseModalities": ["AUDIO"]}
    if wished.get("voice"):
        named = {"prebuiltVoiceConfig": {"voiceName": wished["voice"]}}
        config["speechConfig"] = {"voiceConfig": named}
    said = f"{told}: {text}" if told else text
    turn = {"role": "user", "parts": [{"text": said}]}
    return {"contents": [turn], "generationConfig": config, **rest}
