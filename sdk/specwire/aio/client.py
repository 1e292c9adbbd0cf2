"""``AsyncClient``: every resource behind one object, for tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..client import Client
from .base import AsyncBaseClient
from .faces.workflows import AsyncWorkflowCalls
from .resources._surface import AsyncSurface

if TYPE_CHECKING:
    import aiohttp

    from ..chat.loader import ManifestLoader
    from ..core.auth import Grant
    from ..core.clock import Clock
    from ..core.hooks import Hook
    from ..core.types import Timeout
    from ..mixins.contracts import ApiVersion
    from .faces.chat_turn import AsyncChatRequestBuilder


class AsyncClient(AsyncWorkflowCalls, AsyncBaseClient, AsyncSurface):
    """All services with one set of settings, for tasks; see :class:`specwire.Client`.

    >>> async def main():
    ...     async with AsyncClient() as client:
    ...         message = await client.messages.create(
    ...             model="claude-sonnet-4-5", max_tokens=100,
    ...             messages=[{"role": "user", "content": "Hello"}],
    ...         )
    """

    _sync = Client

    def chat(self, model: str) -> AsyncChatRequestBuilder:
        """A chat request to any provider's model; see :meth:`specwire.Client.chat`."""
        return self._given(self._of.chat(model))

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
        session: aiohttp.ClientSession | None = None,
        max_body_bytes: int = 64 << 20,
        api_version: ApiVersion = "auto",
        loader: ManifestLoader | None = None,
        _clock: Clock | None = None,
    ) -> None:
        try:
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
                api_version=api_version,
                loader=loader,
                _clock=_clock,
            )
        finally:
            del api_keys  # what was refused must not be read from a traceback's frames
