"""Fetching and keeping OAuth 2 tokens, for clients whose services need them.

A token is fetched through the client's own engine, inside the deadline of the call that
needs it, by one call at a time; kept until shortly before it expires; and fetched
anew once where the service refuses a kept one. It is never written to disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from .auth import Grant, Issuer, Scheme, Secret, Service
from .client import LOOPBACK, BaseClient
from .engine import Engine
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    DecodeError,
    RequestValidationError,
    SpecwireError,
    shortened,
)
from .oauth import ClientCredentials, OAuth2
from .resource import Operation
from .results import Json
from .turns import Turns
from .types import Timeout
from .wire import Call, Reply, Request, origin

if TYPE_CHECKING:
    import requests

    from .clock import Clock
    from .hooks import Hook

_FORM: Final = "application/x-www-form-urlencoded"
_EARLY_S: Final = 60.0
"""How long before its end a token is not used any more; a tenth of short lives."""


class _Held:
    """The token of one grant: fetched by one call at a time."""

    __slots__ = ("service", "token", "turns", "until")

    def __init__(self, service: str) -> None:
        self.turns = Turns()
        self.service = service
        self.token: Secret | None = None
        self.until = 0.0


class Tokens(Issuer):
    """The tokens of one client's engine."""

    def __init__(self, engine: Engine, base_urls: Mapping[str, str]) -> None:
        self._engine = engine
        self._base_urls = base_urls
        self._held: dict[Any, _Held] = {}
        self._pid = os.getpid()

    def secret(
        self, call: Call, service: Service, scheme: Scheme, grant: Grant
    ) -> Secret:
        """The token for ``grant``: a kept one, or one that is fetched now.

        :raises AuthenticationError: where the token endpoint refuses.
        """
        assert isinstance(scheme, OAuth2)
        assert isinstance(grant, ClientCredentials)
        url = self._url(call, service, scheme, grant)
        held = self._slot((service.keys, url, scheme.scopes, *grant.key()), service)
        token, until = held.token, held.until
        if token is None or self._engine.clock.monotonic() >= until:
            token = self._fetched(call, held, scheme, grant, url)
            call.scratch[Tokens] = None
        else:
            call.scratch[Tokens] = (held, token)
        return token

    def issued(self, service: Service) -> Iterable[Secret]:
        kept = [h for h in self._held.values() if h.service == service.keys]
        return [held.token for held in kept if held.token is not None]

    def dropped(self, call: Call) -> bool:
        """Forget the kept token that ``call`` was sent with; false if it was fresh."""
        found = call.scratch.pop(Tokens, None)
        if found is None:
            return False
        held, token = found
        if held.token is token:  # else another call has brought a newer one
            held.until = 0.0
        return True

    def _slot(self, key: Any, service: Service) -> _Held:
        if self._pid != os.getpid():
            # It may have been the turn of a thread that did not come along.
            self._pid, self._held = os.getpid(), {}
        return self._held.setdefault(key, _Held(service.keys))

    def _fetched(
        self,
        call: Call,
        held: _Held,
        scheme: OAuth2,
        grant: ClientCredentials,
        url: str,
    ) -> Secret:
        with held.turns.turn(self._engine.remaining_s(call)) as mine:
            if not mine:
                raise APITimeoutError(
                    f"{call.name}: the call's time limit of {call.timeout.total} s is "
                    "over while another one fetches a token",
                    retryable=False,
                    started=False,
                )
            now = self._engine.clock.monotonic()
            if held.token is not None and now < held.until:
                return held.token
            data = self._asked(call, scheme, grant, url)
            held.token = token = _token(data, f"{call.name}: token from {_shown(url)}")
            held.until = now + _life(data.get("expires_in"))
            return token

    def _asked(
        self, call: Call, scheme: OAuth2, grant: ClientCredentials, url: str
    ) -> Mapping[str, Any]:
        """Ask the endpoint, with the call's own retries and what is left of its time.

        A failure has used both up: the call is not tried again after it.
        """
        inner = _request(call, scheme, grant, url, self._engine.remaining_s(call))
        failure: SpecwireError
        try:
            found: Mapping[str, Any] = self._engine.send(inner)
            return found
        except APIStatusError as error:
            failure = _refusal(error)
        except DecodeError as error:
            # What it quotes may be a token.
            kind = shortened(error.content_type or "none", 80)
            said = f"the reply is no JSON object (content-type {kind})"
            failure = DecodeError(f"{inner.name}: {said}", status_code=200)
        except APIConnectionError as error:
            failure = error.with_traceback(None)
            failure.started = False  # the service itself has not seen the call
        call.max_retries = 0
        raise failure

    def _url(
        self, call: Call, service: Service, scheme: OAuth2, grant: ClientCredentials
    ) -> str:
        # A service at another place than the document's signs in at the document's.
        base = self._base_urls.get(service.keys) or self._base_urls[service.name]
        url = urljoin(f"{base}/", grant.token_url or scheme.token_url or "")
        problem = (
            _unfit(url) if grant.token_url or scheme.token_url else "none is known"
        )
        if problem:
            raise RequestValidationError(
                f"{call.name}: no token can be fetched: {problem}; give "
                "ClientCredentials(token_url=...), or a token as the key"
            )
        return url


def _unfit(url: str) -> str | None:
    """Why a client's secret must not be sent to ``url``."""
    try:
        scheme, host, _ = origin(url)
        user = "@" in urlsplit(url).netloc
    except ValueError:
        return "its URL is not one"
    if user or scheme not in ("https", "http") or not host:
        return "its URL is not plain http(s)"
    if scheme == "http" and host not in LOOPBACK and not host.startswith("127."):
        return f"{host} would be asked over plain http, which shows the secret"
    return None


def _shown(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def _request(
    call: Call, scheme: OAuth2, grant: ClientCredentials, url: str, left: float
) -> Call:
    """The call to the token endpoint."""
    form = {"grant_type": "client_credentials"}
    scopes = scheme.scopes if grant.scopes is None else grant.scopes
    if scopes:
        form["scope"] = " ".join(scopes)
    headers = {"Accept": "application/json", "Content-Type": _FORM}
    headers["User-Agent"] = call.request.headers.get("User-Agent", "specwire")
    if grant.method == "client_secret_post":
        form |= {"client_id": grant.client_id, "client_secret": grant.secret.reveal()}
    else:
        headers["Authorization"] = f"Basic {grant.basic()}"
    body = urlencode({**form, **grant.extra}).encode()
    limit = call.timeout
    return Call(
        _operation(f"{call.name}: token from {_shown(url)}", call.service),
        Request("POST", url, headers, body),
        Timeout(
            None if left == float("inf") else max(left, 0.001),
            limit.connect,
            limit.read,
            limit.write,
        ),
        call.max_retries,
    )


def _operation(name: str, service: str) -> Operation[Any]:
    result = Json(lambda: dict[str, Any])
    return Operation(name, service, "POST", "", result, auth=())


def _refusal(error: APIStatusError) -> SpecwireError:
    """A refusal for good (RFC 6749, 5.2) is one of the credentials."""
    if 400 <= error.status_code < 500 and not error.retryable:
        facts = {**error.__dict__, "status_code": error.status_code}
        return AuthenticationError(error.message, **facts)
    return error.with_traceback(None)


def _token(data: Mapping[str, Any], where: str) -> Secret:
    kind, value = data.get("token_type"), data.get("access_token")
    if isinstance(kind, str) and kind.lower() != "bearer":
        raise DecodeError(f"{where}: expected a bearer token, got another kind")
    try:
        if isinstance(value, str):
            return Secret(value, name="access_token")
    except ValueError:
        pass
    finally:
        del value, data
    raise DecodeError(f"{where}: the reply holds no access_token that can be sent")


def _life(said: Any) -> float:
    """For how long a token is used, in seconds; without a word until it is refused."""
    try:
        life = float(said)
    except (TypeError, ValueError):
        return float("inf")
    return max(life - min(_EARLY_S, life / 10), 0.0)


# -- the client's parts ------------------------------------------------------------


class TokenEngine(Engine):
    """An engine that knows tokens: one that was kept and is refused is fetched anew."""

    def __init__(self, base_urls: Mapping[str, str], *args: Any) -> None:
        super().__init__(*args)
        self._tokens = Tokens(self, base_urls)
        self.keyring.issuer = self._tokens

    def _outdated(self, call: Call, reply: Reply) -> bool:
        again = getattr(call.request.body, "rewindable", True)
        # 401 is said before any work is done, so every operation may come again.
        return reply.status_code == 401 and again and self._tokens.dropped(call)


class TokenClient(BaseClient):
    """A client whose services give tokens: it takes an id and a secret as well.

    :param client_id: with ``client_secret`` what tokens are fetched with; else the
        services' variables are read. ``api_keys`` takes
        :class:`~specwire.core.auth.ClientCredentials`, which say more, or a token.

    The other parameters are those of :class:`~specwire.core.client.BaseClient`.
    """

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        api_keys: Mapping[str, str | Grant] | None = None,
        base_urls: Mapping[str, str] | None = None,
        timeout: float | Timeout | None = 600.0,
        max_retries: int = 2,
        default_headers: Mapping[str, str] | None = None,
        hooks: Sequence[Hook] = (),
        session: requests.Session | None = None,
        _clock: Clock | None = None,
    ) -> None:
        try:
            if client_id or client_secret:
                if not (client_id and client_secret):
                    raise ValueError("client_id and client_secret go together")
                grant = ClientCredentials(client_id, client_secret)
                api_keys = {**_for_all(grant, self._services), **(api_keys or {})}
            super().__init__(
                api_keys=api_keys,
                base_urls=base_urls,
                timeout=timeout,
                max_retries=max_retries,
                default_headers=default_headers,
                hooks=hooks,
                session=session,
                _clock=_clock,
            )
        finally:
            del client_secret, api_keys  # not to be read from a traceback's frames


def _for_all(grant: Grant, services: Mapping[str, Service]) -> dict[str, Grant]:
    """``grant`` as the key of every scheme that takes one."""
    return {
        f"{service.keys}.{name}": grant
        for service in services.values()
        for name, scheme in service.schemes.items()
        if scheme.grants
    }
