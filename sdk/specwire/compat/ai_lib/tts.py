"""``ai_lib_python.tts``: the same names, sync, over the manifests."""

from __future__ import annotations

from enum import Enum

import attrs

from .stt import BASE_URL, ClientBuilder, opened

__all__ = ["AudioFormat", "AudioOutput", "TtsClient", "TtsClientBuilder", "TtsOptions"]

_PATH = "/v1/audio/speech"


class AudioFormat(str, Enum):
    """What sound is written as."""

    Mp3 = "mp3"
    Opus = "opus"
    Aac = "aac"
    Flac = "flac"
    Wav = "wav"
    Pcm = "pcm"

    @classmethod
    def from_str(cls, s: str) -> AudioFormat:
        """By its name in any case; ``Mp3`` for one that is not known."""
        return next((each for each in cls if each.value == s.lower()), cls.Mp3)


@attrs.define
class AudioOutput:
    """Sound, whole."""

    data: bytes
    format: AudioFormat = AudioFormat.Mp3


@attrs.define
class TtsOptions:
    """How it is spoken."""

    voice: str | None = None
    speed: float | None = None
    response_format: str | None = None


class TtsClient:
    """Text to speech, by a model of OpenAI or ``provider/model``."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str = BASE_URL,
        endpoint_path: str = _PATH,
        timeout: float = 60.0,
    ) -> None:
        at = None if base_url == BASE_URL else base_url
        self._client = opened(model, api_key, at, endpoint_path, _PATH, timeout)
        self._model = model

    @classmethod
    def builder(cls) -> TtsClientBuilder:
        return TtsClientBuilder()

    def synthesize(self, text: str, options: TtsOptions | None = None) -> AudioOutput:
        """``text``, spoken."""
        wished = options or TtsOptions()
        sound = self._client.media.speak(
            text,
            voice=wished.voice,
            speed=wished.speed,
            format=wished.response_format,
        )
        with sound:
            data = sound.read()
        kind = sound.media_type.rpartition("/")[2].removeprefix("x-")
        named = wished.response_format or {"ogg": "opus"}.get(kind, kind)
        return AudioOutput(data, AudioFormat.from_str(named))

    @property
    def model(self) -> str:
        return self._model

    def close(self) -> None:
        self._client.close()


class TtsClientBuilder(ClientBuilder):
    """``TtsClient.builder().model("tts-1").build()``."""

    def build(self) -> TtsClient:
        return TtsClient(**self._checked())
