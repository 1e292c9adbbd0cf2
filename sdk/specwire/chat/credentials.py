"""Keys of providers: where they are looked for, and how they stand on a request.

The chain: what was given, the manifest's variables, ``{ID}_API_KEY``, the keyring (the
extra ``specwire[keyring]``). An empty variable is none. Variables of an authentication
block that another one overrules are never read. No value is in a ``repr``, a message or
a pickle.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final, NoReturn

from ..core.auth import Need, Scheme, Secret
from .record import Described, part, provider

KEYRING_SERVICES: Final = ("specwire", "ai-protocol", "ai-lib")
REDACTED: Final = "<redacted>"


class ResolvedCredential:
    """What the chain found.

    :ivar status: ``available``, ``missing``, or ``not_required``.
    :ivar source_kind: ``explicit``, ``manifest_env``, ``conventional_env``,
        ``keyring`` or ``none``.
    :ivar source_name: the variable or the keyring's service; ``None`` without a source.
    :ivar required: the manifest's variables.
    :ivar conventional_fallbacks: the variables that are read after those.
    :ivar diagnostics: what to do about it, a line each; without values.
    """

    __slots__ = (
        *("status", "source_kind", "source_name", "required"),
        *("conventional_fallbacks", "diagnostics", "secret", "implicit"),
    )

    def __init__(
        self,
        secret: Secret | None,
        source: tuple[str, str | None],
        required: Sequence[str],
        conventional: Sequence[str],
        diagnostics: Sequence[str],
        *,
        implicit: bool = True,
        needed: bool = True,
    ) -> None:
        self.secret = secret
        self.source_kind, self.source_name = source
        absent = "missing" if needed else "not_required"
        self.status = "available" if secret is not None else absent
        self.required = list(required)
        self.conventional_fallbacks = list(conventional)
        self.diagnostics = list(diagnostics)
        self.implicit = implicit

    @property
    def available(self) -> bool:
        return self.secret is not None

    @property
    def implicit_env_allowed(self) -> bool:
        """Whether the environment may be read at all."""
        return self.implicit

    @property
    def implicit_keyring_allowed(self) -> bool:
        return self.implicit

    @property
    def value_redacted(self) -> bool:
        """Always: the value is in ``secret``, which does not show it."""
        return True

    def diagnostic_text(self) -> str:
        return "; ".join(self.diagnostics)

    def to_dict(self) -> dict[str, Any]:
        """All but the value."""
        names = (n for n in self.__slots__ if n not in ("secret", "implicit"))
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return f"ResolvedCredential({self.status}, {self.source_name or 'no source'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential cannot be pickled or copied to another process")


def resolve(
    manifest: Described,
    explicit: str | Secret | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    keyring: Any = True,
    runtime: str = "native",
) -> ResolvedCredential:
    """Look for the provider's key.

    :param explicit: the key itself; wins over everything.
    :param environ: the environment; that of the process if not given.
    :param keyring: whether the keyring is asked, or what is asked in its place: any
        object with ``get_password(service, user)``.
    :param runtime: where the program runs; one of the ``wasm`` kind has no environment
        and no keyring, and is given its keys by the host.
    :raises ValueError: for a key that cannot stand in a header. It is not shown.
    """
    auth = part(manifest, "auth")
    required = list(auth.get("env") or ())
    others = [name for name in auth.get("conventional") or () if name not in required]
    hosted = runtime.lower().startswith("wasm")
    notes = _shadowed(auth)
    needed = auth.get("type") != "none"
    try:
        found = _explicit(explicit, hosted)
    finally:
        del explicit
    if found is None and not hosted:
        found = _from_environment(required, others, environ)
        if found is None and keyring and needed:
            found = _from_keyring(manifest, None if keyring is True else keyring)
    if found is None:
        if needed:
            notes.insert(0, _advice(manifest, required, others, hosted))
            if keyring is True and not hosted:
                notes += _without_keyring()
        found = None, ("none", None)
    secret, source = found
    return ResolvedCredential(
        secret, source, required, others, notes, implicit=not hosted, needed=needed
    )


_Found = tuple[Secret | None, tuple[str, str | None]]


def _explicit(given: str | Secret | None, hosted: bool) -> _Found | None:
    try:
        if given is None or (isinstance(given, str) and not given.strip()):
            return None
        secret = given if isinstance(given, Secret) else Secret(given)
        return secret, ("explicit", "host_supplied" if hosted else "explicit")
    finally:
        del given  # a refused key must not be read from a traceback's frames


def _from_environment(
    required: Sequence[str], others: Sequence[str], environ: Mapping[str, str] | None
) -> _Found | None:
    for kind, names in (("manifest_env", required), ("conventional_env", others)):
        for name in names:
            value = _variable(name, environ)
            try:
                if value:
                    return Secret(value, name=name), (kind, name)
            finally:
                del value
    return None


def _variable(name: str, environ: Mapping[str, str] | None) -> str:
    # Not a local of a caller: a traceback's frames would have all of it.
    return (os.environ if environ is None else environ).get(name, "").strip()


def _from_keyring(manifest: Described, backend: Any) -> _Found | None:
    """A missing package, or a backend that fails, is no key and no error."""
    if backend is None:
        try:
            import keyring as backend  # type: ignore[import-not-found,unused-ignore,no-redef]
        except Exception:
            return None
    for service in KEYRING_SERVICES:
        try:
            value = backend.get_password(service, provider(manifest))
            if isinstance(value, str) and value.strip():
                return Secret(value.strip()), ("keyring", service)
        except Exception:
            return None
        finally:
            value = None
    return None


def _without_keyring() -> list[str]:
    from contextlib import suppress
    from importlib.util import find_spec

    from ..core.extras import command

    with suppress(ImportError):
        if find_spec("keyring") is not None:
            return []
    return [f"the system's keyring was not asked: {command('keyring')}"]


def _advice(
    manifest: Described, required: Sequence[str], others: Sequence[str], hosted: bool
) -> str:
    if hosted:
        return f"no key for {provider(manifest)!r}: the host has to supply it"
    names = " or ".join([*required, *others])
    return f"no key for {provider(manifest)!r}: set {names}, or pass api_key="


def _shadowed(auth: Mapping[str, Any]) -> list[str]:
    names = list(auth.get("shadowed") or ())
    if not names:
        return []
    return [
        f"{', '.join(names)} is of an authentication block that endpoint.auth "
        "overrules, and is not read; remove the block from the manifest"
    ]


# -- on the request ----------------------------------------------------------------


class ProviderKey(Scheme):
    """How a manifest says that its key stands: a header, or a member of the query.

    :ivar name: the header's, or the member's.
    :ivar prefix: what stands before the key in the header: ``Bearer``.
    """

    __slots__ = ("manifest", "name", "prefix", "where")

    def __init__(self, manifest: Described) -> None:
        super().__init__()
        auth = part(manifest, "auth")
        kind = auth.get("type") or "bearer"
        self.manifest = manifest
        self.where = "query" if kind == "query" else "header"
        bearer = kind in ("bearer", "none")
        self.name = str(
            auth.get("name") or ("Authorization" if bearer else "x-api-key")
        )
        prefix = None if kind == "none" else auth.get("prefix")
        self.prefix = str(("Bearer" if bearer else "") if prefix is None else prefix)

    @property
    def variables(self) -> tuple[str, ...]:
        auth = part(self.manifest, "auth")
        names = (*(auth.get("env") or ()), *(auth.get("conventional") or ()))
        return tuple(dict.fromkeys(names))

    @property
    def hint(self) -> str:
        return "; ".join(_without_keyring())

    def found(self) -> Secret | None:
        return resolve(self.manifest).secret

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> None:
        self.write(secret.reveal(), headers, query)

    def write(
        self, key: str, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> None:
        """Put ``key`` where it goes."""
        if self.where == "query":
            query[self.name] = key
        else:
            headers[self.name] = f"{self.prefix.strip()} {key}".strip()

    def stands_in(self, headers: Any) -> bool:
        return self.where == "header" and self.name.lower() in headers


def scheme(manifest: Described) -> ProviderKey:
    """How the provider's key is put on a request."""
    return ProviderKey(manifest)


def need(manifest: Described) -> Need:
    """Whether a call has to have the key of scheme ``key``.

    A provider that takes none (a server on this machine) gets one that there is: many
    of them stand behind a proxy that asks for it.
    """
    keyless = part(manifest, "auth").get("type") == "none"
    return (("key",), ()) if keyless else (("key",),)


def attachment(
    manifest: Described,
    explicit: str | Secret | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    keyring: Any = True,
    runtime: str = "native",
) -> dict[str, Any]:
    """How the key would stand on a request, to be shown: without the key.

    ``{"headers": {...}, "query_params": {...}, "status": ..., "source_kind": ...,
    "source_name": ...}``
    """
    try:
        found = resolve(
            manifest, explicit, environ=environ, keyring=keyring, runtime=runtime
        )
    finally:
        del explicit
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    if found.available:
        scheme(manifest).write(REDACTED, headers, query)
    return {
        "headers": headers,
        "query_params": query,
        "status": found.status,
        "source_kind": found.source_kind,
        "source_name": found.source_name,
    }
