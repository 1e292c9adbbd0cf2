"""The settings of the drop-in as attributes, and the forms in which they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.client import BaseClient
from ...core.retry import checked_retries
from ...core.types import UNSET
from ...core.wire import checked_base_url, checked_headers
from ..timeouts import Timeout
from .arguments import limit_of
from .constants import DEFAULT_TIMEOUT, WHOLE_TIMEOUT
from .credentials import Credentials

_SERVICE = "anthropic"


class Settings(BaseClient):
    """What programs read of a client, and may assign; no credential is in a repr."""

    webhook_key: str | None
    _default_query: dict[str, object]
    _given_timeout: Any
    _long: str
    _whole: Timeout

    @property
    def api_key(self) -> str | None:
        """The key that calls are made with; assigning does not change copies."""
        return self._shown("apiKey")

    @api_key.setter
    def api_key(self, key: str | None) -> None:
        self._set(key or "", None)

    @property
    def auth_token(self) -> str | None:
        """The token that calls are made with."""
        return self._shown("bearer")

    @auth_token.setter
    def auth_token(self, token: str | None) -> None:
        self._set(None, token or "")

    def _shown(self, scheme: str) -> str | None:
        keyring: Any = self._engine.keyring
        shown: str | None = keyring.revealed(self._services[_SERVICE], scheme)
        return shown

    def _set(self, key: str | None, token: str | None) -> None:
        keyring = Credentials.given(self._engine.keyring, key, token)
        self._engine = self._engine.beside(keyring, None)

    @property
    def base_url(self) -> str:
        """Without a slash at its end."""
        return self._base_urls[_SERVICE]

    @base_url.setter
    def base_url(self, url: Any) -> None:
        checked = checked_base_url(_SERVICE, str(url))
        self._base_urls = {**self._base_urls, _SERVICE: checked}

    @property
    def timeout(self) -> Any:
        """As it was given; ``DEFAULT_TIMEOUT`` where nothing was."""
        return self._given_timeout

    @timeout.setter
    def timeout(self, timeout: Any) -> None:
        given = DEFAULT_TIMEOUT if timeout is UNSET else timeout
        self._timeout = limit_of(given, whole=False)
        usual = given is DEFAULT_TIMEOUT
        self._whole = WHOLE_TIMEOUT if usual else limit_of(given, whole=True)
        self._given_timeout = given

    @property
    def max_retries(self) -> int:
        """How often a failed attempt is repeated."""
        return self._max_retries

    @max_retries.setter
    def max_retries(self, count: int) -> None:
        self._max_retries = checked_retries(count)

    @property
    def default_headers(self) -> dict[str, str]:
        """What every request is sent with, but for credentials."""
        sent = {**self._base_headers[_SERVICE], **self._default_headers}
        return {name: value for name, value in sent.items() if value is not None}

    @property
    def default_query(self) -> dict[str, object]:
        """The query parameters of every request."""
        return dict(self._default_query)

    def is_closed(self) -> bool:
        """Whether the client was closed; it makes no more calls then."""
        return self._engine.closed.is_set()


def added(
    before: Mapping[str, str | None], more: Mapping[str, Any] | None
) -> dict[str, str | None]:
    """Headers with ``more`` put over them; a name stands once, in any case of it."""
    names = {name.lower() for name in (more or {})}
    kept = {k: v for k, v in before.items() if k.lower() not in names}
    return {**kept, **checked_headers("default_headers", more or {})}


def one_of(
    what: str,
    before: Mapping[str, Any],
    more: Mapping[str, Any] | None,
    instead: Mapping[str, Any] | None,
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """What to begin with, and what to add.

    :raises ValueError: where both are given.
    """
    if more is not None and instead is not None:
        raise ValueError(
            f"give default_{what} to add to those there are, or set_default_{what} "
            "to replace them, not both"
        )
    return ({}, instead) if instead is not None else (before, more)


def checked_choice(name: str, value: str, *choices: str) -> str:
    if value not in choices:
        raise ValueError(f"{name}: expected {' or '.join(choices)}, got {value!r}")
    return value
