"""What tokens cost, before they are spent: by the dated registry, or your prices.

The prices are those of :mod:`specwire.budgets`: a file named by ``SPECWIRE_PRICES``
comes before the registry. Amounts are exact and rounded up to a nano-dollar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..budgets import Counts, Price, Prices, PriceUnknownError
from ..budgets.money import usd
from ..chat.usage import Usage
from .counters import TokenCounter
from .models import entry_of, split


class Cost(float):
    """USD; a plain number wherever one is wanted.

    :ivar usd: the same, exact.
    :ivar input_cost: what the request costs.
    :ivar output_cost: what the answer costs.
    :ivar input_tokens: of the request, those of caches included.
    :ivar estimated: whether tokens were estimated.
    :ivar as_of: when the provider listed these prices, where the registry has them.
    """

    usd: Decimal
    input_cost: float
    output_cost: float
    input_tokens: int
    output_tokens: int
    model: str
    as_of: str | None
    estimated: bool
    currency = "USD"

    @property
    def total_cost(self) -> float:
        """The sum, as a plain float."""
        return float(self.usd)

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return {**vars(self), "total_cost": self.total_cost, "currency": self.currency}


class CostEstimator:
    """What requests to one model cost.

    >>> CostEstimator.for_model("openai/gpt-4o").estimate(
    ...     prompt_tokens=1000, completion_tokens=500
    ... ).usd
    Decimal('0.007500000')

    :ivar model: as it was named.
    :ivar price: what a token costs, see :class:`specwire.budgets.Price`.
    :ivar as_of: the day of the price list; ``None`` for prices of your own.
    """

    def __init__(self, model: str, price: Price, as_of: str | None = None) -> None:
        self.model = model
        self.price = price
        self.as_of = as_of

    @classmethod
    def for_model(
        cls, model: str, *, prices: Prices | Mapping[str, Any] | str | None = None
    ) -> CostEstimator:
        """The estimator of ``model`` (``provider/model``, or a model alone).

        :param prices: prices of your own, as :class:`specwire.budgets.Prices` has them.
        :raises PriceUnknownError: where nobody knows its price.
        """
        known = prices if isinstance(prices, Prices) else Prices(prices)
        provider, name = split(model)
        price = known.of(provider, name)
        if price is None:
            raise PriceUnknownError(
                f"CostEstimator: nobody knows what {model!r} costs; give prices={{"
                f"{model!r}: {{'input': 3, 'output': 15}}}}, or a file of them in "
                "SPECWIRE_PRICES",
                model=model,
            )
        listed = Prices({}).of(provider, name)
        as_of = entry_of(model).get("as_of") if listed == price else None
        return cls(model, price, as_of)

    def estimate(
        self,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        *,
        cached_tokens: int = 0,
        cache_write_tokens: int = 0,
        batch: bool = False,
    ) -> Cost:
        """What so many tokens cost.

        :param prompt_tokens: of the request, those that caches hold included.
        :param cached_tokens: those of them that are read from a cache.
        :param cache_write_tokens: those of them that are written into one.
        :param batch: at a batch's price.
        :raises ValueError: for a negative number, or more cached than there are.
        """
        numbers = (prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens)
        fresh = prompt_tokens - cached_tokens - cache_write_tokens
        if min(*numbers, fresh) < 0:
            raise ValueError(
                "CostEstimator.estimate: expected numbers from 0 on, and no more "
                f"cached than prompt tokens; got {', '.join(map(str, numbers))}"
            )
        given = Counts(int(fresh), int(cached_tokens), int(cache_write_tokens))
        told = Counts(output=int(completion_tokens))
        whole = Counts(given.fresh, given.read, given.written, 0, told.output)
        price = self.price
        cost = Cost(usd(price.cost(whole, batch=batch)))
        cost.usd = usd(price.cost(whole, batch=batch))
        cost.input_cost = float(usd(price.cost(given, batch=batch)))
        cost.output_cost = float(usd(price.cost(told, batch=batch)))
        cost.input_tokens, cost.output_tokens = prompt_tokens, completion_tokens
        cost.model, cost.as_of = self.model, self.as_of
        cost.estimated = getattr(prompt_tokens, "estimated", False)
        return cost

    def estimate_messages(
        self,
        messages: Iterable[Any] | str,
        completion_tokens: int | None = None,
        *,
        tools: Iterable[Any] = (),
        batch: bool = False,
    ) -> Cost:
        """What a conversation costs, with an answer of so many tokens.

        :param completion_tokens: by default the longest answer that the model gives.
        """
        counter = TokenCounter.for_model(self.model)
        said = [messages] if isinstance(messages, str) else messages
        given = counter.count_messages(said, tools=tools)
        if completion_tokens is None:
            completion_tokens = self.price.max_output or 0
        return self.estimate(given, completion_tokens, batch=batch)

    def of_usage(self, usage: Any, *, batch: bool = False) -> Cost:
        """What the usage of an answer cost.

        :param usage: a chat response's, or counts by its names.
        """
        counts = usage if isinstance(usage, Usage) else Usage(usage)
        apart = "cache_read_input_tokens" in counts.raw
        read, written = counts.cache_read_tokens or 0, counts.cache_creation_tokens or 0
        prompt = (counts.prompt_tokens or 0) + (read + written if apart else 0)
        return self.estimate(
            max(prompt, read + written),
            counts.completion_tokens or 0,
            cached_tokens=read,
            cache_write_tokens=written,
            batch=batch,
        )

    def __repr__(self) -> str:
        return f"<CostEstimator of {self.model}, prices of {self.as_of or 'your own'}>"
