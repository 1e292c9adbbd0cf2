"""``ai_lib_python.stt``: the same names, sync, over the manifests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from typing_extensions import Self

    from ...chat.client import AiClient

__all__ = [
    "SttClient",
    "SttClientBuilder",
    "SttOptions",
    "Transcription",
    "TranscriptionSegment",
]

BASE_URL = "https://api.openai.com"
_PATH = "/v1/audio/transcriptions"


@attrs.define
class TranscriptionSegment:
    """A stretch of speech; ``start`` and ``end`` are seconds."""

    id: int
    start: float
    end: float
    text: str


@attrs.define
class Transcription:
    """What was said; ``confidence`` is what no provider tells."""

    text: str
    language: str | None = None
    confidence: float | None = None
    segments: list[TranscriptionSegment] | None = None

    @classmethod
    def from_openai_format(cls, data: Mapping[str, Any]) -> Transcription:
        """Of a reply's JSON."""
        from ...media.transcripts import transcription

        found = transcription({"text": "", **data})
        assert found is not None
        segments = [
            TranscriptionSegment(
                each.id if isinstance(each.id, int) else at,
                each.start_s,
                each.end_s,
                each.text,
            )
            for at, each in enumerate(found.segments)
        ]
        return cls(found.text, found.language, segments=segments or None)


@attrs.define
class SttOptions:
    """How it is heard."""

    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    response_format: str | None = None


class SttClient:
    """Speech to text, by a model of OpenAI or ``provider/model``."""

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
    def builder(cls) -> SttClientBuilder:
        return SttClientBuilder()

    def transcribe(
        self, audio: Any, options: SttOptions | None = None
    ) -> Transcription:
        """What is said in ``audio``: bytes, a path, a file."""
        wished = attrs.asdict(options or SttOptions())
        heard = self._client.media.transcribe(audio, **wished)
        return Transcription.from_openai_format({**heard.raw, "text": heard.text})

    @property
    def model(self) -> str:
        return self._model

    def close(self) -> None:
        self._client.close()


class ClientBuilder:
    """Settings one after the other."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}

    def _with(self, **settings: Any) -> Self:
        given = {k: v for k, v in settings.items() if v is not None}
        self._settings.update(given)
        return self

    def model(self, model: str) -> Self:
        return self._with(model=model)

    def api_key(self, api_key: str | None) -> Self:
        return self._with(api_key=api_key)

    def base_url(self, url: str | None) -> Self:
        return self._with(base_url=url)

    def endpoint_path(self, path: str | None) -> Self:
        return self._with(endpoint_path=path)

    def timeout(self, timeout: float) -> Self:
        return self._with(timeout=timeout)

    def _checked(self) -> dict[str, Any]:
        if not self._settings.get("model"):
            raise ValueError("Model must be specified; call model(...)")
        return self._settings


class SttClientBuilder(ClientBuilder):
    """``SttClient.builder().model("whisper-1").build()``."""

    def build(self) -> SttClient:
        return SttClient(**self._checked())


def opened(
    model: str,
    api_key: str | None,
    base_url: str | None,
    endpoint_path: str,
    usual: str,
    timeout: float,
) -> AiClient:
    """A client of ours for what was said in the other's words.

    :raises ValueError: for a path that is not the operation's.
    """
    from ...chat.client import AiClient
    from ...chat.loader import is_provider

    if not is_provider(model.partition("/")[0]) or "/" not in model:
        model = f"openai/{model}"
    operation = usual.removeprefix("/v1")
    path = "/" + endpoint_path.lstrip("/")
    if not path.endswith(operation):
        raise ValueError(
            f"endpoint_path: expected one that ends in {operation}, got {path!r}; "
            "another path is the manifest's business"
        )
    at = None
    if base_url is not None or path != usual:
        at = (base_url or BASE_URL).rstrip("/") + path.removesuffix(operation)
    return AiClient.create(model, api_key=api_key, base_url=at, timeout=timeout)
