"""``Balancer``: one client, several addresses of the same API, as a hook.

For gateways, regions or replicas that take the same requests and the same key. Each
attempt goes to the next address, so that a retry goes elsewhere. Streams, uploads and
generated packages are spread as well: a hook sees them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.clock import Clock
from ..core.hooks import Hook
from ..core.wire import checked_base_url
from .array import ModelArray, Visit
from .condition import HealthCheckConfig
from .endpoint import ModelEndpoint
from .strategies import Strategy

if TYPE_CHECKING:
    from ..core.wire import Call, Reply


class Balancer(Hook):
    """Spreads a client's requests over addresses.

    >>> urls = ["https://eu.gateway.example", "https://us.gateway.example"]
    >>> client = Client(
    ...     base_urls={"anthropic": urls[0]}, hooks=[Balancer(urls)]
    ... )  # doctest: +SKIP

    The key goes to all of them. Requests to other places than the first one, of another
    service, say, are left as they are.

    :param urls: base URLs; the client's own first. Or a :class:`ModelArray` of them.
    :param strategy: see :class:`Strategy`.
    :param clock: the time, for tests; the machine's by default.
    :ivar array: the endpoints, by their addresses.
    :raises CircuitOpenError: from calls, while none of them may be asked.
    """

    def __init__(
        self,
        urls: Sequence[str] | ModelArray,
        *,
        strategy: Strategy | str = Strategy.ROUND_ROBIN,
        health_check: HealthCheckConfig | None = None,
        clock: Clock | None = None,
    ) -> None:
        if isinstance(urls, str):
            raise TypeError("Balancer: expected a list of base URLs, got str")
        if isinstance(urls, ModelArray):
            self.array = urls
        else:
            self.array = ModelArray("balancer", strategy, health_check, clock=clock)
            for url in urls:
                self.array.add_endpoint(ModelEndpoint(url, url=url))
        if not len(self.array):
            raise ValueError("Balancer: expected at least one base URL, got none")
        self._urls = {e: checked_base_url(e.name, e.url) for e in self.array.endpoints}
        self._base = next(iter(self._urls.values()))

    def before_attempt(self, call: Call) -> None:
        kept: _Kept | None = call.scratch.get(self)
        if kept is None:
            path = self._below(call.request.url)
            if path is None:
                return
            kept = call.scratch[self] = _Kept(path)
        if kept.visit is not None:  # a stream is begun again: its end is not known
            kept.visit.ended(GeneratorExit())
        if not self.array._free(kept.tried, self.array._clock.monotonic()):
            kept.tried.clear()  # all were tried, or are out
        kept.visit = self.array.enter(kept.tried)
        kept.tried.append(kept.visit.endpoint)
        call.request.url = self._urls[kept.visit.endpoint] + kept.path

    def _below(self, url: str) -> str | None:
        """What stands behind the base URL; ``None`` where ``url`` is of another."""
        rest = url[len(self._base) :] if url.startswith(self._base) else "-"
        return rest if rest[:1] in ("", "/", "?") else None

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        visit = self._visit(call)
        if visit is None:
            return
        if isinstance(outcome, BaseException):
            visit.ended(outcome)
        elif call.open:
            visit.answered()  # of a stream the end decides
        else:
            visit.ended()

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        visit = self._visit(call)
        if visit is not None:
            visit.ended(outcome)

    def _visit(self, call: Call) -> Visit | None:
        kept: _Kept | None = call.scratch.get(self)
        return None if kept is None else kept.visit

    def signals(self) -> Mapping[str, Any]:
        return {"endpoints": self.array.snapshot()}


class _Kept:
    """What is remembered of a call between its attempts."""

    __slots__ = ("path", "tried", "visit")

    def __init__(self, path: str) -> None:
        self.path = path
        self.tried: list[ModelEndpoint] = []
        self.visit: Visit | None = None
