"""The front door: ``Client``, every resource behind one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .core.client import BaseClient
from .mixins.contracts import ApiVersion, Contracts
from .mixins.workflows import WorkflowCalls
from .resources._surface import SERVICES, Surface

if TYPE_CHECKING:
    import requests

    from .chat.loader import ManifestLoader
    from .chat.provider import Target
    from .chat.turn import ChatRequestBuilder
    from .core.auth import Grant
    from .core.clock import Clock
    from .core.hooks import Hook
    from .core.types import Timeout


class Client(WorkflowCalls, BaseClient, Surface):
    """All services with one set of settings; safe to share between threads.

    >>> with Client() as client:  # doctest: +SKIP
    ...     message = client.messages.create(
    ...         model="claude-sonnet-4-5", max_tokens=100,
    ...         messages=[{"role": "user", "content": "Hello"}],
    ...     )

    Keys and URLs come from the arguments or from ``ANTHROPIC_API_KEY``,
    ``ANTHROPIC_AUTH_TOKEN``, ``ANTHROPIC_BASE_URL``, ``SIM_API_KEY`` and
    ``SIM_BASE_URL``; headers for a gateway, one ``Name: value`` a line, from
    ``ANTHROPIC_CUSTOM_HEADERS``. See :class:`~specwire.core.client.BaseClient` for the
    other settings.

    :param api_version: which contract of the workflow API to speak: ``"v1"`` (the paths
        below ``/api/workflows``), ``"v2"`` (those below ``/api/v2``), or ``"auto"``:
        what the server has, found out once for each.
    :param loader: where :meth:`chat` looks for manifests, in place of those that come
        with the package and a directory that the environment names.
    """

    _services = SERVICES
    _documents = "specs"
    _kept = (*BaseClient._kept, "_contracts", "_loaders")
    _loaders: dict[str, ManifestLoader]

    def chat(self, model: str) -> ChatRequestBuilder:
        """A chat request to any provider's model, to fill and to send.

        >>> client.chat("openai/gpt-4o").user("Hello").execute()  # doctest: +SKIP

        It goes over this client's connections, with its hooks, time limits and number
        of retries; the key is ``api_keys``' by the provider's id, or that of its
        variables, as :class:`~specwire.AiClient` has it.

        :raises ManifestError: for an unknown provider or model.
        """
        from .chat.turn import ChatRequestBuilder

        return ChatRequestBuilder(self, [self._target(model)])

    def _target(self, model: str) -> Target:
        """A model of a provider, as this client asks it."""
        from .chat.provider import target

        loader = self._loaders.get("")
        if loader is None:
            from .chat.loader import ManifestLoader

            loader = self._loaders.setdefault("", ManifestLoader())
        return target(self, loader, model)

    def _knows(self, name: str) -> bool:
        loader = self._loaders.get("")
        if loader is not None and name in loader.names():
            return True
        from .chat.loader import is_provider

        return is_provider(name)

    def __init__(
        self,
        *,
        api_keys: Mapping[str, str | Grant] | None = None,
        base_urls: Mapping[str, str] | None = None,
        timeout: float | Timeout | None = 600.0,
        max_retries: int = 2,
        default_headers: Mapping[str, str] | None = None,
        hooks: Sequence[Hook] = (),
        strict: bool = False,
        session: requests.Session | None = None,
        max_body_bytes: int = 64 << 20,
        api_version: ApiVersion = "auto",
        loader: ManifestLoader | None = None,
        _clock: Clock | None = None,
    ) -> None:
        try:
            self._contracts = Contracts(api_version)
            self._loaders = {} if loader is None else {"": loader}
            super().__init__(
                api_keys=api_keys,
                base_urls=base_urls,
                timeout=timeout,
                max_retries=max_retries,
                default_headers=default_headers,
                hooks=hooks,
                strict=strict,
                session=session,
                max_body_bytes=max_body_bytes,
                _clock=_clock,
            )
        finally:
            del api_keys  # what was refused must not be read from a traceback's frames
