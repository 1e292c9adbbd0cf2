"""``Anthropic``: the client under its official name and with its official arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...client import Client
from ...core.types import UNSET, Timeout, Unset
from .http_clients import session_of, timeout_of

if TYPE_CHECKING:
    from ...core.auth import Grant
    from .views import RawView, StreamingView


def _raw(target: Any) -> RawView:
    from .views import RawView

    return RawView(target)


def _streaming(target: Any) -> StreamingView:
    from .views import StreamingView

    return StreamingView(target)


def _download(arrived: Any) -> Any:
    from .downloads import BinaryContent

    return BinaryContent(arrived)


class Anthropic(Client):
    """The client of the Messages API, as programs for ``anthropic`` know it.

    :param api_key: sent as ``x-api-key``; else ``ANTHROPIC_API_KEY`` is read when a
        call needs it.
    :param auth_token: sent as ``Authorization: Bearer``; else ``ANTHROPIC_AUTH_TOKEN``.
    :param http_client: an ``httpx.Client``, a ``requests.Session``, or the settings of
        :mod:`specwire.compat.httpx`; closed with the client.
    """

    _lent = {"with_raw_response": _raw, "with_streaming_response": _streaming}
    with_raw_response = property(_raw)
    """Each operation's reply: headers, status and body; ``parse()`` is its value."""
    with_streaming_response = property(_streaming)
    """The same in a ``with``: the body is not read before it is asked for."""

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
                timeout=_timeout(timeout, http_client),
                max_retries=max_retries,
                default_headers=default_headers,
                session=session_of(http_client),
            )
        finally:
            del api_key, auth_token, keys  # not to be read from a traceback's frames
        self._engine.downloads = _download


def _timeout(given: Any, http_client: Any) -> Any:
    """The client's time-out: its own, else that of what it is given, else the usual."""
    if isinstance(given, Unset):
        given = timeout_of(http_client)
    return 600.0 if isinstance(given, Unset) else given
