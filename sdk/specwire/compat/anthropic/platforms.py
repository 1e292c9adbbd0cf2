"""What Bedrock and Vertex have in common: a call is sent in the platform's own form.

Each serves the Messages API at other places, with its version in the body and with
credentials that another library finds. So a call is rewritten, or refused, once before
it is sent; attempts, deadlines, errors and streams stay the core's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qsl, quote, urlencode

from attrs import evolve

from ...core.auth import Grant, Issuer, Keyring, Scheme, Secret, Service
from ...core.clock import Clock
from ...core.codec import dumps, loads
from ...core.engine import Engine
from ...core.errors import APITimeoutError, RequestValidationError
from ...core.extras import lacking
from ...core.hooks import Hook
from ...core.retry import DEFAULT_POLICY, Policy
from ...core.turns import Turns
from ...core.wire import (
    Call,
    Reply,
    Request,
    path_segment,
    with_query,
)
from .client import Anthropic
from .credentials import Credentials

if TYPE_CHECKING:
    import requests
    from typing_extensions import Self

MESSAGES: Final = "/v1/messages"
COUNT_TOKENS: Final = "/v1/messages/count_tokens"


# -- credentials that another library finds ----------------------------------------


class Held(Grant):
    """Credentials that are looked up or refreshed by one call at a time."""

    __slots__ = ("_pid", "_turns")

    def __init__(self) -> None:
        self._turns = Turns()
        self._pid = os.getpid()

    def secret(self, call: Call, left: Callable[[], float]) -> Secret:
        """What ``call`` is sent with; ``left`` tells the seconds it still has.

        :raises MissingCredentialError: where there is nothing to send it with.
        :raises APIConnectionError: where they could not be asked for.
        """
        raise NotImplementedError

    def dropped(self, call: Call) -> bool:
        """Forget what ``call`` was refused with; false if it was just got."""
        return False

    @contextmanager
    def turn(self, call: Call, left: Callable[[], float]) -> Iterator[None]:
        """This call's turn; waits for the others no longer than it may take."""
        if self._pid != os.getpid():
            # It may have been the turn of a thread that did not come along.
            self._pid, self._turns = os.getpid(), Turns()
        with self._turns.turn(left()) as mine:
            if not mine:
                raise APITimeoutError(
                    f"{call.name}: the call's time limit is over while another one "
                    "asks for credentials",
                    retryable=False,
                    started=False,
                )
            yield


class _Issuer(Issuer):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def secret(
        self, call: Call, service: Service, scheme: Scheme, grant: Grant
    ) -> Secret:
        assert isinstance(grant, Held)
        call.scratch[_Issuer] = grant
        return grant.secret(call, self._left(call))

    def _left(self, call: Call) -> Callable[[], float]:
        """What is left of the call, and of its attempt, which begins now."""
        now, limit = self._engine.clock.monotonic, call.timeout.attempt
        end = float("inf") if limit is None else now() + limit
        return lambda: min(end - now(), self._engine.remaining_s(call))

    def issued(self, service: Service) -> Iterable[Secret]:
        return ()  # a Held tells its own forms


# -- calls in a platform's form ----------------------------------------------------


class PlatformEngine(Engine):
    """Sends calls of messages as ``platform`` takes them, and refuses the others."""

    platform: ClassVar[str]
    version: ClassVar[str]
    """What ``anthropic_version`` says in a body."""
    offers: ClassVar[frozenset[str]]
    """The paths of operations that the platform has."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.keyring.issuer = _Issuer(self)

    def send(
        self, call: Call, hooks: tuple[Hook, ...] = (), policy: Policy = DEFAULT_POLICY
    ) -> Any:
        return super().send(self.placed(call), hooks, policy)

    def placed(self, call: Call) -> Call:
        """A copy of ``call`` that the platform understands.

        :raises RequestValidationError: for an operation that it does not have.
        """
        operation, request = call.operation, call.request
        path = operation.path.partition("?")[0]
        if operation.service == "anthropic" and not path.startswith("/v1/"):
            return call  # a path of the platform's own, by client.post(...)
        here = operation.service == "anthropic" and path in self.offers
        body = loads(request.body) if here and isinstance(request.body, bytes) else None
        if not isinstance(body, dict):
            if hasattr(request.body, "close"):
                request.body.close()
            raise RequestValidationError(
                f"{call.name}: {self.platform} does not serve this operation; nothing "
                "was sent. Use Anthropic() for it"
            )
        headers = dict(request.headers)
        if call.idempotency_key is None:
            headers.pop("Idempotency-Key", None)  # neither platform knows it
        body.setdefault("anthropic_version", self.version)
        url, _, query = request.url.partition("?")
        base = url.removesuffix(path)
        kept = [pair for pair in parse_qsl(query, True) if pair[0] != "beta"]
        url = base + self.path(call, body, headers)
        if any(name.lower() == "authorization" for name in headers):
            operation = evolve(operation, auth=())  # the caller proves who asks
        return evolve(
            call,
            operation=operation,
            request=Request(
                request.method,
                with_query(url, urlencode(kept, quote_via=quote)),
                headers,
                dumps(body, call.name),
            ),
        )

    def path(self, call: Call, body: dict[str, Any], headers: dict[str, str]) -> str:
        """Where ``call`` is sent; ``body`` and ``headers`` are made to fit."""
        raise NotImplementedError

    def _outdated(self, call: Call, reply: Reply) -> bool:
        # This is said before any work is done, so every call may come again.
        held = call.scratch.get(_Issuer)
        return self.refused(reply) and held is not None and held.dropped(call)

    def refused(self, reply: Reply) -> bool:
        """Whether ``reply`` refuses credentials that newer ones may replace."""
        return reply.status_code == 401


# -- clients -----------------------------------------------------------------------


class PlatformClient(Anthropic):
    """``Anthropic`` at another place; its calls go out in a platform's form."""

    _sends: ClassVar[type[PlatformEngine]]

    def _begin(
        self, service: Service, key: Secret | Held, base_url: str, **settings: Any
    ) -> None:
        self.__dict__["_services"] = {**type(self)._services, "anthropic": service}
        Anthropic.__init__(self, base_url=base_url, **settings)
        self._engine.keyring.set("anthropic", key)

    def _copied(self, settings: Mapping[str, Any]) -> Self:
        """A copy with other ``settings``, at the same place."""
        other = Anthropic.copy(self, **settings)
        other.__dict__["_services"] = self._services
        return other

    def _begin_again(self, service: Service, key: Secret | Held) -> None:
        """Another's credentials, on the same connections and with the same settings."""
        self.__dict__["_services"] = {**self._services, "anthropic": service}
        keyring = Credentials.given(self._engine.keyring, None, None)
        keyring.set("anthropic", key)
        self._engine = self._engine.beside(keyring, None)
        self._engine.services = self._services

    def _new_engine(
        self,
        services: Mapping[str, Service],
        keyring: Keyring,
        session: requests.Session | None,
        clock: Clock,
    ) -> Engine:
        return self._sends(services, keyring, session, clock)


def segment(call: Call, name: str, value: Any, kept: str) -> str:
    """``value`` as one segment of a path, in which ``kept`` may stand as it is.

    :raises RequestValidationError: where it is no text, or would be another path.
    """
    if not isinstance(value, str):
        raise RequestValidationError(
            f"{call.name}: {name}: expected text, got {type(value).__name__}",
            pointer=f"/{name}",
        )
    text = path_segment(call.name, name, value)
    return text.replace(quote(kept, safe=""), kept)


def region_label(name: str, region: str) -> str:
    """``region`` if a host's name can hold it; :raises ValueError: if not."""
    if not region.replace("-", "").isalnum() or not region.isascii():
        raise ValueError(f"{name}: expected a region such as us-east-1, got {region!r}")
    return region


def from_variable(name: str) -> str | None:
    """What the environment says; blanks are nothing."""
    return os.environ.get(name, "").strip() or None


def required(module: str, client: str, extra: str) -> None:
    """:raises ImportError: that says how to install what ``client`` needs."""
    try:
        found = find_spec(module) is not None
    except ModuleNotFoundError:  # of a parent package
        found = False
    if not found:
        lacking(extra, client)
