"""``ModelManager`` and the values it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire.errors import ManifestError
from specwire.routing import (
    ModelCapabilities,
    ModelInfo,
    ModelManager,
    PerformanceMetrics,
    PricingInfo,
    QualityTier,
    create_anthropic_models,
    create_models,
    create_openai_models,
    get_model_manager,
    register_model_manager,
)
from specwire.testing import FakeClock


def documented(clock: FakeClock | None = None) -> ModelManager:
    manager = ModelManager(clock=clock)
    manager.register(
        ModelInfo(
            model_id="openai/gpt-4o",
            weight=0.7,
            capabilities=["chat", "tools", "vision"],
        )
    )
    manager.register(
        ModelInfo(
            model_id="anthropic/claude-3-5-sonnet",
            weight=0.3,
            capabilities=["chat", "tools", "reasoning"],
        )
    )
    return manager


def chosen(model: ModelInfo | None) -> str:
    assert model is not None
    return model.model_id


def test_weights_are_kept() -> None:
    """Of 1,000 chances spread evenly, 700 fall to a weight of 0.7."""
    clock = FakeClock()
    manager = documented(clock)
    names = []
    for step in range(1_000):
        clock._chance = step / 1_000
        names.append(chosen(manager.select(strategy="weighted")))
    assert names.count("openai/gpt-4o") == 700


def test_models_take_turns() -> None:
    """Without a strategy the models come one after the other."""
    manager = documented()
    names = [chosen(manager.select()) for _ in range(4)]
    assert names == ["openai/gpt-4o", "anthropic/claude-3-5-sonnet"] * 2


def test_a_capability_is_asked_for_by_any_name() -> None:
    """A model that sees is recommended for vision, and by select(capabilities=)."""
    manager = documented()
    assert chosen(manager.recommend_for("multimodal")) == "openai/gpt-4o"
    assert chosen(manager.select(capabilities=["tools", "reasoning"])).startswith(
        "anth"
    )
    assert manager.recommend_for("telepathy") is None


def test_capabilities_of_no_member_are_kept() -> None:
    """A name that has no member of its own is supported all the same."""
    made = ModelCapabilities.of(["chat", "telepathy"])
    assert made.supports("telepathy")
    assert not made.supports("tools")


def test_the_registry_is_the_source_of_prices_and_windows() -> None:
    """gpt-4o costs 2.5 and 10 dollars a million and takes 128,000 tokens."""
    model = create_openai_models().get_model("gpt-4o")
    assert model is not None and model.pricing is not None
    assert model.pricing.calculate_cost(1_000_000, 1_000_000) == pytest.approx(12.5)
    assert model.capabilities.context_window == 128_000
    assert model.supports("tools") and model.supports("vision")


def test_the_cheapest_that_fits_is_chosen() -> None:
    """Cost, context and capability are asked for together."""
    manager = create_anthropic_models().with_strategy("cost")
    model = manager.select(capabilities="tools", min_context=150_000)
    assert model is not None
    prices = [
        other.cost
        for other in manager.filter_by_context_window(150_000)
        if other.supports("tools") and not other.deprecated
    ]
    assert model.cost == min(prices)


def test_what_only_embeds_is_not_chosen_for_chat() -> None:
    """The cheapest model of OpenAI makes vectors; select() gives one that talks."""
    manager = create_openai_models()
    model = manager.select("cost")
    assert model is not None and model.supports("chat")
    embedding = manager.select("cost", capabilities=["embedding"])
    assert embedding is not None and embedding.name == "text-embedding-3-small"


def test_deprecated_models_are_a_last_resort() -> None:
    """A model that will be taken away is chosen only where nothing else fits."""
    old = ModelInfo("old", metadata={"status": "deprecated"})
    manager = ModelManager().add_model(old)
    assert manager.select() == old
    manager.add_model(ModelInfo("new"))
    assert {chosen(manager.select()) for _ in range(4)} == {"new"}


def test_a_name_is_looked_up_in_the_registry() -> None:
    """add_model("provider/model") knows what the registry knows."""
    manager = ModelManager().add_model("openai/gpt-4o")
    assert manager.filter_by_max_cost(0.0025)[0].full_id == "openai/gpt-4o"
    with pytest.raises(ManifestError):
        manager.add_model("nobody/gpt-4o")


def test_two_providers_may_have_one_name() -> None:
    """A name of two models is no name of one; the full one is."""
    manager = create_openai_models().merge(create_models("azure"))
    assert manager.get_model("gpt-4o") is None
    assert "azure/gpt-4o" in manager
    assert "gpt-4o" not in manager


def test_a_file_keeps_all_of_it(tmp_path: Path) -> None:
    """What is saved is loaded again, as it was."""
    path = tmp_path / "models.json"
    create_openai_models().save(path)
    loaded = ModelManager().load_from_config(path)
    assert list(loaded) == list(create_openai_models())


def test_a_bare_list_is_a_file_too(tmp_path: Path) -> None:
    """A list without an object around it, in the official spelling, is loaded."""
    path = tmp_path / "models.json"
    entry = {
        "name": "m",
        "provider": "p",
        "pricing": {"input_cost_per_1k": 1.0, "output_cost_per_1k": 2.0},
        "performance": {"speed": "fast", "quality": "excellent"},
    }
    path.write_text(json.dumps([entry]))
    model = ModelManager().load_from_config(path).get_model("p/m")
    assert model is not None
    assert (model.cost, model.quality) == (3.0, 3)


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '[{"name": ""}]', '[{"x": 1}]'])
def test_another_file_is_an_error(tmp_path: Path, text: str) -> None:
    """The error names the file."""
    path = tmp_path / "models.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"models\.json: expected a JSON list"):
        ModelManager().load_from_config(path)


def test_ids_are_understood_in_all_spellings() -> None:
    """``id`` with ``name`` is an id and a name to be shown; a slash is a provider's."""
    shown = ModelInfo(id="gpt-4o", name="GPT-4o", provider="openai")
    assert (shown.full_id, shown.display_name) == ("openai/gpt-4o", "GPT-4o")
    assert ModelInfo("gpt-4o", provider="openai").model_id == "openai/gpt-4o"
    routed = ModelInfo(model_id="openrouter/qwen/qwen3", provider="openrouter")
    assert (routed.provider, routed.name) == ("openrouter", "qwen/qwen3")


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_a_weight_is_a_number_of_0_or_more(weight: float) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="weight"):
        ModelInfo("m", weight=weight)


def test_an_unknown_strategy_is_named() -> None:
    """The error says which there are."""
    with pytest.raises(ValueError, match="round_robin, weighted"):
        ModelManager(strategy="best")


def test_tiers_are_understood_in_both_spellings() -> None:
    """``high`` is excellent; names of members may end in ``_tier``."""
    read = PerformanceMetrics.from_dict({"quality_tier": "high", "speed_tier": "fast"})
    assert read.quality is QualityTier.EXCELLENT
    assert PricingInfo.per_million(2.5, 10.0).input_cost_per_1k == 0.0025


def test_managers_are_registered_by_provider() -> None:
    """One that was registered comes before the registry's models."""
    assert "gpt-4o" in get_model_manager("openai")
    assert len(get_model_manager("nobody-yet")) == 0
    own = ModelManager("acme")
    register_model_manager("acme", own)
    assert get_model_manager("acme") is own
