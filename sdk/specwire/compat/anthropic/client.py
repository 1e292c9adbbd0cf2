"""``Anthropic``: the client under its official name and with its official arguments.

It is our client with another front: settings are taken and shown as the official one
does, calls are read by :mod:`.arguments`, and everything behind is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from ...client import Client
from ...core.logs import hooks_from_env
from ...core.types import UNSET, Unset
from ...core.types import Timeout as _Timeout
from ...resources._surface import SERVICES
from . import arguments
from .constants import AI_PROMPT, DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, HUMAN_PROMPT
from .credentials import Credentials, taking_both
from .http_clients import connections, timeout_of
from .lent import lend_all
from .paths import PathCalls
from .settings import Settings, added, checked_choice, one_of

if TYPE_CHECKING:
    from typing_extensions import Self

    from ...core.resource import Extras, Limits, Operation
    from .views import RawView, StreamingView


def raw(target: Any) -> RawView:
    from .views import RawView

    return RawView(target)


def streaming(target: Any) -> StreamingView:
    from .views import StreamingView

    return StreamingView(target)


def download(arrived: Any) -> Any:
    from .downloads import BinaryContent

    return BinaryContent(arrived)


lend_all()

_OWN = ("webhook_key", "_default_query", "_given_timeout", "_long", "_whole")


class Anthropic(Settings, PathCalls, Client):
    """The client of the Messages API, as programs for ``anthropic`` know it.

    >>> client = Anthropic()  # the key is in ANTHROPIC_API_KEY
    >>> message = client.messages.create(  # doctest: +SKIP
    ...     model="claude-sonnet-4-5", max_tokens=100,
    ...     messages=[{"role": "user", "content": "Hello"}],
    ... )

    :param api_key: sent as ``X-Api-Key``. Where neither it nor ``auth_token`` is given,
        ``ANTHROPIC_API_KEY`` and ``ANTHROPIC_AUTH_TOKEN`` are read when a call needs
        them; an empty value counts as absent. Without any the client can be made, and
        its first call says what to set.
    :param auth_token: sent as ``Authorization: Bearer``; with a key, both are sent.
    :param base_url: the API's URL; else ``ANTHROPIC_BASE_URL``.
    :param timeout: seconds that an attempt may take, and of a stream the longest
        silence; or a ``Timeout`` for its phases, or ``None`` for no limit. The default
        is 600 s, of which 5 s to connect.
    :param max_retries: how often a failed attempt is repeated.
    :param default_headers: sent with every request.
    :param default_query: query parameters of every request.
    :param http_client: an ``httpx.Client``, a ``requests.Session``, or the settings of
        :mod:`specwire.compat.httpx`; closed with the client.
    :param webhook_key: kept as an attribute; nothing here checks signatures.
    :param long_requests: ``"refuse"`` raises a ``ValueError`` for what is not streamed
        and may take over ten minutes by its ``max_tokens``, unless a time-out is set;
        ``"allow"`` sends it.
    :param middleware: not supported; hooks of ``specwire.Client`` do its work.
    :param _strict_response_validation: accepted; replies are always checked.
    """

    _list_style = "deepObject,true"
    _services = {**SERVICES, "anthropic": taking_both(SERVICES["anthropic"])}
    HUMAN_PROMPT = HUMAN_PROMPT
    AI_PROMPT = AI_PROMPT
    _adapts = True
    _lent = {"with_raw_response": raw, "with_streaming_response": streaming}
    with_raw_response = property(raw)
    """Each operation's reply: headers, status and body; ``parse()`` is its value."""
    with_streaming_response = property(streaming)
    """The same in a ``with``: the body is not read before it is asked for."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        auth_token: str | None = None,
        webhook_key: str | None = None,
        base_url: Any = None,
        timeout: float | _Timeout | Unset | Any | None = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, Any] | None = None,
        default_query: Mapping[str, object] | None = None,
        http_client: Any = None,
        middleware: Any = None,
        long_requests: Literal["refuse", "allow"] = "refuse",
        _strict_response_validation: bool = False,
    ) -> None:
        try:
            credentials = Credentials.given(None, api_key, auth_token)
        finally:
            del api_key, auth_token  # not to be read from a traceback's frames
        _no_middleware(middleware)
        super().__init__(
            base_urls={"anthropic": str(base_url)} if base_url else None,
            timeout=None,
            max_retries=max_retries,
            hooks=hooks_from_env("ANTHROPIC_LOG"),
            session=http_client,
        )
        credentials.issuer = self._engine.keyring.issuer
        self._engine.keyring = credentials
        self._engine.downloads = download
        self._engine.transport = connections
        self.timeout = timeout_of(http_client) if timeout is UNSET else timeout
        self.webhook_key = webhook_key
        self._default_headers = added({}, default_headers)
        self._default_query = dict(default_query or {})
        self._long = checked_choice("long_requests", long_requests, "refuse", "allow")

    def copy(
        self,
        *,
        api_key: str | None = None,
        auth_token: str | None = None,
        webhook_key: str | None = None,
        base_url: Any = None,
        timeout: float | _Timeout | Unset | Any | None = UNSET,
        http_client: Any = None,
        max_retries: int | Unset = UNSET,
        default_headers: Mapping[str, Any] | None = None,
        set_default_headers: Mapping[str, Any] | None = None,
        default_query: Mapping[str, object] | None = None,
        set_default_query: Mapping[str, object] | None = None,
        middleware: Any = None,
        long_requests: Literal["refuse", "allow"] | None = None,
        _extra_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """A client with other settings that shares this one's connections.

        ``default_headers`` and ``default_query`` are added to those there are;
        ``set_default_headers`` and ``set_default_query`` replace them. Closing one
        closes the connections of all that share them.

        :raises ValueError: where one is to be added to and replaced at once.
        """
        try:
            keyring = Credentials.given(self._engine.keyring, api_key, auth_token)
            other_keys = api_key is not None or auth_token is not None
        finally:
            del api_key, auth_token
        _no_middleware(middleware)
        other = Client.with_options(self)
        for name in _OWN:
            setattr(other, name, getattr(self, name))
        before, headers = one_of(
            "headers", self._default_headers, default_headers, set_default_headers
        )
        other._default_headers = added(before, headers)
        before, query = one_of(
            "query", self._default_query, default_query, set_default_query
        )
        other._default_query = {**before, **(query or {})}
        if base_url:
            other.base_url = base_url
        if timeout is not UNSET:
            other.timeout = timeout
        if not isinstance(max_retries, Unset):
            other.max_retries = max_retries
        if long_requests is not None:
            other._long = checked_choice(
                "long_requests", long_requests, "refuse", "allow"
            )
        other.webhook_key = webhook_key or self.webhook_key
        if http_client is not None or other_keys:
            other._engine = self._engine.beside(keyring, http_client)
        return other

    if TYPE_CHECKING:
        # The name ``Client`` has for it; the arguments are the official ones.
        def with_options(self, **options: Any) -> Self: ...

    else:
        with_options = copy

    def _adapted(
        self,
        operation: Operation[Any],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> tuple[Mapping[str, Any], Limits, Extras]:
        timeout, retries, key = limits
        headers, query, body = extras
        # What has no media type of its own is a download, and may take its time.
        whole = operation.result.accepts(args) == "application/json"
        whole = whole and not operation.files
        if timeout is UNSET:
            if self._timeout is DEFAULT_TIMEOUT and self._long == "refuse":
                arguments.refuse_long(operation, args)
            limit: _Timeout = self._whole if whole else self._timeout
        else:
            limit = arguments.limit_of(timeout, whole=whole)
        if self._default_query:
            query = arguments.with_defaults(operation, args, self._default_query, query)
        args = arguments.rewritten(operation, args)
        return args, (limit, retries, key), (headers, query, body)


def _no_middleware(middleware: Any) -> None:
    if middleware:
        raise NotImplementedError(
            "middleware is not supported: give hooks=[...] to specwire.Client, whose "
            "before_attempt and after_attempt see every attempt"
        )
