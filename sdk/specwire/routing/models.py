"""What is known of a model: what it can, what it costs, how fast and good it is.

Values only; :mod:`.registry` fills them from the manifests' registry, and
:mod:`.strategies` reads ``weight``, ``cost``, ``quality`` and ``latency_s`` of them.
The names are those of programs written for ai-lib-python. Prices are dollars: per 1,000
tokens where the name says ``1k``, per million where it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from attrs import asdict, define, field

UNKNOWN_COST: Final = float("inf")


class SpeedTier(str, Enum):
    """How fast a model answers, beside the others."""

    FAST = "fast"
    BALANCED = "balanced"
    SLOW = "slow"


class QualityTier(str, Enum):
    """``high``, ``medium`` and ``low`` are understood as well."""

    BASIC = "basic"
    GOOD = "good"
    EXCELLENT = "excellent"

    @classmethod
    def _missing_(cls, value: object) -> QualityTier | None:
        others = {"low": cls.BASIC, "medium": cls.GOOD, "high": cls.EXCELLENT}
        return others.get(str(value))


_USUAL_MS: Final = {
    SpeedTier.FAST: 500.0,
    SpeedTier.BALANCED: 1_500.0,
    SpeedTier.SLOW: 5_000.0,
}
_RANK: Final = {QualityTier.BASIC: 1, QualityTier.GOOD: 2, QualityTier.EXCELLENT: 3}
_FLAGS: Final = {
    "code": "code_generation",
    "embeddings": "embedding",
    "functions": "function_calling",
    "stream": "streaming",
    "vision": "multimodal",
}


@define
class ModelCapabilities:
    """What a model can; ``others`` holds what has no member of its own.

    :ivar context_window: tokens of question and answer together, or ``None``.
    """

    chat: bool = True
    code_generation: bool = False
    multimodal: bool = False
    function_calling: bool = False
    tool_use: bool = False
    multilingual: bool = False
    context_window: int | None = None
    embedding: bool = False
    streaming: bool = True
    reasoning: bool = False
    others: frozenset[str] = field(default=frozenset(), converter=frozenset)

    @classmethod
    def of(cls, value: Any) -> ModelCapabilities:
        """From a list of names (``["chat", "tools", "vision"]``) or a mapping.

        A list is the whole of it: without ``"chat"`` there is no chat.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping):
            return cls.from_dict(value)
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise TypeError(
                "capabilities: expected names or ModelCapabilities, "
                f"got {type(value).__name__}"
            )
        made = cls(chat=False)
        for name in value:
            made._add(str(name).lower())
        return made

    def _add(self, name: str) -> None:
        if name in ("tools", "tool_calling"):
            self.tool_use = self.function_calling = True
        elif isinstance(getattr(self, _FLAGS.get(name, name), None), bool):
            setattr(self, _FLAGS.get(name, name), True)
        else:
            self.others |= {name}

    def supports(self, capability: str) -> bool:
        """Whether it has a capability, by any of its names."""
        name = capability.lower()
        if name in ("tools", "tool_calling"):
            return self.tool_use or self.function_calling
        known = getattr(self, _FLAGS.get(name, name), None)
        return known if isinstance(known, bool) else name in self.others

    def with_chat(self) -> ModelCapabilities:
        """It can chat."""
        return self._with("chat")

    def with_code_generation(self) -> ModelCapabilities:
        """It writes code."""
        return self._with("code_generation")

    def with_multimodal(self) -> ModelCapabilities:
        """It takes more than text."""
        return self._with("multimodal")

    def with_function_calling(self) -> ModelCapabilities:
        """It calls functions."""
        return self._with("function_calling")

    def with_tool_use(self) -> ModelCapabilities:
        """It uses tools."""
        return self._with("tool_use")

    def with_context_window(self, size: int) -> ModelCapabilities:
        """So many tokens go into one request."""
        self.context_window = size
        return self

    def _with(self, name: str) -> ModelCapabilities:
        self._add(name)
        return self

    def to_dict(self) -> dict[str, Any]:
        """All members, as plain data."""
        return {**asdict(self), "others": sorted(self.others)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelCapabilities:
        """What :meth:`to_dict` gave; ``tool_calling`` is tools and functions."""
        data = dict(data)
        if data.pop("tool_calling", False):
            data["tool_use"] = data["function_calling"] = True
        return cls(**data)


@define
class PricingInfo:
    """Dollars (or another currency) per 1,000 tokens."""

    input_cost_per_1k: float
    output_cost_per_1k: float
    currency: str = "USD"

    @classmethod
    def per_million(cls, input: float, output: float) -> PricingInfo:
        """From prices as providers list them, per million tokens."""
        return cls(input / 1000, output / 1000)

    def calculate_cost(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost."""
        return (
            input_tokens / 1000 * self.input_cost_per_1k
            + output_tokens / 1000 * self.output_cost_per_1k
        )

    def with_currency(self, currency: str) -> PricingInfo:
        """Name the currency that the prices are in."""
        self.currency = currency
        return self

    def to_dict(self) -> dict[str, Any]:
        """All members, as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PricingInfo:
        """What :meth:`to_dict` gave."""
        return cls(**data)


@define
class PerformanceMetrics:
    """How fast and how good a model is; a measured time comes before a tier."""

    speed: SpeedTier = field(default=SpeedTier.BALANCED, converter=SpeedTier)
    quality: QualityTier = field(default=QualityTier.GOOD, converter=QualityTier)
    avg_response_time_ms: float | None = None
    throughput_tps: float | None = None

    @property
    def response_time_ms(self) -> float:
        """The measured time, or what is usual of the tier."""
        measured = self.avg_response_time_ms
        return _USUAL_MS[self.speed] if measured is None else measured

    def with_speed(self, speed: SpeedTier) -> PerformanceMetrics:
        """Say how fast it is."""
        self.speed = SpeedTier(speed)
        return self

    def with_quality(self, quality: QualityTier) -> PerformanceMetrics:
        """Say how good it is."""
        self.quality = QualityTier(quality)
        return self

    def with_avg_response_time(self, time_ms: float) -> PerformanceMetrics:
        """Milliseconds until an answer, on the average."""
        self.avg_response_time_ms = time_ms
        return self

    def with_throughput(self, tps: float) -> PerformanceMetrics:
        """Tokens a second."""
        self.throughput_tps = tps
        return self

    def to_dict(self) -> dict[str, Any]:
        """All members, as plain data."""
        return {
            **asdict(self),
            "speed": self.speed.value,
            "quality": self.quality.value,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PerformanceMetrics:
        """What :meth:`to_dict` gave; ``speed_tier`` and ``quality_tier`` too."""
        other = {"speed_tier": "speed", "quality_tier": "quality"}
        return cls(**{other.get(name, name): value for name, value in data.items()})


class ModelInfo:
    """One model, as :class:`~specwire.routing.ModelManager` chooses among them.

    >>> ModelInfo(model_id="openai/gpt-4o", weight=0.7, capabilities=["chat"])
    <ModelInfo openai/gpt-4o>

    :param name: as the provider knows it; with ``model_id`` (or ``id``), which says it
        too and may have the provider before a slash, it is the name to be shown.
    :param display_name: what people are shown; ``name`` by default.
    :param pricing: what it costs, which ``cost_based`` compares.
    :param metadata: whatever else is to be known of it.
    :param weight: how often it is chosen by ``weighted``, beside the others'.
    :param capabilities: :class:`ModelCapabilities`, or names of them.
    :raises ValueError: without a name, and for a weight that is none.
    """

    def __init__(
        self,
        name: str = "",
        display_name: str = "",
        description: str = "",
        provider: str = "",
        capabilities: Any = None,
        pricing: PricingInfo | None = None,
        performance: PerformanceMetrics | None = None,
        metadata: Mapping[str, str] | None = None,
        *,
        model_id: str = "",
        id: str = "",
        weight: float = 1.0,
    ) -> None:
        known = model_id or id
        if known:
            display_name = display_name or name
            head, slash, rest = known.partition("/")
            name = known.removeprefix(f"{provider}/")
            if slash and not provider:
                provider, name = head, rest
        if not name:
            raise ValueError("ModelInfo: expected a name, or a model_id")
        self.name = name
        self.display_name = display_name or name
        self.description = description
        self.provider = provider
        self.capabilities = (
            ModelCapabilities()
            if capabilities is None
            else ModelCapabilities.of(capabilities)
        )
        self.pricing = pricing
        self.performance = performance or PerformanceMetrics()
        self.metadata = dict(metadata or {})
        self.weight = checked_weight(weight)
        self.connection_count = 0

    @property
    def full_id(self) -> str:
        """``provider/name``; the name alone without a provider."""
        return f"{self.provider}/{self.name}" if self.provider else self.name

    model_id = full_id
    id = full_id
    key = full_id

    @property
    def cost(self) -> float:
        """1,000 tokens in and 1,000 out; infinite where no price is known."""
        price = self.pricing
        if price is None:
            return UNKNOWN_COST
        return price.input_cost_per_1k + price.output_cost_per_1k

    @property
    def quality(self) -> int:
        """1 to 3, by its tier."""
        return _RANK[self.performance.quality]

    @property
    def latency_s(self) -> float:
        """How long an answer takes."""
        return self.performance.response_time_ms / 1000

    @property
    def deprecated(self) -> bool:
        """Whether the registry says that its provider will take it away."""
        return self.metadata.get("status") == "deprecated"

    def supports(self, capability: str) -> bool:
        """Whether it has the capability, such as ``tools`` or ``vision``."""
        return self.capabilities.supports(capability)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it, for :meth:`from_dict`."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "description": self.description,
            "provider": self.provider,
            "capabilities": self.capabilities.to_dict(),
            "pricing": self.pricing.to_dict() if self.pricing else None,
            "performance": self.performance.to_dict(),
            "metadata": self.metadata,
            "weight": self.weight,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelInfo:
        """What ``to_dict`` gave."""
        made: dict[str, Any] = dict(data)
        price, performance = made.get("pricing"), made.get("performance")
        made["pricing"] = PricingInfo.from_dict(price) if price else None
        made["performance"] = PerformanceMetrics.from_dict(performance or {})
        return cls(**made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelInfo) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<ModelInfo {self.full_id}>"


def checked_weight(weight: float) -> float:
    """:raises ValueError: for what is not a finite number of 0 or more."""
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        raise TypeError(f"weight: expected a number, got {type(weight).__name__}")
    if not 0 <= weight < float("inf"):
        raise ValueError(f"weight: expected 0 or more, got {weight!r}")
    return float(weight)
