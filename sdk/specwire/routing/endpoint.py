"""``ModelEndpoint``: one place where a model is asked, and how it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.clock import Clock
from .condition import Condition, HealthCheckConfig
from .models import UNKNOWN_COST, ModelInfo, checked_weight

_MODELS_QUALITY = 2


class ModelEndpoint:
    """A model at an address, as an array chooses among them.

    :param name: what it is called: in states, in errors, as ``response.target``.
    :param model_name: as ``AiClient`` takes it, ``provider/model``.
    :param url: its base URL; empty is the provider's own.
    :param weight: how often it is chosen by ``weighted``, beside the others'.
    :param healthy: ``False`` keeps it out until it is marked healthy.
    :param info: what is known of the model, for ``cost`` and ``quality``.
    :param client: what asks it, where that is not made of the rest.
    :ivar connection_count: calls under way.
    :ivar requests: calls so far; ``failures`` are those of them that failed there.
    """

    def __init__(
        self,
        name: str,
        model_name: str = "",
        url: str = "",
        weight: float = 1.0,
        healthy: bool = True,
        connection_count: int = 0,
        *,
        info: ModelInfo | None = None,
        client: Any = None,
    ) -> None:
        self.name = name
        self.model_name = model_name
        self.url = url
        self.weight = checked_weight(weight)
        self.connection_count = connection_count
        self.info = info
        self.client = client
        self.requests = 0
        self.failures = 0
        self._now: Callable[[], float] = Clock.monotonic
        self.condition = Condition(HealthCheckConfig())
        self.condition.marked = healthy

    def _joins(self, config: HealthCheckConfig, clock: Clock) -> None:
        """An array takes it in: its clock and its settings count from now on."""
        marked = self.condition.marked
        self._now = clock.monotonic
        self.condition = Condition(config)
        self.condition.marked = marked

    @property
    def key(self) -> str:
        """What strategies count by: the name."""
        return self.name

    @property
    def healthy(self) -> bool:
        """Whether it is in use: nobody took it out, and its circuit is not open."""
        return self.condition.healthy(self._now())

    @healthy.setter
    def healthy(self, healthy: bool) -> None:
        self.condition.mark(healthy, self._now())

    @property
    def cost(self) -> float:
        """Its model's; infinite where no price is known."""
        return UNKNOWN_COST if self.info is None else self.info.cost

    @property
    def quality(self) -> int:
        """Its model's, 1 to 3."""
        return _MODELS_QUALITY if self.info is None else self.info.quality

    @property
    def latency_s(self) -> float:
        """As measured lately; 0 before the first answer, so that it is tried."""
        return self.condition.latency_s(self._now()) or 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it, for :meth:`from_dict`."""
        return {
            "name": self.name,
            "model_name": self.model_name,
            "url": self.url,
            "weight": self.weight,
            "healthy": self.healthy,
            "connection_count": self.connection_count,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelEndpoint:
        """What ``to_dict`` gave."""
        return cls(**data)

    def snapshot(self) -> dict[str, Any]:
        """Its state, as plain data."""
        now = self._now()
        return {
            **self.to_dict(),
            "state": self.condition.state(now),
            "rest_s": self.condition.rest_s(now),
            "share": self.condition.share(now),
            "latency_s": self.condition.latency_s(now),
            "requests": self.requests,
            "failures": self.failures,
        }

    def __repr__(self) -> str:
        return f"<ModelEndpoint {self.name}, {self.condition.state(self._now())}>"
