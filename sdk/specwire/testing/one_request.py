"""``recorded``: the one request that a block makes, without sending it."""

from __future__ import annotations

import json as _json
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from ..core.client import BaseClient
from ..core.errors import RequestValidationError
from ..core.hooks import Hook
from ..core.types import UNSET
from ..core.wire import Call, Headers, Request

if TYPE_CHECKING:
    from ..aio.base import AsyncBaseClient

_BASE_URL = "https://recorded.invalid"


class recorded:
    """The one request that a block makes; nothing is sent and no key is needed.

    The call ends the block: what it would return is not made up. ``refused`` says that
    the arguments cannot be sent and must be refused before.

    >>> with recorded(Client) as sent:  # doctest: +SKIP
    ...     sent.client.files.delete("file_1")
    >>> sent.expect("DELETE", "/v1/files/file_1")  # doctest: +SKIP

    An async client is recorded by ``async with``, and its call awaited in the block.

    :ivar client: a client of the class that was given; what it is called with is not
        type-checked, as samples need not be.
    :ivar request: the request, once the block has ended.
    :raises AssertionError: at the end of a block that made none.
    """

    def __init__(
        self,
        client: type[BaseClient] | type[AsyncBaseClient],
        *,
        refused: bool = False,
    ) -> None:
        self._refused = refused
        self._stop = _Stop()
        sync = client if issubclass(client, BaseClient) else client._sync
        self.client: Any = client(
            base_urls=dict.fromkeys(sync._services, _BASE_URL),
            hooks=[self._stop],
        )

    def __enter__(self) -> recorded:
        # That the API calls an operation deprecated is no failure of its test.
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore", DeprecationWarning)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        self.client.close()
        return self._ended(error)

    async def __aenter__(self) -> recorded:
        return self.__enter__()

    async def __aexit__(
        self, _: object, error: BaseException | None, __: object
    ) -> bool:
        await self.client.aclose()
        return self._ended(error)

    def _ended(self, error: BaseException | None) -> bool:
        """Whether the block ended as it should; what it raised is not the caller's."""
        self._warnings.__exit__(None, None, None)
        if self._refused and isinstance(error, RequestValidationError):
            return True
        if error is not None and not isinstance(error, _Recorded):
            return False
        if self._refused or error is None:
            wanted = "a refusal" if self._refused else "one call"
            raise AssertionError(f"recorded: expected {wanted} in the block, got none")
        return True

    @property
    def request(self) -> Request:
        """What would have been sent, without its credential."""
        if self._stop.request is None:
            raise AssertionError("recorded: the block has made no call yet")
        return self._stop.request

    @property
    def path(self) -> str:
        """The URL behind the service's base URL, without the query."""
        return self.request.url[len(_BASE_URL) :].partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query, decoded, in order."""
        return parse_qsl(self.request.url.partition("?")[2], keep_blank_values=True)

    @property
    def content(self) -> bytes:
        """The body as bytes; empty if there is none."""
        body = self.request.body
        return body.encode() if isinstance(body, str) else bytes(body or b"")

    def expect(
        self,
        method: str,
        path: str | None,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        cookies: Sequence[tuple[str, str]] = (),
        json: Any = UNSET,
        form: Sequence[tuple[str, str]] = (),
        parts: Sequence[str] = (),
        content: bytes | None = None,
    ) -> None:
        """Compare the request; of query, headers, cookies, form and parts, those named.

        ``json`` and ``content`` are the whole body, ``parts`` names in a multipart
        body; ``path=None`` compares no path.

        :raises AssertionError: with what differs, what was expected and what came.
        """
        _same("method", method, self.request.method)
        if path is not None:
            _same("path", path, self.path)
        _within("query", query, self.query)
        sent = Headers.of(self.request.headers.items())
        for name, value in (headers or {}).items():
            _same(f"header {name!r}", value, sent.get(name))
        cookie = sent.get("cookie", "")
        _within("cookies", [f"{k}={v}" for k, v in cookies], cookie.split("; "))
        if json is not UNSET:
            _same("JSON body", json, _json.loads(self.content))
        if content is not None:
            _same("body", content, self.content)
        if form:
            _within("form", form, parse_qsl(self.content.decode(), True))
        for part in parts:
            _within("parts", [f'name="{part}"'], self.content.decode("latin-1"))


class _Recorded(BaseException):
    """Ends the call; no ``except Exception`` on the way may take it for a failure."""


class _Stop(Hook):
    """Keeps the request and goes no further."""

    request: Request | None = None

    def before_attempt(self, call: Call) -> NoReturn:
        self.request = call.request
        if hasattr(call.request.body, "read"):  # it is closed when the call ends
            call.request.body = call.request.body.read()
        raise _Recorded


def _same(what: str, expected: object, got: object) -> None:
    if got != expected:
        raise AssertionError(f"{what}: expected {expected!r}, got {got!r}")


def _within(what: str, expected: Sequence[object], got: Any) -> None:
    for each in expected:
        if each not in got:
            raise AssertionError(f"{what}: expected {each!r} among {got!r}")
