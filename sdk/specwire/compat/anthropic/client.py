"""``Anthropic``: the client under its official name and with its official arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...client import Client
from ...core.logs import hooks_from_env
from ...core.types import UNSET, Timeout, Unset

if TYPE_CHECKING:
    from ...core.auth import Grant


class Anthropic(Client):
    """The client of the Messages API, as programs for ``anthropic`` know it.

    :param api_key: sent as ``x-api-key``; else ``ANTHROPIC_API_KEY`` is read when a
        call needs it.
    :param auth_token: sent as ``Authorization: Bearer``; else ``ANTHROPIC_AUTH_TOKEN``.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        auth_token: str | None = None,
        webhook_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | Unset | None = UNSET,
        max_retries: int = 2,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, object] | None = None,
        http_client: Any = None,
        middleware: Any = None,
        _strict_response_validation: bool = False,
    ) -> None:
        keys: dict[str, str | Grant] = {}
        if api_key is not None:
            keys["anthropic.apiKey"] = api_key
        if auth_token is not None:
            keys["anthropic.bearer"] = auth_token
        try:
            super().__init__(
                api_keys=keys,
                base_urls={"anthropic": str(base_url)} if base_url else None,
                timeout=600.0 if isinstance(timeout, Unset) else timeout,
                max_retries=max_retries,
                default_headers=default_headers,
                hooks=hooks_from_env("ANTHROPIC_LOG"),
                session=http_client,
            )
        finally:
            del api_key, auth_token, keys  # not to be read from a traceback's frames
