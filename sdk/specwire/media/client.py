"""``client.media``: sound, pictures and films of any provider whose manifest has them.

Each method sends one call (a film: one, and then it is asked after). ``model`` is a
name alone, of the client's own provider, or ``provider/model``; what a method has no
argument for is passed on under the provider's own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..core.auth import Service
from ..core.errors import RequestValidationError, SpecwireError
from ..core.resource import UNSET, Operation, TimeoutOption, Unset
from ..core.results import Bytes
from ..core.wire import Call, Request
from . import videos
from .calls import send
from .drawings import Drawings
from .sounds import Sounds

if TYPE_CHECKING:
    from ..core.download import Download
    from .pictures import Picture
    from .videos import Video

_ELSEWHERE = "media.download"


class Media(Sounds, Drawings):
    """Sound, pictures and films, asked for by one client.

    ``client.media`` of an :class:`~specwire.chat.AiClient` is one; any other client has
    them by ``Media(client, "openai/whisper-1")``.

    :param model: ``provider/model``, where a call names none; an ``AiClient``'s own.
    :param loader: where manifests come from; an ``AiClient``'s own.
    """

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
