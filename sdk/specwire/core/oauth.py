"""OAuth 2 without a user (RFC 6749, section 4.4): the scheme, and who asks for tokens.

Values only; :mod:`specwire.core.tokens` fetches. Loaded where a service has the scheme.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote_plus

from .auth import Bearer, Grant, Secret, from_env

_METHODS = ("client_secret_basic", "client_secret_post")


class OAuth2(Bearer):
    """A bearer token that an OAuth 2 server issues.

    A token is given as the service's key or in the variable ``env``; else it is fetched
    from ``token_url`` (relative ones are resolved against the service's base URL) with
    :class:`ClientCredentials`, or with the pair that the other two variables hold.
    """

    __slots__ = ("client_id_env", "client_secret_env", "scopes", "token_url")
    grants = True

    def __init__(
        self,
        token_url: str | None,
        *,
        scopes: tuple[str, ...] = (),
        env: str | None = None,
        client_id_env: str | None = None,
        client_secret_env: str | None = None,
    ) -> None:
        super().__init__(env=env)
        self.token_url = token_url
        self.scopes = scopes
        self.client_id_env = client_id_env
        self.client_secret_env = client_secret_env

    @property
    def variables(self) -> tuple[str, ...]:
        pair = filter(None, (self.client_id_env, self.client_secret_env))
        return (*super().variables, *filter(None, (" and ".join(pair),)))

    def found(self) -> Secret | Grant | None:
        token = from_env(self.env)
        if token is not None or not self.client_id_env:
            return token
        client_id = os.environ.get(self.client_id_env, "").strip()
        secret = from_env(self.client_secret_env)
        return ClientCredentials(client_id, secret) if client_id and secret else None


class ClientCredentials(Grant):
    """What an application proves itself with to a token endpoint; given as a key.

    >>> Client(api_keys={"shop": ClientCredentials("id", "secret")})  # doctest: +SKIP

    :param scopes: asked for instead of those that the document lists.
    :param method: ``client_secret_basic`` (a header) or ``client_secret_post`` (in the
        form), as the server wants it.
    :param token_url: where tokens are had, instead of the document's place.
    :param extra: more members of the form, such as ``{"audience": ...}``.
    """

    __slots__ = ("client_id", "extra", "method", "scopes", "secret", "token_url")

    def __init__(
        self,
        client_id: str,
        client_secret: str | Secret,
        *,
        scopes: Sequence[str] | None = None,
        method: str = "client_secret_basic",
        token_url: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.client_id = client_id
        try:
            if method not in _METHODS:
                raise ValueError(f"method: expected {' or '.join(_METHODS)}")
            if isinstance(scopes, str):
                raise TypeError("scopes: expected a list of texts, got one text")
            if isinstance(client_secret, str):
                client_secret = Secret(client_secret, name="client_secret")
            if not isinstance(client_secret, Secret):
                kind = type(client_secret).__name__
                raise TypeError(f"client_secret: expected str, got {kind}")
            self.secret = client_secret
        finally:
            del client_secret  # a refused one must not be read from a traceback
        self.scopes = None if scopes is None else tuple(scopes)
        self.method = method
        self.token_url = token_url
        self.extra = dict(extra or {})

    def basic(self) -> str:
        """The pair as Basic has it, each part form-encoded (RFC 6749, 2.3.1)."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret.reveal())}"
        return base64.b64encode(pair.encode()).decode()

    def forms(self) -> tuple[str, ...]:
        plain = self.secret.reveal()
        return (*self.secret.forms(), quote_plus(plain), self.basic())

    def identity(self) -> tuple[str, ...]:
        asked = self.scopes, sorted(self.extra.items()), self.token_url
        return self.basic(), repr(asked)

    def key(self) -> tuple[Any, ...]:
        """What makes its tokens another's."""
        who = (self.client_id, self.secret, self.method, self.token_url)
        return (*who, self.scopes, tuple(sorted(self.extra.items())))

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client_id!r}, '***')"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials cannot be pickled or copied to another process")
