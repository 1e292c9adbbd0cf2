"""``specwire.compat.ai_lib.routing``: the names, and the calls of its documents."""

from __future__ import annotations

from specwire.compat.ai_lib import routing
from specwire.compat.ai_lib.routing import (
    HealthCheckConfig,
    LoadBalancingStrategy,
    ModelArray,
    ModelCapabilities,
    ModelEndpoint,
    ModelInfo,
    ModelManager,
    ModelSelectionStrategy,
    PerformanceMetrics,
    PricingInfo,
    QualityTier,
    SpeedTier,
)

NAMES = """
    CostBasedSelector EndpointSelector HealthBasedEndpointSelector HealthCheckConfig
    LeastConnectionsEndpointSelector LeastConnectionsSelector LoadBalancingStrategy
    ModelArray ModelCapabilities ModelEndpoint ModelInfo ModelManager
    ModelSelectionStrategy ModelSelector PerformanceBasedSelector PerformanceMetrics
    PricingInfo QualityBasedSelector QualityTier RandomSelector
    RoundRobinEndpointSelector RoundRobinSelector SpeedTier WeightedEndpointSelector
    WeightedSelector create_anthropic_models create_endpoint_selector
    create_model_selector create_openai_models get_model_manager
    register_model_manager
"""


def test_all_names_are_there() -> None:
    """What the official module exports is exported here."""
    assert set(NAMES.split()) - set(routing.__all__) == set()


def test_models_as_the_module_writes_them() -> None:
    """A manager of one provider, by cost, with positional prices."""
    manager = ModelManager(provider="openai")
    manager.with_strategy(ModelSelectionStrategy.COST_BASED)
    manager.add_model(
        ModelInfo(
            name="gpt-4o",
            display_name="GPT-4o",
            capabilities=ModelCapabilities(
                chat=True, multimodal=True, function_calling=True, context_window=128000
            ).with_code_generation(),
            pricing=PricingInfo(0.0025, 0.01),
            performance=PerformanceMetrics(
                speed=SpeedTier.BALANCED, quality=QualityTier.EXCELLENT
            ),
        )
    )
    model = manager.select_model()
    assert model is not None
    assert (model.name, model.full_id) == ("gpt-4o", "openai/gpt-4o")
    assert manager.recommend_for("code") is model
    assert [len(manager), "gpt-4o" in manager] == [1, True]
    assert manager.remove_model("gpt-4o") is model


def test_arrays_as_the_module_writes_them() -> None:
    """Endpoints by position, strategies by member, health by name."""
    array = ModelArray("cluster", health_check=HealthCheckConfig("/health", 30, 5, 3))
    array.with_strategy(LoadBalancingStrategy.WEIGHTED)
    array.add_endpoint(ModelEndpoint("a", "gpt-4o", "https://a.invalid", weight=2.0))
    array.add_endpoint(ModelEndpoint("b", "gpt-4o", "https://b.invalid", weight=1.0))
    assert array.mark_unhealthy("a")
    endpoint = array.select_endpoint()
    assert endpoint is not None and endpoint.name == "b"
    assert array.mark_unhealthy("b")
    assert (array.select_endpoint(), array.is_healthy()) == (None, False)
