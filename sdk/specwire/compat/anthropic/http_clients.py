"""``http_client=``: what a program may hand over as its way to the network.

A ``requests.Session`` is used as it is. A client of httpx is asked for each request, so
that its proxies, mounts, transports and hooks (and ``respx``) go on working
(:mod:`.over_httpx`). Settings (:mod:`specwire.compat.httpx`) become connections of our
own. Each is made to look like the little of a session of requests that the core needs:
``send``, ``merge_environment_settings``, ``close``.
"""

from __future__ import annotations

import os
import ssl
import sys
import threading
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ...core.errors import RequestValidationError
from ...core.types import UNSET
from .. import httpx as settings
from ..httpx import Client as Settings
from .over_httpx import Lent

if TYPE_CHECKING:
    import requests

    from ...core.session import Session

_EXPECTED: Final = (
    "http_client: expected a synchronous httpx.Client, a requests.Session or a "
    "specwire.compat.httpx.Client, got {}"
)


def connections(http_client: Any) -> Session:
    """The transport over ``http_client``."""
    from ...core.session import Session

    return Session(session_of(http_client))


def session_of(http_client: Any) -> Any:
    """What the core may use as its session; ``None`` for its own.

    Whatever ``http_client`` is, a client can be made with it; where it cannot be used,
    the first call says what is expected.
    """
    if http_client is None or hasattr(http_client, "merge_environment_settings"):
        return http_client
    for_tasks = isinstance(http_client, settings.AsyncClient)
    if isinstance(http_client, Settings) and not for_tasks:
        return Configured(http_client)
    asked = [getattr(http_client, name, None) for name in ("build_request", "send")]
    usable = (callable(each) and not iscoroutinefunction(each) for each in asked)
    if all(usable) and not for_tasks:
        return Lent(http_client)
    return Refused(type(http_client).__name__)


def timeout_of(http_client: Any) -> Any:
    """The time-out that ``http_client`` was given; ``UNSET`` where none was.

    An ``httpx.Client`` always has one, so its five seconds count as none.
    """
    timeout = getattr(http_client, "timeout", UNSET)
    parts = [getattr(timeout, name, None) for name in ("connect", "read", "write")]
    usual = parts == [5.0] * 3 and not isinstance(http_client, Settings)
    of_aiohttp = hasattr(timeout, "sock_connect")
    return UNSET if usual or of_aiohttp else timeout


def DefaultHttpxClient(**options: Any) -> Any:
    """A client for ``http_client=`` with the usual limits.

    Settings, unless an option is one that only a real ``httpx.Client`` has (a
    ``transport``, ``mounts``); then it is one, where the program has imported httpx.
    """
    return _usual("Client", options)


def DefaultAsyncHttpxClient(**options: Any) -> Any:
    """As :func:`DefaultHttpxClient`, for the async client: an ``httpx.AsyncClient``."""
    return _usual("AsyncClient", options)


def DefaultAioHttpClient(**options: Any) -> Any:
    """As :func:`DefaultAsyncHttpxClient`; connections are aiohttp's in any case."""
    return _usual("AsyncClient", options)


def _usual(kind: str, options: dict[str, Any]) -> Any:
    httpx: Any = sys.modules.get("httpx")
    try:
        return getattr(settings, kind)(**options)
    except TypeError:
        if httpx is None:
            raise
    options.setdefault("timeout", httpx.Timeout(600.0, connect=5.0))
    options.setdefault("follow_redirects", True)
    options.setdefault("limits", httpx.Limits(max_connections=1000))
    return getattr(httpx, kind)(**options)


class Refused:
    """In the place of a session that cannot be one."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def send(self, *_: Any, **__: Any) -> NoReturn:
        raise RequestValidationError(_EXPECTED.format(self._kind))

    merge_environment_settings = send

    def close(self) -> None:
        """Nothing is open."""


# -- settings ----------------------------------------------------------------------


class Configured:
    """Connections of our own with the settings of a program, made when first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Any = None
        self._making = threading.Lock()

    def send(self, request: Any, **options: Any) -> requests.Response:
        for name, value in self._settings.headers.items():
            request.headers.setdefault(name, value)
        response: requests.Response = self._made().send(request, **options)
        return response

    def merge_environment_settings(self, url: str, *_: Any) -> dict[str, Any]:
        """Proxies that are set leave none to the environment, as with httpx."""
        given = self._settings
        found: dict[str, Any] = self._made().merge_environment_settings(
            url, {}, True, None, None
        )
        if given.proxies:
            found["proxies"] = given.proxies
        if given.verify is not True:
            found["verify"] = given.verify
        found["cert"] = given.cert or found["cert"]
        own = isinstance(given.verify, ssl.SSLContext)
        password = isinstance(given.cert, (tuple, list)) and len(given.cert) > 2
        if password or (own and given.cert):  # requests has no form for these
            found["verify"], found["cert"] = _context(given), None
        return found

    def _made(self) -> Any:
        from ...core.session import POOL_SIZE, _Session

        with self._making:
            if self._session is None:
                limits = self._settings.limits
                kept = limits.max_keepalive_connections or limits.max_connections
                self._session = _Session(kept or POOL_SIZE)
                self._session.trust_env = self._settings.trust_env
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


def _context(settings: Settings) -> ssl.SSLContext:
    """TLS settings with a client's certificate that requests has no form for."""
    cert: Any = settings.cert
    context = trusting(settings.verify)
    context.load_cert_chain(*(cert if isinstance(cert, (tuple, list)) else (cert,)))
    return context


def trusting(verify: Any) -> ssl.SSLContext:
    """TLS settings by what httpx calls ``verify``."""
    if isinstance(verify, ssl.SSLContext):
        return verify
    context = ssl.create_default_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is not True:
        place = os.fspath(verify)
        folder = os.path.isdir(place)
        context.load_verify_locations(*((None, place) if folder else (place, None)))
    return context
