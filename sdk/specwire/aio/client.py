"""``AsyncClient``, and the base of every async client, generated ones too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ..client import Client
from ..core.client import BaseClient
from ..core.types import UNSET
from .faces.workflows import AsyncWorkflowCalls
from .resources._surface import AsyncSurface
from .session import AsyncSession
from .twin import Managed

if TYPE_CHECKING:
    import aiohttp
    from typing_extensions import Self

    from ..chat.loader import ManifestLoader
    from ..core.auth import Grant
    from ..core.clock import Clock
    from ..core.hooks import Hook
    from ..core.types import Timeout, Unset
    from ..mixins.contracts import ApiVersion

C = TypeVar("C", bound=BaseClient)


def adopt(client: C) -> C:
    """Let ``client``, which has asked nothing yet, be asked in tasks and wait there."""
    engine = client._engine
    engine.transport = AsyncSession
    return client


class AsyncBaseClient(Managed[BaseClient]):
    """Base of every async client: a synchronous one, asked through the bridge.

    Settings are those of the synchronous client; ``session`` is an
    ``aiohttp.ClientSession`` of your own, which is used as it is and closed with the
    client. One client serves any number of tasks of one event loop at a time.
    """

    _sync: ClassVar[type[BaseClient]] = BaseClient

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(self._built(self._sync, **settings))
        finally:
            del settings  # keys must not be read from a traceback's frames

    @classmethod
    def _built(cls, make: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return adopt(super()._built(make, *args, **kwargs))
        finally:
            del args, kwargs

    def with_options(
        self,
        *,
        timeout: float | Timeout | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        default_headers: Mapping[str, str] | Unset | None = UNSET,
        hooks: Sequence[Hook] | Unset = UNSET,
        strict: bool | Unset = UNSET,
    ) -> Self:
        """A client with other settings that shares this one's connections and keys."""
        other = self._of.with_options(
            timeout=timeout,
            max_retries=max_retries,
            default_headers=default_headers,
            hooks=hooks,
            strict=strict,
        )
        return self._around(other)

    async def aclose(self) -> None:
        """End the calls under way, in all tasks, and close the connections."""
        self._of.close()
        session = self._of._engine._session
        if isinstance(session, AsyncSession):
            await session.aclose()

    async def close(self) -> None:
        """As :meth:`aclose`."""
        await self.aclose()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


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
