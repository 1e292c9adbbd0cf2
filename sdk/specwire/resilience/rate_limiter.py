"""``RateLimiter``: requests, and tokens of text, no faster than they may come.

Each request takes its moment, first come, first served, so that none overtakes another
and each waits once. What the server says of its quota in headers is kept to besides
(:mod:`.server_quota`): it knows of the other programs with the same key. Where moments
are kept is a store's business (:mod:`.limit_store`), this process's or a shared one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.clock import Clock
from ..core.errors import APIStatusError
from ..core.hooks import Hook, Wait
from .configs import RateLimiterConfig
from .limit_store import LimitStore, MemoryStore
from .line import Cost, Limit, Taken
from .server_quota import ServerQuota
from .shared import LEAST_WAIT_S, Shared, at_least
from .shared_limit import GRACE_S, IfDown, SharedLimit, opened
from .usage import estimated_tokens, used_tokens

if TYPE_CHECKING:
    from ..core.wire import Call, Reply

_TRIES: Final = 10
"""Who was late so often goes on: a machine that slow breaks no rate."""


class RateLimiter(Shared, Hook):
    """Lets attempts go on at a rate; the others wait.

    >>> client = Client(hooks=[RateLimiter(requests_per_second=10)])  # doctest: +SKIP
    >>> RateLimiter(requests_per_second=10).acquire()
    0.0

    :param config: all settings at once, or the requests a second.
    :param requests_per_second: 0 is no limit of our own.
    :param requests_per_minute: the same, by the minute.
    :param burst_size: how many may be sent at once after a pause; 1: then no second
        sees more than the rate.
    :param initial_tokens: how many of them at the very beginning; all unless given.
    :param tokens_per_minute: tokens of text, by the estimate before a call and by the
        usage in its reply after it.
    :param adaptive: keep to what rate-limit headers say as well.
    :param headers: other names of such headers: ``{"requests_remaining": "x-left"}``,
        as a manifest's ``rate_limit_headers`` has them.
    :param max_wait: what a server says is waited for so long at most, in seconds.
    :param estimate: how many tokens a call will take; by default a quarter of its
        body's bytes and its ``max_tokens``.
    :param shared: where several processes keep one limit: ``"sqlite:///limits.db"``
        on one machine, ``"redis://host/0"`` on many (extra ``limits``), or a
        :class:`LimitStore` of your own.
    :param name: which limit of that store; who gives the same name shares it.
    :param if_down: while the store cannot be reached: ``local``, each process keeps to
        the rate by itself; ``open``, there is no limit; ``closed``, a
        :class:`LimitStoreError`.
    """

    stage = 30

    config: RateLimiterConfig

    def __init__(
        self,
        config: RateLimiterConfig | float | None = None,
        *,
        requests_per_second: float | None = None,
        requests_per_minute: float | None = None,
        burst_size: float | None = None,
        initial_tokens: float | None = None,
        tokens_per_minute: float | None = None,
        adaptive: bool = True,
        headers: Mapping[str, str] | None = None,
        max_wait: float = 7200.0,
        estimate: Callable[[Call], float] = estimated_tokens,
        shared: str | LimitStore | None = None,
        name: str = "default",
        if_down: IfDown = "local",
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        if not isinstance(config, RateLimiterConfig):
            rate = requests_per_second if config is None else config
            if rate is None and requests_per_minute is not None:
                rate = requests_per_minute / 60.0
            config = RateLimiterConfig(
                rate or 0.0,
                burst_size,
                initial_tokens,
                tokens_per_minute=tokens_per_minute,
            )
        self.config = config
        self._settings = {
            "config": config,
            "adaptive": adaptive,
            "headers": headers,
            "max_wait": max_wait,
            "estimate": estimate,
            "shared": shared,
            "name": name,
            "if_down": if_down,
            "clock": clock,
        }
        late_s = 0.0 if shared is None else GRACE_S
        burst, minute = config.burst_size or 1, config.tokens_per_minute or 0
        rate = config.requests_per_second
        self._limits = (
            Limit.of(rate, burst, config.initial_tokens, late_s),
            Limit.of(minute / 60, minute, late_s=late_s),
        )
        self._counts_text = bool(minute)
        self._name = name
        self._shared: SharedLimit | None = None
        if shared is not None:
            self._shared = SharedLimit(opened(shared, clock), if_down, clock)
        self._store: LimitStore = self._shared or MemoryStore(clock)
        self._adaptive = adaptive
        self._names = dict(headers or {})
        self._max_wait = at_least("max_wait", max_wait, 0)
        self._estimate = estimate
        self._servers: dict[str, ServerQuota] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """With its settings alone: a copy in another process begins anew.

        One that is shared goes on sharing its limit there.
        """
        return _made, (type(self), self._settings)

    # -- by hand ---------------------------------------------------------------------

    def acquire(self, tokens: float = 1, *, text_tokens: float = 0) -> float:
        """Wait until ``tokens`` requests may be sent; returns the seconds waited."""
        now = self._clock.monotonic
        began, waited = now(), 0.0
        place = _Place("", (tokens, text_tokens))
        try:
            while (wait := self._wait_s(place)) > 0:
                self._pause(wait)
                waited = now() - began
        except BaseException:
            self._withdraw(place)
            raise
        self._answered(place)
        return waited

    def try_acquire(self, tokens: float = 1) -> bool:
        """Whether ``tokens`` requests may be sent at once; if so, they count."""
        place = _Place("", (tokens, 0))
        if self._server_s("") > 0 or self._wait_s(place, 0) > 0:
            self._withdraw(place)
            return False
        self._answered(place)
        return True

    def get_wait_time(self, tokens: float = 1, service: str = "") -> float:
        """Seconds until ``tokens`` requests might be sent, nothing being taken."""
        return max(self._looked((tokens, 0), service).wait_s, self._server_s(service))

    @property
    def available_tokens(self) -> float:
        """How many requests might be sent at once; ``inf`` without a rate."""
        return max(round(self._looked((1, 0), "").left, 9), 0.0)

    @property
    def is_limited(self) -> bool:
        """Whether a request would have to wait now."""
        return self.get_wait_time() > 0

    def update_from_headers(
        self, headers: Mapping[str, str], service: str = ""
    ) -> None:
        """Keep to what a reply's headers say of the quota, where it can be read."""
        with self._lock:
            quota = self._servers.get(service) or ServerQuota(self._names)
            now = self._clock
            told = quota.told(headers, now.monotonic(), now.time(), self._max_wait)
            wait = quota.wait_s(now.monotonic())
            if told:
                self._servers[service] = quota
        if told and wait > 0:
            self._store.pause(self._name, service, wait)

    def get_server_state(self, service: str | None = None) -> dict[str, Any]:
        """What servers have said last; of one service where it is named."""
        now = self._clock.monotonic()
        with self._lock:
            told = {name: quota.shown(now) for name, quota in self._servers.items()}
        if service is None and len(told) == 1:
            return next(iter(told.values()))
        return told if service is None else told.get(service, {})

    def signals(self) -> Mapping[str, Any]:
        available, wait = self.available_tokens, self._longest_wait()
        left = [quota.requests_left for quota in list(self._servers.values())]
        known = [float(n) for n in left if n is not None]
        if self.config.requests_per_second:
            known.append(available)
        return {
            "rate_remaining": min(known) if known else None,
            "rate_limiter": {
                "rate": self.config.requests_per_second,
                "burst": self.config.burst_size or 1,
                "available": available if self.config.requests_per_second else None,
                "wait_s": wait,
                "server": self.get_server_state(),
                **self._sharing(),
            },
        }

    def _sharing(self) -> dict[str, Any]:
        if self._shared is None:
            return {}
        return {"shared": self._name, "store_down": self._shared.down}

    def _longest_wait(self) -> float:
        return max(self.get_wait_time(1, each) for each in ("", *self._servers))

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> Wait | None:
        place = call.scratch.get(self)
        if not isinstance(place, _Place) or place.admitted:
            text = self._estimate(call) if self._counts_text else 0
            place = _Place(call.service, (1, text))
            place.made = call.attempts_made
            call.scratch[self] = place
        wait = self._wait_s(place, self._remaining_s(call))
        return Wait(max(wait, LEAST_WAIT_S)) if wait > 0 else None

    def _remaining_s(self, call: Call) -> float:
        """Of the call; once it is over, that is for the loop to say."""
        if call.deadline is None:
            return math.inf
        remaining = call.deadline - self._clock.monotonic()
        return remaining if remaining > 0 else math.inf

    def given_up(self, call: Call) -> None:
        self._withdraw(call.scratch.pop(self))

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        place = call.scratch[self]
        self._answered(place)
        headers = getattr(outcome, "headers", None)
        if headers and self._adaptive:
            self.update_from_headers(headers, call.service)
        failed = isinstance(outcome, BaseException)
        if failed and not isinstance(outcome, APIStatusError):
            if call.attempts_made == place.made:
                self._withdraw(
                    place
                )  # one that stands behind refused: nothing was sent
        elif self._counts_text and not call.open and not failed:
            self._settle(place, _usage_in(outcome))

    def on_event(self, call: Call, event: Any) -> None:
        place = call.scratch.get(self)  # none, where another hook has answered
        if place is not None and self._counts_text:
            place.used = max(place.used, used_tokens(event))

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        place = call.scratch.get(self)  # none, where it was not begun again in time
        if place is not None and self._counts_text:
            self._settle(place, place.used)

    # -- places ----------------------------------------------------------------------

    def _wait_s(self, place: _Place, within: float = math.inf) -> float:
        """Seconds that are left to wait; once there are none, the request is let go.

        No moment is taken that is more than ``within`` seconds away.
        """
        store, name = self._store, self._name
        while True:
            if place.taken is None:
                said = store.take(name, place.cost, self._limits, place.service, within)
                if not said.mine:
                    return max(said.wait_s, LEAST_WAIT_S)
                place.taken = said
                place.tries += 1
            wait = place.taken.ready - self._clock.monotonic()
            if wait > 0:
                return max(wait, self._server_s(place.service))
            if place.tries >= _TRIES or store.stands(name, place.taken, place.service):
                return self._let_go(place)
            self._withdraw(place)

    def _let_go(self, place: _Place) -> float:
        with self._lock:
            now = self._clock.monotonic()
            if (wait := self._server(place.service, now)) > 0:
                return wait
            place.admitted = True
            quota = self._servers.get(place.service)
            if quota is not None:
                place.counted = quota.sent()
            return 0.0

    def _server(self, service: str, now: float) -> float:
        quota = self._servers.get(service) if self._adaptive else None
        return quota.wait_s(now) if quota is not None else 0.0

    def _server_s(self, service: str) -> float:
        with self._lock:
            return self._server(service, self._clock.monotonic())

    def _looked(self, cost: Cost, service: str) -> Taken:
        return self._store.take(self._name, cost, self._limits, service, -1)

    def _answered(self, place: _Place) -> None:
        with self._lock:
            quota = self._servers.get(place.service)
            if quota is not None and place.counted:
                quota.answered(place.counted)
            place.counted = 0

    def _withdraw(self, place: _Place) -> None:
        taken, place.taken = place.taken, None
        if taken is not None:
            self._store.give_back(self._name, taken)

    def _settle(self, place: _Place, used: float) -> None:
        """What a call has used takes the place of what it was thought to use."""
        if used:
            requests, text = place.cost
            self._store.correct(self._name, used - text, self._limits)
            place.cost = (requests, used)

    def close(self) -> None:
        """Close the shared store; it opens again when the limiter is used again."""
        self._store.close()

    def _forked(self) -> None:
        super()._forked()
        for quota in self._servers.values():
            quota.forget_sent()


class _Place:
    """One request's place in the line."""

    __slots__ = (
        *("admitted", "cost", "counted", "made"),
        *("service", "taken", "tries", "used"),
    )

    def __init__(self, service: str, cost: Cost) -> None:
        self.service = service
        self.cost = cost
        self.taken: Taken | None = None
        self.tries = 0
        self.admitted = False
        self.counted = 0
        self.made = 0
        self.used = 0.0


def _made(kind: type[RateLimiter], settings: Mapping[str, Any]) -> RateLimiter:
    limiter = kind.__new__(kind)
    RateLimiter.__init__(limiter, **settings)
    return limiter


def _usage_in(reply: Any) -> float:
    try:
        return used_tokens(json.loads(reply.body))
    except (TypeError, ValueError, RecursionError):
        return 0.0


class AdaptiveRateLimiter(RateLimiter):
    """A :class:`RateLimiter` that keeps to what servers say, as all of ours do.

    :param header_config: ``headers`` of the limiter, under an earlier name.
    """

    def __init__(
        self,
        config: RateLimiterConfig | None = None,
        header_config: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(config, headers=header_config, **settings)
