"""``client.media``: sound, pictures and films of any provider whose manifest has them.

Each method sends one call (a film: one, and then it is asked after). ``model`` is a
name alone, of the client's own provider, or ``provider/model``; what a method has no
argument for is passed on under the provider's own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..chat import measures
from ..chat.loader import ManifestLoader
from ..chat.provider import Target, target
from ..core.auth import Service
from ..core.errors import RequestValidationError, SpecwireError
from ..core.resource import UNSET, Operation, TimeoutOption, Unset
from ..core.results import Bytes
from ..core.wire import Call, Request
from . import pictures, speech, transcripts, videos
from .calls import Asked, given, place, send
from .uploads import upload

if TYPE_CHECKING:
    from ..core.client import BaseClient
    from ..core.stream import Download
    from .pictures import Picture, Pictures
    from .speech import Speech
    from .transcripts import Transcription, TranscriptStream
    from .videos import Video

_ELSEWHERE = "media.download"
_STREAMING_TOO = {"stream": True}


class Media:
    """Sound, pictures and films, asked for by one client.

    ``client.media`` of an :class:`~specwire.chat.AiClient` is one; any other client has
    them by ``Media(client, "openai/whisper-1")``.

    :param model: ``provider/model``, where a call names none; an ``AiClient``'s own.
    :param loader: where manifests come from; an ``AiClient``'s own.
    """

    def __init__(
        self,
        client: BaseClient,
        model: str | None = None,
        *,
        loader: ManifestLoader | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._loader = loader or getattr(client, "_loader", None) or ManifestLoader()

    def _target(self, model: str | None) -> Target:
        if model is not None and "/" in model:
            return target(self._client, self._loader, model)
        if self._model is not None:
            own = target(self._client, self._loader, self._model)
        else:
            own = self._client._targets()[0]  # type: ignore[attr-defined]
        return Target(own.provider, model or own.model)

    def _asked(self, name: str, model: str | None) -> Asked:
        found = self._target(model)
        endpoint = place(found.provider.manifest, name)
        return Asked(self._client, found.provider, found.model, name, endpoint)

    # -- sound ---------------------------------------------------------------------

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

    # -- pictures ------------------------------------------------------------------

    def images(
        self,
        prompt: str,
        *,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        quality: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures of what ``prompt`` says.

        :param n: how many.
        :param size: ``1024x1024``; of Gemini a ratio, ``16:9``.
        :raises DecodeError: where no picture came, or what is none.
        """
        asked = self._asked("image_generation", model)
        wished = {**given(n=n, size=size, quality=quality), **more}
        body = pictures.asking(asked, prompt, (), wished)
        return send(  # type: ignore[no-any-return]
            asked,
            body,
            pictures.Drawn(asked.shape),
            timeout=timeout,
            max_retries=max_retries,
        )

    def edit_images(
        self,
        images: Any,
        prompt: str,
        *,
        mask: Any = None,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures made from ``images``: one file, or a list, as :meth:`transcribe`.

        :param mask: a file that is transparent where the picture is to be changed.
        """
        asked = self._asked(self._edits_by(model), model)
        several = list(images) if isinstance(images, list) else [images]
        wished = {**given(n=n, size=size), **more}
        files: dict[str, Any] | None = None
        if asked.shape != "own":
            if mask is not None:
                raise asked.unsupported("there is no mask; say it in the prompt")
            body = pictures.asking(asked, prompt, several, wished)
        else:
            body = pictures.asking(asked, prompt, (), wished)
            sent = [upload(asked, each, "image") for each in several]
            files = {"image[]": sent} if len(sent) > 1 else {"image": sent[0]}
            if mask is not None:
                files["mask"] = upload(asked, mask, "image")
        return send(  # type: ignore[no-any-return]
            asked,
            body,
            pictures.Drawn(asked.shape),
            files=files,
            timeout=timeout,
            max_retries=max_retries,
        )

    def _edits_by(self, model: str | None) -> str:
        """The operation that edits; who draws in a chat edits there as well."""
        operations = self._target(model).provider.manifest.data["operations"]
        drawing = operations.get("image_generation", {}).get("path", "")
        chats = drawing.endswith((":generateContent", "/chat/completions"))
        return "image_generation" if chats else "image_edit"

    def vary_image(
        self,
        image: Any,
        *,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures like ``image``, a file as in :meth:`transcribe`."""
        asked = self._asked("image_variation", model)
        return send(  # type: ignore[no-any-return]
            asked,
            {"model": asked.model, **given(n=n, size=size), **more},
            pictures.Drawn(asked.shape),
            files={"image": upload(asked, image, "image")},
            timeout=timeout,
            max_retries=max_retries,
        )

    # -- films ---------------------------------------------------------------------

    def video(
        self,
        prompt: str,
        *,
        model: str | None = None,
        wait: float | None = 600.0,
        poll_s: float = 5.0,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Video:
        """A film of what ``prompt`` says, once it is done.

        :param wait: seconds until it has to be done; 0 returns when it is ordered.
        :param poll_s: seconds between the first two questions; later ones are rarer.
        :raises APITimeoutError: where it is not done by then; it goes on.
        :raises SpecwireError: where it failed, with the provider's reason.
        """
        asked = self._asked("video_generation", model)
        body = {"model": asked.model, "prompt": prompt, **more}
        ordered: Video = send(
            asked, body, videos.Filmed(), timeout=timeout, max_retries=max_retries
        )
        if wait == 0 or ordered.status == "done":
            return ordered
        from ..mixins.polling import wait_for

        found = wait_for(
            self._client,
            asked.where,
            lambda left: self.video_status(ordered.id, model=model, timeout=left),
            lambda video: video.over,
            timeout=wait,
            on_progress=None,
            first_delay_s=poll_s,
            max_delay_s=max(poll_s, 30.0),
        )
        if found.status == "failed":
            raise SpecwireError(
                f"{asked.where}: the film {ordered.id} failed: {found.error}",
                retryable=False,
            )
        return found

    def video_status(
        self,
        id: str,
        *,
        model: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
    ) -> Video:
        """How far the film ``id`` is; ``model`` as it was ordered of."""
        asked = self._asked("video_get", model)
        return send(  # type: ignore[no-any-return]
            asked,
            None,
            videos.Filmed(id),
            names={"id": id},
            timeout=timeout,
            max_retries=max_retries,
        )

    # -- what came as an address ---------------------------------------------------

    def download(self, item: Picture | Video | str) -> Download:
        """What is at an address that a provider gave, read as it arrives.

        No key and no header of the client goes along. The address has to be ``https``,
        or on the provider's own server.

        :raises RequestValidationError: for another address, or where there is none.
        """
        client = self._client
        url = item if isinstance(item, str) else item.url
        if not url:
            raise RequestValidationError("media.download: there is no address")
        own = urlsplit(client._base_urls[self._target(None).provider.service.name])
        parts = urlsplit(url)
        if parts.scheme != "https" and (parts.scheme, parts.netloc) != own[:2]:
            raise RequestValidationError(
                f"media.download: expected an https address, got {url[:80]!r}"
            )
        if _ELSEWHERE not in client._engine.services:
            client._serve(Service(_ELSEWHERE, base_url=""), "https://elsewhere.invalid")
        operation: Operation[Any] = Operation(
            _ELSEWHERE, _ELSEWHERE, "GET", "", Bytes()
        )
        request = Request("GET", url, {"Accept": "*/*"})
        call = Call(operation, request, client._timeout, client._max_retries, None, {})
        return client._engine.send(call, client._hooks)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<Media of {self._client!r}>"


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
