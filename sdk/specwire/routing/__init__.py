"""Routing: which of several models, or of several addresses of one, is asked.

>>> from specwire.routing import Router
>>> router = Router(["openai/gpt-4o", "anthropic/claude-sonnet-4-5"])  # doctest: +SKIP
>>> router.chat().user("Hello").execute().content  # doctest: +SKIP

:class:`Router` asks chat models; :class:`Balancer` spreads the calls of a ``Client``;
:class:`ModelManager` and :class:`ModelArray` choose and open no connection. See
``docs/routing.md``.
"""

from __future__ import annotations

from .array import ModelArray, Visit
from .balancer import Balancer
from .condition import HealthCheckConfig
from .endpoint import ModelEndpoint
from .manager import ModelManager, get_model_manager, register_model_manager
from .models import (
    ModelCapabilities,
    ModelInfo,
    PerformanceMetrics,
    PricingInfo,
    QualityTier,
    SpeedTier,
)
from .registry import (
    create_anthropic_models,
    create_models,
    create_openai_models,
    model_info,
)
from .router import RoutedRequestBuilder, Router
from .strategies import (
    CostBasedSelector,
    HealthBasedSelector,
    LeastConnectionsSelector,
    LoadBalancingStrategy,
    ModelSelectionStrategy,
    PerformanceBasedSelector,
    QualityBasedSelector,
    RandomSelector,
    RoundRobinSelector,
    Selector,
    Strategy,
    WeightedSelector,
    create_endpoint_selector,
    create_model_selector,
)

__all__ = [
    "Balancer",
    "CostBasedSelector",
    "HealthBasedSelector",
    "HealthCheckConfig",
    "LeastConnectionsSelector",
    "LoadBalancingStrategy",
    "ModelArray",
    "ModelCapabilities",
    "ModelEndpoint",
    "ModelInfo",
    "ModelManager",
    "ModelSelectionStrategy",
    "PerformanceBasedSelector",
    "PerformanceMetrics",
    "PricingInfo",
    "QualityBasedSelector",
    "QualityTier",
    "RandomSelector",
    "RoundRobinSelector",
    "RoutedRequestBuilder",
    "Router",
    "Selector",
    "SpeedTier",
    "Strategy",
    "Visit",
    "WeightedSelector",
    "create_anthropic_models",
    "create_endpoint_selector",
    "create_model_selector",
    "create_models",
    "create_openai_models",
    "get_model_manager",
    "model_info",
    "register_model_manager",
]
