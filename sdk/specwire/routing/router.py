"""``Router``: as ``AiClient``, but each call goes to one of several targets.

The requests are those of :class:`~specwire.chat.ChatRequestBuilder`; where they go, and
where they go next when a target fails, is decided by a
:class:`~specwire.routing.ModelArray`. A call has one time limit, whatever it takes.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..chat.availability import available
from ..chat.client import AiClient
from ..chat.loader import ManifestLoader
from ..chat.turn import ChatRequestBuilder
from ..core.clock import Bell
from ..core.crew import here
from ..core.types import Timeout, Unset
from ..resilience.shared import Shared
from .array import ModelArray
from .condition import HealthCheckConfig
from .endpoint import ModelEndpoint
from .manager import ModelManager
from .models import ModelInfo
from .registry import model_info
from .strategies import Strategy

if TYPE_CHECKING:
    from ..chat.response import ChatResponse
    from ..chat.streaming import ChatStream
    from ..core.cancelling import CancelToken
    from ..core.clock import Clock
    from ..core.hooks import Hook

T = TypeVar("T")
logger = logging.getLogger("specwire")


class Router(Shared):
    """Asks one of several models, or one model at several addresses.

    >>> router = Router(
    ...     ["openai/gpt-4o", "anthropic/claude-sonnet-4-5"], strategy="latency"
    ... )  # doctest: +SKIP
    >>> router.chat().user("Hello").execute().target  # doctest: +SKIP
    'openai/gpt-4o'

    A target that fails for a reason of its own (it is down, slow, at its limit, does
    not take the key) is followed by another, before the first event of a stream has
    come; what is wrong with the request is raised at once. Only the last target that
    is left makes retries, unless the request says how many.

    :param targets: names of models, :class:`ModelInfo`, :class:`ModelEndpoint` or
        ``AiClient``; or a :class:`ModelManager`, for its chat models that are not
        deprecated; or a :class:`ModelArray`, whose settings then count.
    :param strategy: see :class:`Strategy`.
    :param health_check: when a target is taken out, and how it comes back.
    :param timeout: seconds that a call may take, all targets together, or a
        :class:`~specwire.Timeout`; its ``attempt`` and ``read`` say when the next
        target is asked instead.
    :param api_keys: provider -> key; else as ``AiClient`` finds them.
    :param base_urls: provider -> URL, for targets without one of their own.
    :param settings: more of those that ``AiClient`` has, for each target.
    :raises ManifestError: for an unknown provider or model.
    :raises ValueError: without any target.
    """

    array: ModelArray

    def __init__(
        self,
        targets: Iterable[Any] | ModelArray,
        *,
        strategy: Strategy | str = Strategy.ROUND_ROBIN,
        name: str = "router",
        health_check: HealthCheckConfig | None = None,
        timeout: float | Timeout | None = None,
        api_keys: Mapping[str, str] | None = None,
        base_urls: Mapping[str, str] | None = None,
        hooks: Sequence[Hook] = (),
        _clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(_clock)
        self._timeout = timeout
        self._given = {
            "timeout": timeout,
            "base_urls": base_urls,
            "hooks": hooks,
            "_clock": _clock,
            **settings,
        }
        self._given.setdefault("loader", ManifestLoader(settings.get("protocol_dir")))
        self._watch: _Watch | None = None
        self._clients: list[AiClient] = []
        try:
            if isinstance(targets, ModelArray):
                self.array = targets
                self._clock = targets._clock
                for endpoint in targets.endpoints:
                    self._connect(endpoint, api_keys)
            else:
                self.array = ModelArray(name, strategy, health_check, clock=_clock)
                if isinstance(targets, ModelManager):
                    targets = [
                        model
                        for model in targets.filter_by_capability("chat")
                        if not model.deprecated
                    ]
                for target in targets:
                    self._add(target, api_keys)
        finally:
            del api_keys  # not to be read from a traceback's frames
            settings.clear()
        if not len(self.array):
            raise ValueError("Router: expected at least one target, got none")

    def _forked(self) -> None:
        super()._forked()
        self._watch = None  # its thread stays with the parent

    # -- targets -----------------------------------------------------------------------

    def _add(self, target: Any, api_keys: Mapping[str, str] | None) -> None:
        if isinstance(target, AiClient):
            target = ModelEndpoint(
                f"{target.provider_id}/{target.model_id}", client=target
            )
        elif isinstance(target, ModelInfo):
            target = ModelEndpoint(
                target.full_id, target.full_id, weight=target.weight, info=target
            )
        elif isinstance(target, str):
            target = ModelEndpoint(target, target)
        if not isinstance(target, ModelEndpoint):
            raise TypeError(
                "Router: expected names of models, ModelEndpoint or AiClient, got "
                f"{type(target).__name__}"
            )
        self._connect(target, api_keys)
        if self.array.get_endpoint(target.name) is not None:
            target.name = f"{target.name}-{len(self.array) + 1}"
        self.array.add_endpoint(target)

    def _connect(
        self, endpoint: ModelEndpoint, api_keys: Mapping[str, str] | None
    ) -> None:
        """Give it a client, where it has none, and what is known of its model."""
        if endpoint.client is None:
            endpoint.client = AiClient(
                endpoint.model_name,
                base_url=endpoint.url or None,
                api_keys=api_keys,
                **self._given,
            )
            self._clients.append(endpoint.client)
        client: AiClient = endpoint.client
        entry = client.manifest.model(client.model_id)
        if endpoint.info is None and entry is not None:
            endpoint.info = model_info(entry, client.provider_id)

    # -- asking ------------------------------------------------------------------------

    def chat(self) -> ChatRequestBuilder:
        """A request to fill and to send; where it goes is decided when it is sent."""
        return RoutedRequestBuilder(self)

    def call(self, ask: Callable[[AiClient], T]) -> T:
        """What ``ask`` makes of a target's client; of the next one's where that fails.

        >>> router.call(lambda client: client.operation("embeddings", {...}))
        ... # doctest: +SKIP
        """
        return cast(T, self.array.call(lambda at, _: ask(here().shown(at.client))))

    def _send(
        self, request: ChatRequestBuilder, send: Callable[[ChatRequestBuilder], T]
    ) -> T:
        limit = self._limit(request)
        began = self._clock.monotonic()

        def left() -> float | None:
            if limit.total is None:
                return None
            return limit.total - (self._clock.monotonic() - began)

        def ask(endpoint: ModelEndpoint, last: bool) -> T:
            sent = request.at(endpoint.client)
            rest, seconds = copy(limit), left()
            rest.total = None if seconds is None else max(seconds, 1e-3)
            sent.timeout(rest)
            if not last and isinstance(sent._max_retries, Unset):
                sent.max_retries(0)
            answer = send(sent)
            answer.target = endpoint.name  # type: ignore[attr-defined]
            return answer

        def more() -> bool:
            rest = left()
            return rest is None or rest > 0

        return cast(T, self.array.call(ask, more=more))

    def _limit(self, request: ChatRequestBuilder) -> Timeout:
        given = request._timeout
        if isinstance(given, Unset):
            given = request._client._timeout if self._timeout is None else self._timeout
        return Timeout.of(given)

    # -- health ------------------------------------------------------------------------

    def check(self) -> dict[str, bool]:
        """Ask each target whether it is there; name -> whether it answered.

        What is asked is free with all providers: what their manifests name, or the
        path that ``health_check.endpoint`` has.
        """
        return {each.name: self._checked(each) for each in self.array.endpoints}

    def _checked(self, endpoint: ModelEndpoint) -> bool:
        config = self.array.health_check
        alive = available(
            endpoint.client, path=config.endpoint, timeout=config.timeout_seconds
        )
        self.array.record_check(endpoint.name, alive)
        return alive

    def watch(self) -> Router:
        """Check by the way from now on, each ``interval_seconds``, until closed."""
        with self._lock:
            if self._watch is None:
                self._watch = _Watch(self)
                here().begin(self._watch.run, "specwire-router-checks")
        return self

    def snapshot(self) -> list[dict[str, Any]]:
        """The state of each target, as plain data."""
        return self.array.snapshot()

    # -- life --------------------------------------------------------------------------

    def close(self) -> None:
        """End what is under way and close the connections that it has opened.

        Clients that were given as targets stay open.
        """
        if self._watch is not None:
            self._watch.over.set()
        for client in self._clients:
            client.close()

    def __enter__(self) -> Router:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Router of {', '.join(each.name for each in self.array.endpoints)}>"


class RoutedRequestBuilder(ChatRequestBuilder):
    """A request in the making; what it would be is shown for the first target."""

    def __init__(self, router: Router) -> None:
        client: AiClient = router.array.endpoints[0].client
        super().__init__(client, client._targets())
        self._router = router

    def execute(self, cancel_token: CancelToken | None = None) -> ChatResponse:
        return self._router._send(self, lambda sent: sent.execute(cancel_token))

    def stream(self, cancel_token: CancelToken | None = None) -> ChatStream:
        return self._router._send(self, lambda sent: sent.stream(cancel_token))


class _Watch:
    """Checks the targets of a router until it is closed, or nobody has it any more."""

    def __init__(self, router: Router) -> None:
        self.over = Bell()
        self._of = weakref.ref(router)
        self._clock = router._clock
        self._interval_s = max(router.array.health_check.interval_seconds, 0.1)

    def run(self) -> None:
        while not self.over.is_set() and self._check():
            self._clock.sleep(self._interval_s, self.over)

    def _check(self) -> bool:
        router = self._of()
        if router is None:
            return False
        try:
            router.check()
        except Exception as error:
            if not self.over.is_set():
                logger.warning("routing: a check failed: %s", error)
        return True
