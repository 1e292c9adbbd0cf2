"""Calls of sound: recordings written down, texts spoken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..chat import measures
from ..core.errors import RequestValidationError
from ..core.resource import UNSET, TimeoutOption, Unset
from . import speech, transcripts
from .asking import Asking
from .calls import Asked, given, send
from .uploads import upload

if TYPE_CHECKING:
    from .speech import Speech
    from .transcripts import Transcription, TranscriptStream

_STREAMING_TOO = {"stream": True}


class Sounds(Asking):
    """Speech to text, and text to speech."""

    def transcribe(
        self,
        file: Any,
        *,
        model: str | None = None,
        language: str | None = None,
        prompt: str | None = None,
        temperature: float | None = None,
        response_format: str | None = None,
        timestamps: Sequence[str] | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Transcription:
        """What is said in a recording.

        :param file: a path, bytes, a binary file, or ``(name, content)``; ``None``
            where ``more`` names it (``file_url="https://..."``). It is sent as it is
            read, and never held whole.
        :param language: of the recording, ``en``; it is guessed where it is not said.
        :param response_format: ``json``, ``text``, ``verbose_json``, ``srt``, ``vtt``,
            as far as the model has them.
        :param timestamps: ``word``, ``segment``: what is to have times.
        :raises RequestValidationError: where the file is empty, too large or of no
            known format; nothing was sent.
        :raises UnsupportedCapabilityError: where the provider has no such operation.
        """
        fields = given(
            language=language,
            prompt=prompt,
            temperature=temperature,
            response_format=response_format,
        )
        result = transcripts.Heard(response_format)
        return self._heard(  # type: ignore[no-any-return]
            "speech_to_text",
            (file, model, timestamps, {**fields, **more}),
            result,
            (timeout, max_retries),
        )

    def transcribe_stream(
        self,
        file: Any,
        *,
        model: str | None = None,
        language: str | None = None,
        prompt: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> TranscriptStream:
        """As :meth:`transcribe`, in pieces as they are heard.

        A model that does not stream answers at once, in one piece.
        """
        fields = given(language=language, prompt=prompt)
        return self._heard(  # type: ignore[no-any-return]
            "speech_to_text",
            (file, model, None, {**fields, **more, **_STREAMING_TOO}),
            transcripts.HeardInPieces(),
            (timeout, max_retries),
        )

    def translate(
        self,
        file: Any,
        *,
        model: str | None = None,
        prompt: str | None = None,
        response_format: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Transcription:
        """What is said in a recording, in English. As :meth:`transcribe`."""
        fields = given(prompt=prompt, response_format=response_format)
        return self._heard(  # type: ignore[no-any-return]
            "audio_translation",
            (file, model, None, {**fields, **more}),
            transcripts.Heard(response_format),
            (timeout, max_retries),
        )

    def _heard(self, name: str, wished: Any, result: Any, limits: Any) -> Any:
        file, model, timestamps, fields = wished
        asked = self._asked(name, model)
        body = {"model": asked.model, **fields}
        if timestamps is not None:
            called = asked.said.get("timestamps_field", "timestamp_granularities[]")
            body[called] = list(timestamps)
        files = {} if file is None else {"file": upload(asked, file, "audio")}
        return send(
            asked, body, result, files=files, timeout=limits[0], max_retries=limits[1]
        )

    def speak(
        self,
        text: str,
        *,
        model: str | None = None,
        voice: str | None = None,
        format: str | None = None,
        speed: float | None = None,
        instructions: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Speech:
        """``text``, spoken: sound that is read or written to a file as it arrives.

        :param voice: one of the provider's; most want one.
        :param format: ``mp3``, ``wav`` and the like; else the provider's usual one.
        :param speed: 1.0 is the usual one.
        :raises UnsupportedCapabilityError: for a format that the provider does not
            make, and where it does not speak at all; nothing was sent.
        """
        asked = self._asked("text_to_speech", model)
        _check_text(asked, text)
        measures.check_format(asked.where, asked.said, format, "tts")
        wished = given(
            voice=voice, format=format, speed=speed, instructions=instructions
        )
        if asked.shape == "gemini":
            body = speech.gemini(asked, text, {**wished, **more})
            result: Any = speech.SoundInJson(format != "pcm")
        else:
            body, result = (
                speech.openai(asked, text, {**wished, **more}),
                speech.Sound(),
            )
        return send(  # type: ignore[no-any-return]
            asked, body, result, timeout=timeout, max_retries=max_retries
        )


def _check_text(asked: Asked, text: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise RequestValidationError(
            f"{asked.where}: expected a text to speak, got {text!r:.40}"
        )
    most = asked.said.get("max_characters")
    if isinstance(most, int) and len(text) > most:
        raise RequestValidationError(
            f"{asked.where}: expected at most {most} characters, got {len(text)}; "
            "speak it in parts"
        )
