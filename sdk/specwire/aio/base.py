"""The base of every async client, ours and generated ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ..core.client import BaseClient
from ..core.types import UNSET
from .belonging import adopt as adopt
from .session import AsyncSession
from .twin import Managed

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.hooks import Hook
    from ..core.signals import SignalsSnapshot
    from ..core.types import Timeout, Unset


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

    def signals_snapshot(self) -> SignalsSnapshot:
        """What the hooks show of their state; nothing is waited for."""
        return self._of.signals_snapshot()

    async def aclose(self) -> None:
        """End the calls under way, in all tasks, and close the connections."""
        engine = self._of._engine
        self._of.close()
        # One that was given is closed though nothing was asked.
        given = engine.given_session is not None
        session = engine._connect() if given else engine._session
        if isinstance(session, AsyncSession):
            await session.aclose()

    async def close(self) -> None:
        """As :meth:`aclose`."""
        await self.aclose()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
