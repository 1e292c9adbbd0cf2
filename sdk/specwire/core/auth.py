"""Credentials: how a key is kept, looked up and put on a request.

A key lives in a :class:`Secret`, is looked up when a call needs it, and is put on per
attempt, at the last moment, by the callable that :meth:`Keyring.credential` gives. It
is bound to the origin of its service's base URL and is never a session's header.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Container, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeAlias
from urllib.parse import quote

from .errors import MissingCredentialError

if TYPE_CHECKING:
    import requests

    from .wire import Call

Signer: TypeAlias = "Callable[[requests.PreparedRequest], None]"
"""Puts a signature on a request that is complete but for it."""

_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")

Need: TypeAlias = tuple[tuple[str, ...], ...]
"""OR of ANDs of scheme ids; an empty inner tuple is "no credential needed"."""


class Secret:
    """A credential: never shown, never pickled; :meth:`reveal` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str, *, name: str = "api_key") -> None:
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected str, got {type(value).__name__}")
        value = value.strip(" \t")
        # The value must not be quoted: a key with a stray line feed is still a key.
        if not _PRINTABLE.match(value):
            del value  # nor be read from this frame in a traceback
            raise ValueError(
                f"{name}: expected printable ASCII without blanks or line ends; "
                "check for a line feed at its end (the value is not shown)"
            )
        self._value = value

    def reveal(self) -> str:
        return self._value

    def forms(self) -> tuple[str, ...]:
        """The value as it may stand on the wire: plain, as Basic has it, in an URL."""
        basic = base64.b64encode(self._value.encode()).decode()
        return self._value, basic, quote(self._value, safe="")

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied to another process")


class Grant:
    """What a credential is got with where it is not held itself.

    The one that there is, an OAuth 2 client's id and secret, is in
    ``specwire.core.oauth``, which is loaded where a service needs it.
    """

    __slots__ = ()

    def forms(self) -> tuple[str, ...]:
        """What must not be shown of it."""
        raise NotImplementedError

    def identity(self) -> tuple[str, ...] | None:
        """What tells whose it is; ``None`` where only its use would tell."""
        return None


# -- schemes: how a credential stands in a request ---------------------------------


class Scheme:
    """One way of proving who asks. ``env`` names the variable it is looked up in."""

    __slots__ = ("env",)
    grants: ClassVar[bool] = False
    """Whether a :class:`Grant` will do."""

    def __init__(self, *, env: str | None = None) -> None:
        self.env = env

    @property
    def variables(self) -> tuple[str, ...]:
        """Where a credential may be put into the environment, for messages."""
        return (self.env,) if self.env else ()

    @property
    def hint(self) -> str:
        """What else might be done where there is none, for messages."""
        return ""

    def found(self) -> Secret | Grant | None:
        """What the environment holds."""
        return from_env(self.env)

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> Signer | None:
        """Put ``secret`` on a request, or give what signs it when it is complete."""
        raise NotImplementedError

    def stands_in(self, headers: Container[str]) -> bool:
        """Whether the caller's own ``headers`` (lower-case names) have one already."""
        return "authorization" in headers


class ApiKey(Scheme):
    """A key in a header, a query parameter or a cookie."""

    __slots__ = ("name", "where")

    def __init__(self, where: str, name: str, *, env: str | None = None) -> None:
        super().__init__(env=env)
        self.where = where
        self.name = name

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> None:
        if self.where == "query":
            query[self.name] = secret.reveal()
        elif self.where == "cookie":
            others = f"{headers['Cookie']}; " if "Cookie" in headers else ""
            headers["Cookie"] = f"{others}{self.name}={secret.reveal()}"
        else:
            headers[self.name] = secret.reveal()

    def stands_in(self, headers: Container[str]) -> bool:
        return self.where == "header" and self.name.lower() in headers


class Bearer(Scheme):
    """``Authorization: Bearer`` with a token (RFC 6750)."""

    __slots__ = ()

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> None:
        headers["Authorization"] = f"Bearer {secret.reveal()}"


class Basic(Scheme):
    """``Authorization: Basic`` (RFC 7617); the credential is ``user:password``."""

    __slots__ = ()

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> None:
        pair = base64.b64encode(secret.reveal().encode()).decode()
        headers["Authorization"] = f"Basic {pair}"


class Service:
    """One server an SDK talks to, as data: where it is and how it is asked.

    :param auth: which schemes together are enough, in order of preference.
    :param headers_env: the variable in which users put headers, a line each.
    :param keys: the service whose keys are used; its own if nothing is said.
    """

    __slots__ = (
        "auth",
        "base_url",
        "base_url_env",
        "headers",
        "headers_env",
        "keys",
        "name",
        "schemes",
    )

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        base_url_env: str | None = None,
        headers: Mapping[str, str] | None = None,
        headers_env: str | None = None,
        schemes: Mapping[str, Scheme] | None = None,
        auth: Need = (),
        keys: str | None = None,
    ) -> None:
        self.name = name
        self.keys = keys or name
        self.base_url = base_url
        self.base_url_env = base_url_env
        self.headers: Mapping[str, str] = headers or {}
        self.headers_env = headers_env
        self.schemes: Mapping[str, Scheme] = schemes or {}
        self.auth = auth


Credential: TypeAlias = Callable[
    [MutableMapping[str, str], dict[str, str]], "Signer | None"
]


class Issuer:
    """Gets credentials for grants, and knows which it got."""

    def secret(
        self, call: Call, service: Service, scheme: Scheme, grant: Grant
    ) -> Secret:
        raise NotImplementedError

    def issued(self, service: Service) -> Iterable[Secret]:
        """What may have been sent to ``service``, for redaction."""
        raise NotImplementedError


class Keyring:
    """The credentials of one client, by service.

    A key given as an argument answers for the first scheme of its service; otherwise
    each scheme's own variable is read, at the time of the call. Replacing a key is one
    assignment, so a call that has begun an attempt keeps the key it began it with.

    :ivar issuer: gets tokens; ``None`` where no service has them.
    """

    __slots__ = ("_given", "issuer")

    def __init__(self, api_keys: Mapping[str, Any] | None = None) -> None:
        self._given: dict[str, Secret | Grant] = {}
        self.issuer: Issuer | None = None
        try:
            for service in api_keys or ():
                self.set(service, (api_keys or {})[service])
        finally:
            del api_keys  # a refused key must not be read from a traceback's frames

    def set(self, service: str, key: Any) -> None:
        """Use ``key`` for ``service`` from the next attempt on; ``None`` is no key.

        :raises ValueError: for characters that cannot stand in a header.
        """
        if key is None or (isinstance(key, str) and not key.strip(" \t")):
            self._given = {k: v for k, v in self._given.items() if k != service}
            return
        try:
            known = isinstance(key, (Secret, Grant))
            secret = key if known else Secret(key, name="api_key")
        finally:
            del key
        self._given = {**self._given, service: secret}

    def shown(self, call: Call, service: Service) -> list[str]:
        """:meth:`secrets`, and those in the headers of ``call`` itself."""
        own: list[str] = []
        for name, value in call.request.headers.items():
            if any(s.stands_in((name.lower(),)) for s in service.schemes.values()):
                own += (value, value.partition(" ")[2])
        return [*filter(None, own), *self.secrets(service)]

    def copy(self) -> Keyring:
        other = Keyring()
        other._given = self._given
        return other

    def secrets(self, service: Service) -> list[str]:
        """Every credential that may have been sent to ``service``, for redaction."""
        names = (service.keys, *(f"{service.keys}.{id}" for id in service.schemes))
        found = [scheme.found() for scheme in service.schemes.values()]
        found += [self._given.get(name) for name in names]
        if self.issuer is not None:
            found += self.issuer.issued(service)
        shown = [form for s in found if s is not None for form in s.forms()]
        return sorted(dict.fromkeys(shown), key=len, reverse=True)

    def credential(self, call: Call, service: Service) -> Credential:
        """What puts the key on one attempt of ``call``.

        :raises MissingCredentialError: when none is at hand and the call needs one.
        """
        needs = service.auth if call.operation.auth is None else call.operation.auth
        if not needs:
            return _nothing
        given = set(map(str.lower, call.request.headers))
        for need in needs:
            found = self._all(need, service, given)
            if found is not None:
                return _put([self._ready(call, service, *pair) for pair in found])
        raise MissingCredentialError(_missing(call.name, needs, service))

    def _all(
        self, need: tuple[str, ...], service: Service, given: Container[str]
    ) -> list[tuple[Scheme, Secret | Grant]] | None:
        pairs = []
        first = next(iter(service.schemes), None)
        for scheme_id in need:
            scheme = service.schemes.get(scheme_id)
            if scheme is None:
                return None
            if scheme.stands_in(given):
                continue
            held = self._given.get(f"{service.keys}.{scheme_id}")
            if held is None:
                held = self._given.get(service.keys)
                # A bare key is for the first scheme; a grant for those that take it.
                alone = scheme_id == first or len(need) == 1
                if not (scheme.grants if isinstance(held, Grant) else alone):
                    held = None
            if held is None:
                held = scheme.found()
            if held is None:
                return None
            pairs.append((scheme, held))
        return pairs

    def _ready(
        self, call: Call, service: Service, scheme: Scheme, held: Secret | Grant
    ) -> tuple[Scheme, Secret]:
        if isinstance(held, Secret):
            return scheme, held
        assert self.issuer is not None, "a client whose services take grants has one"
        return scheme, self.issuer.secret(call, service, scheme, held)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self._given))})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Keyring cannot be pickled or copied to another process")


def from_env(variable: str | None) -> Secret | None:
    """The variable's value; an empty or blank one counts as absent."""
    value = os.environ.get(variable, "").strip() if variable else ""
    try:
        return Secret(value, name=variable or "api_key") if value else None
    finally:
        del value


def _nothing(headers: MutableMapping[str, str], query: dict[str, str]) -> None:
    """The credential of a call that needs none."""


def _put(pairs: list[tuple[Scheme, Secret]]) -> Credential:
    def put(headers: MutableMapping[str, str], query: dict[str, str]) -> Signer | None:
        sign = None
        for scheme, secret in pairs:
            sign = scheme.put(secret, headers, query) or sign
        return sign

    return put


def _missing(where: str, needs: Need, service: Service) -> str:
    schemes = [service.schemes.get(id) for need in needs for id in need]
    variables = [name for s in schemes if s is not None for name in s.variables]
    named = f"set {' or '.join(dict.fromkeys(variables))}, or " if variables else ""
    hints = dict.fromkeys(f"; {s.hint}" for s in schemes if s is not None and s.hint)
    return (
        f"{where}: no credential for {service.keys!r}; {named}"
        f"pass api_keys={{{service.keys!r}: ...}}{''.join(hints)}"
    )


if TYPE_CHECKING:
    from .oauth import ClientCredentials as ClientCredentials
    from .oauth import OAuth2 as OAuth2
else:

    def __getattr__(name: str) -> Any:
        """``OAuth2`` and ``ClientCredentials``, for the few who need them."""
        if name not in ("ClientCredentials", "OAuth2"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import oauth

        return getattr(oauth, name)
