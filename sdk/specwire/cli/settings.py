"""The settings of a command: flag, environment, project file, user file, keyring,
default; the first that says something counts.

A key is never an argument. A project's file is often somebody else's: it may send the
keys that it holds itself, but where the user's own keys go is not for it to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from ..core.auth import Secret
from ..core.errors import MissingCredentialError
from . import config_files, inputs
from .exits import UsageError

if TYPE_CHECKING:
    import argparse

    from ..client import Client

FLAG, ENVIRONMENT, KEYRING, DEFAULT = "flag", "environment", "keyring", "default"
PROJECT_FILE, USER_FILE = "project file", "user file"
_DEFAULTS: Final[Mapping[str, Any]] = {
    "model": "anthropic/claude-sonnet-4-5",
    "system": None,
    "max_tokens": None,
    "timeout": 600.0,
    "max_retries": 2,
}
_KEYRING_SERVICE: Final = "specwire"


class Found(NamedTuple):
    """A setting, and where it is from: its source, and the name it has there."""

    value: Any
    source: str
    name: str = ""


class Settings:
    """All settings of one command.

    :param flags: those that were given; ``None`` is not given.
    :param files: those that count, in this order; else they are looked for.
    """

    def __init__(
        self,
        flags: Mapping[str, Any] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        files: Iterable[config_files.File] | None = None,
    ) -> None:
        self._flags = flags or {}
        self._environ = os.environ if environ is None else environ
        if files is None:
            files = config_files.found(self._environ, os.curdir)
        self.files = list(files)

    @classmethod
    def of(cls, options: argparse.Namespace) -> Settings:
        """Those of a command with ``options``."""
        return cls(vars(options))

    def get(self, name: str) -> Found:
        """One setting.

        :raises UsageError: for a variable that cannot be what it is to be.
        """
        given = self._flags.get(name)
        if given is not None:
            return Found(given, FLAG, f"--{name.replace('_', '-')}")
        variable = f"SPECWIRE_{name.upper()}"
        text = self._environ.get(variable, "").strip()
        if text:
            return Found(_typed(name, text, variable), ENVIRONMENT, variable)
        for file in self.files:
            if name in file.values:
                return Found(file.values[name], file.kind, file.path)
        return Found(_DEFAULTS[name], DEFAULT)

    def text(self, name: str) -> str | None:
        """A setting that a flag may name a file for.

        Only a flag: a project's file must not say which of the user's files are sent.
        """
        found = self.get(name)
        if found.value is None:
            return None
        if found.source == FLAG:
            return inputs.text_of(str(found.value), found.name)
        return str(found.value)

    def all(self) -> dict[str, Found]:
        """Every setting but keys and addresses."""
        return {name: self.get(name) for name in _DEFAULTS}

    # -- keys and addresses ------------------------------------------------------------

    def key(self, service: str, *, keyring: bool = True) -> Found | None:
        """The key of a service or provider; ``None`` where there is none."""
        for variable in key_variables(service):
            value = self._environ.get(variable, "").strip()
            if value:
                return Found(value, ENVIRONMENT, variable)
        found = self._in_files("api_keys", service)
        if found is None and keyring:
            held = _from_keyring(service)
            found = Found(held, KEYRING, _KEYRING_SERVICE) if held else None
        return found

    def base_url(self, service: str) -> Found | None:
        """The address that was said; ``None`` is the service's own.

        :raises UsageError: where a project's file would send the user's key away.
        """
        given = self._flags.get("base_url")
        if given is not None:
            return Found(given, FLAG, "--base-url")
        variable = f"{service.upper().replace('-', '_')}_BASE_URL"
        value = self._environ.get(variable, "").strip()
        if value:
            return Found(value, ENVIRONMENT, variable)
        found = self._in_files("base_urls", service)
        if found is not None and found.source == PROJECT_FILE:
            self._check_sent(service, found, variable)
        return found

    def _in_files(self, table: str, service: str) -> Found | None:
        for file in self.files:
            value = file.values.get(table, {}).get(service, "").strip()
            if value:
                return Found(value, file.kind, file.path)
        return None

    def _check_sent(self, service: str, url: Found, variable: str) -> None:
        host = urlsplit(url.value).hostname or ""
        if host in ("localhost", "::1") or host.startswith("127."):
            return
        key = self.key(service)
        if key is None or key.source == PROJECT_FILE:
            return
        raise UsageError(
            f"{url.name} would send the {service} key of the {key.source} to {host}; "
            f"where you mean that, say so with --base-url or {variable}, or in "
            f"{config_files.user_path(self._environ)}"
        )

    def _named(self, table: str) -> Iterator[str]:
        for file in self.files:
            yield from file.values.get(table, {})

    # -- what is made of them ----------------------------------------------------------

    def client(self, *services: str, hooks: Iterable[Any] | None = None) -> Client:
        """A client with these settings that can ask ``services``.

        :raises UsageError: for settings that cannot be used.
        """
        from ..client import Client
        from .plugged import registry

        names = dict.fromkeys([*services, *self._named("api_keys")])
        keys = {name: self.key(name, keyring=name in services) for name in names}
        for name in services:
            problem = key_problem(name, keys[name])
            if problem:
                raise MissingCredentialError(problem)
        names = dict.fromkeys([*services, *self._named("base_urls")])
        urls = {name: self._url_of(name, services) for name in names}
        try:
            return Client(
                # A variable may be of any of a service's schemes: it is read there.
                api_keys={
                    name: found.value
                    for name, found in keys.items()
                    if found is not None and found.source != ENVIRONMENT
                },
                base_urls={n: f.value for n, f in urls.items() if f is not None},
                timeout=float(self.get("timeout").value),
                max_retries=int(self.get("max_retries").value),
                hooks=list(registry().hooks() if hooks is None else hooks),
            )
        except (TypeError, ValueError) as error:
            raise UsageError(str(error)) from None

    def _url_of(self, name: str, services: tuple[str, ...]) -> Found | None:
        found = self.base_url(name)
        if found is None or found.source == ENVIRONMENT:
            return None  # the client reads it itself
        return None if found.source == FLAG and name not in services else found


def key_problem(service: str, key: Found | None) -> str:
    """Why a key cannot be one; no part of it is quoted."""
    if key is None:
        return ""
    where = {ENVIRONMENT: key.name, KEYRING: f"the keyring's key of {service}"}
    usual = f"{key.name}: api_keys.{service}"
    try:
        Secret(key.value, name=where.get(key.source, usual))
    except ValueError as error:
        return str(error)
    return ""


def key_variables(service: str) -> list[str]:
    """The variables that a service's or provider's key is looked up in."""
    from ..client import Client

    known = Client._services.get(service)
    names = [v for s in known.schemes.values() for v in s.variables] if known else []
    from ..chat import builtin

    if service in builtin.ids():
        auth = builtin.record(service).get("auth") or {}
        names += [*(auth.get("env") or ()), *(auth.get("conventional") or ())]
    usual = f"{service.upper().replace('-', '_')}_API_KEY"
    return list(dict.fromkeys(names or [usual]))


def _typed(name: str, text: str, variable: str) -> Any:
    kind = config_files.TYPES[name][-1]
    try:
        value = kind(text)
    except ValueError:
        word = kind.__name__
        raise UsageError(f"{variable}: expected {word}, got {text!r}") from None
    return config_files.checked(name, value, variable)


def _from_keyring(service: str) -> str | None:
    """A missing package, or a backend that fails, is no key and no error."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]

        value = keyring.get_password(_KEYRING_SERVICE, service)
    except Exception:
        return None
    return value.strip() or None if isinstance(value, str) else None
