"""``AiClient``: one model of one provider, and how it is asked.

Everything that sends is the core's: connections, time limits, retries, hooks, closing.
What differs between providers is in their manifests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.client import BaseClient
from ..core.resource import UNSET
from ..core.retry import Policy
from ..core.types import Timeout
from .loader import ManifestLoader
from .provider import Target, target
from .turn import ChatRequestBuilder

if TYPE_CHECKING:
    import requests
    from typing_extensions import Self

    from ..core.clock import Clock
    from ..core.hooks import Hook
    from ..media.client import Media
    from .builder import AiClientBuilder
    from .manifest import Manifest

TOTAL_S = 600.0


class AiClient(BaseClient):
    """Asks one model, whoever offers it; safe to share between threads.

    >>> with AiClient.create("openai/gpt-4o") as client:  # doctest: +SKIP
    ...     print(client.chat().user("Hello").execute().content)

    :param model: ``provider/model``; a model alone where only one provider has it.
    :param api_key: the provider's key; else the variables that the manifest names, then
        ``{ID}_API_KEY``, then the keyring.
    :param base_url: where it is asked; else ``{ID}_BASE_URL``, else the manifest's.
    :param timeout: seconds a whole call may take, retries included, or a
        :class:`~specwire.Timeout`; ``None`` is 600 seconds.
    :param max_retries: how often a failed attempt is repeated; ``None`` is as often as
        the manifest advises.
    :param protocol_dir: a directory of manifests to look in first.
    :param loader: where manifests come from, in place of ``protocol_dir``.
    :param fallbacks: models that are asked, in this order, where one before them fails
        in a way that another model may not.
    :param api_keys: keys of fallbacks' providers: provider -> key.
    :param base_urls: where fallbacks' providers are asked: provider -> URL.
    :param policy: which failures are tried again and after what wait, in place of what
        the manifest says.
    :raises ManifestError: for an unknown provider or model, or a manifest that cannot
        be used.
    """

    _kept = (*BaseClient._kept, "_loader", "_models", "_policy")

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        default_headers: Mapping[str, str] | None = None,
        hooks: Sequence[Hook] = (),
        session: requests.Session | None = None,
        max_body_bytes: int = 64 << 20,
        protocol_dir: str | os.PathLike[str] | None = None,
        loader: ManifestLoader | None = None,
        fallbacks: Sequence[str] = (),
        api_keys: Mapping[str, str] | None = None,
        base_urls: Mapping[str, str] | None = None,
        policy: Policy | None = None,
        _clock: Clock | None = None,
    ) -> None:
        try:
            self._loader = ManifestLoader(protocol_dir) if loader is None else loader
            self._models = (model, *fallbacks)
            self._policy = policy
            manifest = self._loader.resolve(model)[0]
            id = str(manifest.data["id"])
            keys = {**(api_keys or {}), **({id: api_key} if api_key else {})}
            super().__init__(
                api_keys=keys,
                base_urls={**(base_urls or {}), **({id: base_url} if base_url else {})},
                timeout=_timeout(manifest) if timeout is None else timeout,
                max_retries=0 if max_retries is None else max_retries,
                default_headers=default_headers,
                hooks=hooks,
                session=session,
                max_body_bytes=max_body_bytes,
                _clock=_clock,
            )
            first = self._targets()[0]
            if max_retries is None:
                self._max_retries = first.provider.max_retries
        finally:
            del api_key, api_keys  # not to be read from a traceback's frames
            keys = {}

    @classmethod
    def create(
        cls,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        **settings: Any,
    ) -> Self:
        """A client for ``model``; the settings are those of :class:`AiClient`."""
        try:
            return cls(
                model, api_key=api_key, base_url=base_url, timeout=timeout, **settings
            )
        finally:
            del api_key
            settings.clear()

    @staticmethod
    def builder() -> AiClientBuilder:
        """Settings one after the other, then ``build()``."""
        from .builder import AiClientBuilder

        return AiClientBuilder()

    def chat(self) -> ChatRequestBuilder:
        """A request to fill and to send."""
        return ChatRequestBuilder(self, self._targets(), policy=self._policy)

    def operation(
        self,
        name: str,
        body: Mapping[str, Any] | None = None,
        *,
        fallback: str | None = None,
        names: Mapping[str, Any] | None = None,
        timeout: Any = UNSET,
        max_retries: Any = UNSET,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """What the provider answers to an operation besides chat, as JSON data.

        >>> client.operation("rerank", {"query": "sea", "documents": [...]})
        ... # doctest: +SKIP

        :param name: as the manifest has it (``embeddings``, ``video``, ``mcp``).
        :param fallback: the path, beginning with ``/``, where the manifest has none.
        :param names: what stands for the path's placeholders: ``{"id": "vid_1"}``.
        :raises UnsupportedCapabilityError: where the manifest declares no such thing;
            nothing was sent.
        """
        from .operations import call

        return call(
            self,
            self._targets()[0].provider,
            name,
            body,
            fallback=fallback,
            names=names,
            timeout=timeout,
            max_retries=max_retries,
            headers=headers,
        )

    def _target(self, model: str) -> Target:
        """Another model, of whichever provider, as this client asks it."""
        return target(self, self._loader, model)

    @property
    def media(self) -> Media:
        """Speech to text, text to speech, pictures, films: see ``docs/media.md``."""
        from ..media.client import Media

        return Media(self)

    def _targets(self) -> list[Target]:
        """The model and its fallbacks, by the manifests as they are now."""
        known: list[Target] | None = self._added.get("")
        if known is None or self._loader.hot_reload:
            known = [target(self, self._loader, model) for model in self._models]
            self._added[""] = known
        return known

    def _knows(self, name: str) -> bool:
        return True  # a key for whom no fallback asks does no harm

    @property
    def model_id(self) -> str:
        """The model's name as the provider knows it."""
        return self._targets()[0].model

    @property
    def provider_id(self) -> str:
        """The manifest's id."""
        return str(self.manifest.data["id"])

    @property
    def manifest(self) -> Manifest:
        """What is known of the provider."""
        return self._targets()[0].provider.manifest

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The models that are asked where the first one fails."""
        return self._models[1:]

    def __repr__(self) -> str:
        models = " then ".join(getattr(self, "_models", ()))
        return f"<AiClient of {models}>"


def _timeout(manifest: Manifest) -> Timeout:
    """The manifest's time limit is one of connecting: answers take longer than that."""
    connect = manifest.data.get("timeout_s") or 5.0
    return Timeout(TOTAL_S, connect=float(connect))
