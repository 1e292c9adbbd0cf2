"""Several answers from a provider that gives one at a time: several calls, beside each
other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ..core.cancelling import CancelReason, CancelToken
from ..core.crew import here
from .request import ChatRequest
from .response import ChatResponse
from .usage import Usage

Send = Callable[[ChatRequest, CancelToken], ChatResponse]


def answers(
    request: ChatRequest, most: int, token: CancelToken | None, send: Send
) -> ChatResponse:
    """As many answers as ``request`` wants, as the candidates of one.

    At most ``most`` calls are under way at a time. Where one fails the others are
    cancelled: there is no answer with fewer candidates than were asked for.

    :raises SpecwireError: the first failure.
    """
    wanted, request.candidates = request.candidates, 1
    own = CancelToken()
    if token is not None:
        token.hold(own)
    try:
        with here().crew(min(wanted, most), "specwire-candidate") as crew:
            try:
                found = here().all(
                    crew.submit(send, _numbered(request, number), own)
                    for number in range(wanted)
                )
            except BaseException:
                own.cancel(CancelReason.ERROR)
                raise
    finally:
        if token is not None:
            token.release(own)
        request.candidates = wanted
    return joined(found)


def _numbered(request: ChatRequest, number: int) -> ChatRequest:
    """The same, and which of the candidates it asks for: equal calls that are not."""
    one = copy.copy(request)
    one.candidate = number
    return one


def joined(responses: Sequence[ChatResponse]) -> ChatResponse:
    """One response with the candidates of all; the first one's facts, all the
    tokens."""
    first = responses[0]
    candidates = []
    for number, response in enumerate(responses):
        candidate = response.candidates[0]
        candidate.index = number
        candidates.append(candidate)
    whole = ChatResponse(
        candidates,
        usage=added([response.usage for response in responses]),
        model=first.model,
        provider=first.provider,
        id=first.id,
        raw=[response.raw for response in responses],
        prices=first._prices,
    )
    whole._reply, whole.stats = first._reply, first.stats
    whole.stats.counted(whole)
    latencies = [
        r.stats.latency_ms for r in responses if r.stats.latency_ms is not None
    ]
    whole.stats.latency_ms = max(latencies, default=None)
    whole.stats.retry_count = sum(r.stats.retry_count for r in responses)
    return whole


def added(usages: Sequence[Usage]) -> Usage:
    """The counts of several calls together."""
    total: dict[str, Any] = {}
    for usage in usages:
        for name, count in usage.items():
            total[name] = total.get(name, 0) + count
    return Usage(total)
