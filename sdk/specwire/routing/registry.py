"""Models as the manifests' registry knows them: limits, prices, what goes in and out.

Speed and quality are not in it. Their tiers are a guess by price, which says so in
``metadata["tiers"]``; set ``model.performance`` where you know better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..chat import builtin
from ..core.errors import ManifestError
from .manager import ModelManager
from .models import (
    ModelCapabilities,
    ModelInfo,
    PerformanceMetrics,
    PricingInfo,
    QualityTier,
    SpeedTier,
)

_EXCELLENT: Final = 8.0
_GOOD: Final = 1.5
_SLOW: Final = 20.0
_FAST: Final = 5.0
"""Dollars per million tokens of the answer."""


def model_info(entry: Mapping[str, Any], provider: str = "") -> ModelInfo:
    """A model of the registry, by its entry (``manifest.model(name)``)."""
    prices = entry.get("prices") or {}
    output = prices.get("output")
    price = None
    if "input" in prices:  # what answers with vectors has no price of an answer
        price = PricingInfo.per_million(prices["input"], output or 0.0)
    chat = "text" in (entry.get("output") or ())
    return ModelInfo(
        str(entry["id"]),
        str(entry.get("name") or ""),
        provider=provider or str(entry.get("provider") or ""),
        capabilities=ModelCapabilities(
            chat=chat,
            streaming=chat,
            embedding=not entry.get("output"),
            multimodal=set(entry.get("input") or ()) > {"text"},
            function_calling=bool(entry.get("tools")),
            tool_use=bool(entry.get("tools")),
            reasoning=bool(entry.get("reasoning")),
            context_window=entry.get("context_window"),
        ),
        pricing=price,
        performance=_guessed(output),
        metadata={
            "status": str(entry.get("status") or "active"),
            "as_of": str(entry.get("as_of") or ""),
            "tiers": "by price",
        },
    )


def _guessed(output: float | None) -> PerformanceMetrics:
    if output is None:
        return PerformanceMetrics()
    quality = QualityTier.BASIC
    if output >= _GOOD:
        quality = QualityTier.EXCELLENT if output >= _EXCELLENT else QualityTier.GOOD
    speed = SpeedTier.BALANCED
    if output <= _FAST:
        speed = SpeedTier.FAST
    elif output >= _SLOW:
        speed = SpeedTier.SLOW
    return PerformanceMetrics(speed, quality)


def create_models(provider: str) -> ModelManager:
    """All models of a provider, by its id or an alias.

    :raises ManifestError: for a provider of which no models are known.
    """
    id = builtin.aliases().get(provider, provider)
    entries = builtin.models(id) if id in builtin.ids() else {}
    if not entries:
        raise ManifestError(f"{provider!r}: no models of it are in the registry")
    manager = ModelManager(id)
    for entry in entries.values():
        manager.add_model(model_info(entry, id))
    return manager


def create_openai_models() -> ModelManager:
    """Those of OpenAI, with the prices and limits of the registry."""
    return create_models("openai")


def create_anthropic_models() -> ModelManager:
    """Those of Anthropic, with the prices and limits of the registry."""
    return create_models("anthropic")
