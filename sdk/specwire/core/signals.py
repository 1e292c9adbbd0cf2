"""What the hooks of a client show of their state, in one value."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hooks import Hook


class SignalsSnapshot:
    """The state of a client at one moment.

    :ivar circuit_state: ``closed``, ``open`` or ``half_open``.
    :ivar current_inflight: calls under way.
    :ivar rate_remaining: requests that may be sent now; ``None`` without any limit.
    :ivar inflight: ``{"max", "in_use", "available", "waiting"}`` of a limit of calls in
        flight, or ``None``.
    :ivar rate_limiter: ``{"rate", "burst", "available", "wait_s", "server"}``, or
        ``None``.
    :ivar circuit_breaker: ``{"state", "failures", "threshold", "retry_after_s"}``, or
        ``None``.
    :ivar timestamp: when, in seconds since the epoch.
    :ivar parts: all that was shown, by name; what has no attribute of its own too.
    """

    circuit_state: str = "closed"
    current_inflight: int = 0
    rate_remaining: float | None = None
    inflight: Mapping[str, Any] | None = None
    rate_limiter: Mapping[str, Any] | None = None
    circuit_breaker: Mapping[str, Any] | None = None
    provider: str | None = None
    model: str | None = None

    def __init__(
        self, parts: Mapping[str, Any], timestamp: float | None = None
    ) -> None:
        self.parts = dict(parts)
        self.timestamp = time.time() if timestamp is None else timestamp
        for name in type(self).__annotations__:
            if name in parts:
                setattr(self, name, parts[name])

    @classmethod
    def of(
        cls,
        hooks: Iterable[Hook],
        known: Mapping[str, Any],
        timestamp: float | None = None,
    ) -> SignalsSnapshot:
        """What ``hooks`` show, the first one's word first, else what is ``known``."""
        parts: dict[str, Any] = {}
        for hook in hooks:
            shown = hook.signals() if hasattr(hook, "signals") else {}
            parts = {**shown, **parts}
        return cls({**known, **parts}, timestamp)

    @property
    def is_healthy(self) -> bool:
        """No circuit is open, a place is free, and the rate is not used up."""
        return self.health_score == 1.0

    @property
    def health_score(self) -> float:
        """From 0 to 1: a half for the circuit, a quarter for each of the limits."""
        score = {"closed": 0.5, "half_open": 0.25}.get(self.circuit_state, 0.0)
        full = self.inflight is not None and self.inflight["available"] == 0
        slow = self.rate_limiter is not None and self.rate_limiter["wait_s"] > 0
        return score + (0.0 if full else 0.25) + (0.0 if slow else 0.25)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        own = {name: getattr(self, name) for name in type(self).__annotations__}
        health = {"is_healthy": self.is_healthy, "health_score": self.health_score}
        return {**own, **self.parts, **health, "timestamp": self.timestamp}

    def __repr__(self) -> str:
        return (
            f"SignalsSnapshot(circuit_state={self.circuit_state!r}, "
            f"current_inflight={self.current_inflight}, "
            f"rate_remaining={self.rate_remaining})"
        )
