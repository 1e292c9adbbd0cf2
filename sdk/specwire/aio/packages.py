"""Bases of the async clients of generated packages: their settings, typed.

What they do is :class:`~specwire.aio.base.AsyncBaseClient`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from .base import AsyncBaseClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aiohttp
    from typing_extensions import Unpack

    from ..core.auth import Grant
    from ..core.clock import Clock
    from ..core.hooks import Hook
    from ..core.types import Timeout


class _Common(TypedDict, total=False):
    api_keys: Mapping[str, str | Grant] | None
    base_urls: Mapping[str, str] | None
    timeout: float | Timeout | None
    max_retries: int
    default_headers: Mapping[str, str] | None
    hooks: Sequence[Hook]
    session: aiohttp.ClientSession | None
    _clock: Clock | None


class Settings(_Common, total=False):
    """What :class:`~specwire.core.client.BaseClient` takes; a session is aiohttp's."""

    strict: bool
    max_body_bytes: int


class TokenSettings(_Common, total=False):
    """What :class:`~specwire.core.tokens.TokenClient` takes."""

    client_id: str | None
    client_secret: str | None


class AsyncPackageClient(AsyncBaseClient):
    """The async client of a generated package; see :class:`Settings`."""

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[Settings]) -> None: ...


class AsyncTokenClient(AsyncBaseClient):
    """One whose services give tokens; see :class:`TokenSettings`."""

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[TokenSettings]) -> None: ...
