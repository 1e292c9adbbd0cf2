"""The base of every client, ours and generated ones: settings and a life.

Settings are fixed when a client is made; ``with_options`` gives a copy with others that
shares the connections. Nothing here knows a resource: those come from the surface that
the generator writes.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from .. import __version__
from .auth import Grant, Keyring, Service
from .clock import Clock
from .engine import Engine
from .hooks import Hook
from .retry import checked_retries
from .types import UNSET, Timeout, Unset
from .wire import checked_base_url, checked_headers, merge, origin

if TYPE_CHECKING:
    import requests

    from .resource import Extras, Limits, Operation
    from .signals import SignalsSnapshot

C = TypeVar("C", bound="BaseClient")

USER_AGENT = f"specwire/{__version__} python/{platform.python_version()}"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BaseClient:
    """Settings, connections and credentials of one client; safe to share by threads.

    :param api_keys: service -> key; where one is missing its variable is read when a
        call needs it.
    :param base_urls: service -> URL; else its variable, else the service's own.
    :param timeout: seconds the whole call may take, retries included, or a
        :class:`~specwire.Timeout`; ``None`` is no limit.
    :param max_retries: how often a failed attempt is repeated, 0 to 1,000.
    :param default_headers: sent with every request.
    :param hooks: see every attempt, in this order.
    :param max_body_bytes: how large a whole reply may be once it is decompressed; a
        larger one is a ``DecodeError``. Streams, rows and downloads have no such bound.
    :param strict: check each request by the API's document before it is sent: the
        whole JSON body, ``extra_body`` too, the query and the headers. What fails is a
        ``RequestValidationError`` with ``pointer`` and ``expected``. It costs some
        milliseconds a call, and what is newer than the document is refused.
    :param session: a ``requests.Session`` of your own, for proxies, certificates and
        adapters; it is used as it is and closed with the client.
    :raises ValueError: for a key or URL that cannot be used; keys are never shown.
    """

    _services: Mapping[str, Service] = {}
    _documents: ClassVar[str] = ""
    """The folder of the services' documents, beside the module of the class that names
    it; empty: none come with the package."""
    _list_style: ClassVar[str] = "form,true"
    """How lists in ``extra_query`` are written: ``a=1&a=2``."""
    _adapts: ClassVar[bool] = False
    """Whether :meth:`_adapted` is asked before each call; costs nothing else."""
    _kept: ClassVar[tuple[str, ...]] = (
        "_timeout",
        "_max_retries",
        "_default_headers",
        "_hooks",
        "_strict",
        "_base_urls",
        "_base_headers",
        "_other_urls",
        "_added",
        "_engine",
    )
    """What a client made by :meth:`with_options` has of the one it was made from."""
    _standing: ClassVar[tuple[Hook, ...]] = ()
    """For tests: hooks of every client made from now on, behind its own."""
    _usual_clock: ClassVar[Callable[[], Clock]] = Clock
    """For tests: what the time of such clients is told by."""
    _lent: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """What a kind of client adds to all its resources: name -> made from one."""

    def __init__(
        self,
        *,
        api_keys: Mapping[str, str | Grant] | None = None,
        base_urls: Mapping[str, str] | None = None,
        timeout: float | Timeout | None = 600.0,
        max_retries: int = 2,
        default_headers: Mapping[str, str] | None = None,
        hooks: Sequence[Hook] = (),
        strict: bool = False,
        session: requests.Session | None = None,
        max_body_bytes: int = 64 << 20,
        _clock: Clock | None = None,
    ) -> None:
        try:
            _known("api_keys", api_keys, self)
            keyring = Keyring(api_keys)
        finally:
            del api_keys  # what was refused must not be read from a traceback's frames
        _known("base_urls", base_urls, self)
        self._timeout = Timeout.of(timeout)
        self._max_retries = checked_retries(max_retries)
        self._default_headers = _headers(default_headers)
        self._hooks = _hooks(hooks, self._standing)
        self._strict = self._checked_strict(strict)
        self._base_urls = {
            name: _base_url(service, base_urls)
            for name, service in self._services.items()
        }
        self._other_urls = {
            name: checked_base_url(name, url)
            for name, url in (base_urls or {}).items()
            if name not in self._services
        }
        self._added: dict[str, Any] = {}
        """What else is asked than the services, by name; see :meth:`_serve`."""
        warn_of_cleartext(self._base_urls)
        self._base_headers = {
            name: _base_headers(service) for name, service in self._services.items()
        }
        parts = (self._services, keyring, session, _clock or type(self)._usual_clock())
        self._engine = self._new_engine(*parts)
        self._engine.max_body_bytes = _positive("max_body_bytes", max_body_bytes)

    def _new_engine(
        self,
        services: Mapping[str, Service],
        keyring: Keyring,
        session: requests.Session | None,
        clock: Clock,
    ) -> Engine:
        """What sends this client's calls."""
        return _engine(self._base_urls, services, keyring, session, clock)

    def with_options(
        self: C,
        *,
        timeout: float | Timeout | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        default_headers: Mapping[str, str] | Unset | None = UNSET,
        hooks: Sequence[Hook] | Unset = UNSET,
        strict: bool | Unset = UNSET,
    ) -> C:
        """A client with other settings that shares this one's connections and keys."""
        other = type(self).__new__(type(self))
        for name in self._kept:
            setattr(other, name, getattr(self, name))
        if not isinstance(timeout, Unset):
            other._timeout = Timeout.of(timeout)
        if not isinstance(max_retries, Unset):
            other._max_retries = checked_retries(max_retries)
        if not isinstance(default_headers, Unset):
            other._default_headers = _headers(default_headers)
        if not isinstance(hooks, Unset):
            other._hooks = _hooks(hooks, self._standing)
        if not isinstance(strict, Unset):
            other._strict = self._checked_strict(strict)
        return other

    def _knows(self, name: str) -> bool:
        """Whether keys and URLs may be given for ``name``, which is no service yet."""
        return False

    def _serve(self, service: Service, base_url: str) -> None:
        """Ask ``service`` from now on too, and so do clients on these connections."""
        engine = self._engine
        url = checked_base_url(service.name, base_url)
        warn_of_cleartext({service.name: url})
        with engine.making:
            self._base_urls[service.name] = url
            self._base_headers[service.name] = _base_headers(service)
            engine.services = {**engine.services, service.name: service}

    def _adapted(
        self,
        operation: Operation[Any],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> tuple[Mapping[str, Any], Limits, Extras]:
        """What a call is made of, in place of what its method was given."""
        return args, limits, extras

    def _checked_strict(self, strict: bool) -> bool:
        if strict and not self._documents:
            raise ValueError(
                f"strict: no documents come with {type(self).__module__}, so there is "
                "nothing to check requests by; a package that is built with "
                "`bundle = true` in its plan has them"
            )
        return strict

    def _document_of(self, service: str) -> tuple[str, str]:
        """The folder of the document of ``service``, and its name there."""
        home = next(c for c in type(self).__mro__ if "_documents" in c.__dict__)
        file = sys.modules[home.__module__].__file__ or ""
        folder = os.path.join(os.path.dirname(file), self._documents)
        return folder, self._services[service].keys

    def signals_snapshot(self) -> SignalsSnapshot:
        """What the hooks show of their state: circuit, calls under way, rate left."""
        from .signals import SignalsSnapshot

        engine = self._engine
        known = {"current_inflight": engine.under_way}
        return SignalsSnapshot.of(self._hooks, known, engine.clock.time())

    def close(self) -> None:
        """End the calls under way, in all threads, and close the connections."""
        self._engine.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        urls = getattr(self, "_base_urls", {})  # a client half made is shown as well
        places = ", ".join(f"{name}={url}" for name, url in urls.items())
        return f"{type(self).__name__}({places})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} holds connections and keys and cannot be "
            "pickled; make one in each process"
        )


def _positive(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected int, got {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name}: expected 1 or more, got {value}")
    return value


def _engine(
    base_urls: Mapping[str, str],
    services: Mapping[str, Service],
    keyring: Keyring,
    session: requests.Session | None,
    clock: Clock,
) -> Engine:
    for service in services.values():
        if any(scheme.grants for scheme in service.schemes.values()):
            from .tokens import TokenEngine

            return TokenEngine(base_urls, services, keyring, session, clock)
    return Engine(services, keyring, session, clock)


def _known(name: str, given: Mapping[str, object] | None, client: BaseClient) -> None:
    if given is None:
        return
    services = client._services
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        del given
        raise TypeError(
            f"{name}: expected a mapping of {' or '.join(services)} to text, got {kind}"
        )
    for service in given:
        base = service.partition(".")[0] if isinstance(service, str) else service
        if base not in services and not client._knows(base):
            raise ValueError(
                f"{name}: no service of that name; known: {', '.join(services)}"
            )


def _headers(headers: Mapping[str, str] | None) -> dict[str, str | None]:
    return checked_headers("default_headers", headers) if headers else {}


def _hooks(hooks: Sequence[Hook], standing: tuple[Hook, ...]) -> tuple[Hook, ...]:
    for hook in hooks:
        if not hasattr(hook, "before_attempt"):
            raise TypeError(f"hooks: expected Hook, got {type(hook).__name__}")
    if standing:
        hooks = [hook for hook in hooks if hook not in standing]
    return (*hooks, *standing)


def _base_url(service: Service, given: Mapping[str, str] | None) -> str:
    url = (given or {}).get(service.name)
    if url is None and service.base_url_env:
        url = os.environ.get(service.base_url_env, "").strip() or None
    url = url or service.base_url
    if not url or (url == service.base_url and url.startswith("/")):
        # The document names no server, or a path alone: the first call says so.
        return ""
    return checked_base_url(service.name, url)


def _base_headers(service: Service) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, **service.headers}
    variable = service.headers_env
    if variable and os.environ.get(variable, "").strip():
        from .env_headers import headers_in

        merge(headers, headers_in(variable, os.environ[variable]))
    return headers


def warn_of_cleartext(base_urls: Mapping[str, str]) -> None:
    """Once a host, whichever services are asked there."""
    asked: dict[str, list[str]] = {}
    for name, url in base_urls.items():
        scheme, host, _ = origin(url)
        if scheme == "http" and host not in LOOPBACK and not host.startswith("127."):
            asked.setdefault(host, []).append(name)
    for host, names in asked.items():
        from .warned import warn

        warn(
            f"{', '.join(names)}: {host} is asked over plain http, which shows the "
            "key to everyone on the way; use https"
        )
