"""``ai_lib_python.tokens``: counters, and what requests cost.

Prices are those of the manifests' dated tables, in place of a table in the code; a
model that nobody knows has none, where the original makes one up.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from attrs import frozen

from ...budgets import PriceUnknownError
from ...tokens import (
    CachingCounter,
    Cost,
    CostEstimator,
    EstimatingCounter,
    TiktokenCounter,
    TokenCount,
    TokenCounter,
)
from ...tokens.models import entry_of

__all__ = [
    "AnthropicEstimator",
    "CachingCounter",
    "CharacterEstimator",
    "CostEstimate",
    "CostEstimator",
    "ModelPricing",
    "TiktokenCounter",
    "TokenCounter",
    "estimate_cost",
    "get_available_models",
    "get_model_context_window",
    "get_model_max_output",
    "get_model_pricing",
    "get_token_counter",
]

CostEstimate = Cost


class CharacterEstimator(TokenCounter):
    """A token for so many characters."""

    def __init__(self, chars_per_token: float = 4.0) -> None:
        self._chars_per_token = chars_per_token

    def count(self, text: str) -> TokenCount:
        return TokenCount(max(1, int(len(text) / self._chars_per_token)))


class AnthropicEstimator(EstimatingCounter):
    """Estimates for Claude."""

    def __init__(self, model: str = "claude-sonnet-4-5") -> None:
        super().__init__(model)


@cache
def get_token_counter(model: str) -> TokenCounter:
    """The counter of ``model``, the same one each time."""
    return TokenCounter.for_model(model)


@frozen
class ModelPricing:
    """A model's prices in USD for a thousand tokens, and its limits."""

    model: str
    input_price_per_1k: float
    output_price_per_1k: float
    context_window: int = 128_000
    max_output_tokens: int = 4096

    @property
    def input_price_per_token(self) -> float:
        return self.input_price_per_1k / 1000

    @property
    def output_price_per_token(self) -> float:
        return self.output_price_per_1k / 1000


def get_model_pricing(model: str) -> ModelPricing | None:
    """What is known of ``model``'s prices, or ``None``."""
    try:
        price = CostEstimator.for_model(model).price
    except PriceUnknownError:
        return None
    return ModelPricing(
        model,
        price.input / 1e9,
        price.output / 1e9,
        get_model_context_window(model),
        get_model_max_output(model),
    )


def estimate_cost(input_tokens: int, output_tokens: int, model: str) -> Cost:
    """What so many tokens cost.

    :raises PriceUnknownError: where nobody knows the model's price.
    """
    return CostEstimator.for_model(model).estimate(input_tokens, output_tokens)


def get_available_models() -> list[str]:
    """The models whose prices are known."""
    from ...chat import builtin

    known = ((id, name) for id in builtin.ids() for name in builtin.models(id))
    return [f"{id}/{name}" for id, name in known if builtin.models(id)[name]["prices"]]


def get_model_context_window(model: str) -> int:
    """Tokens of request and answer; 128,000 where nobody knows."""
    return _known(model, "context_window", 128_000)


def get_model_max_output(model: str) -> int:
    """Tokens of an answer at most; 4,096 where nobody knows."""
    return _known(model, "max_output_tokens", 4096)


def _known(model: str, name: str, default: int) -> int:
    value: Any = entry_of(model).get(name)
    return int(value) if value else default
