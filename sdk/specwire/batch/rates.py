"""What a run may take: a rate in words, a budget as a number."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, Final

_RATE: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:/|per)\s*(s|sec|second|m|min|minute|h|hour|d|day)\Z", re.I
)
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_WAIT_S: Final = 600.0
"""For calls under way: what they may cost at worst is more than they do."""
_MONEY: Final = re.compile(r"\$?\s*(\d+(?:\.\d+)?)\s*(usd|dollars?)?\Z", re.I)


def per_second(rate: float | str) -> float:
    """``"50/s"``, ``"3000/min"`` or a number, as requests a second.

    :raises ValueError: for anything else.
    """
    if isinstance(rate, str):
        said = _RATE.match(rate.strip())
        if said is not None:
            return _positive(float(said[1]) / _SECONDS[said[2][0].lower()], rate)
        try:
            rate = float(rate)
        except ValueError:
            raise ValueError(
                f"rate: expected such as 50/s, 3000/min or 10000/h, got {rate!r}"
            ) from None
    return _positive(float(rate), rate)


def usd(budget: str) -> float:
    """``"5usd"``, ``"$5"`` or ``"5"``, as dollars.

    :raises ValueError: for anything else.
    """
    said = _MONEY.match(budget.strip())
    if said is None:
        raise ValueError(f"budget: expected such as 5usd or 0.50, got {budget!r}")
    return _positive(float(said[1]), budget)


def _positive(value: float, given: object) -> float:
    if not 0 < value < float("inf"):
        raise ValueError(f"expected more than nothing, got {given!r}")
    return value


def limiter_of(rate_limit: Any, clock: Any) -> Any:
    """A rate limiter: the one that was given, or one of that rate."""
    if rate_limit is None or hasattr(rate_limit, "before_attempt"):
        return rate_limit
    from ..resilience import RateLimiter

    return RateLimiter(requests_per_second=per_second(rate_limit), clock=clock)


def budget_of(budget: Any, run: str) -> Any:
    """A budget: the hook that was given, or one of so many dollars for ``run``, which
    is the same one when it goes on."""
    if budget is None or hasattr(budget, "before_attempt"):
        return budget
    return import_module("specwire.budgets").Budget(
        dollars(budget), per="run", run=f"batch-{run}", wait=_WAIT_S
    )


def dollars(budget: float | str) -> float:
    """``"5usd"``, or a number.

    :raises ValueError: for anything else.
    """
    return usd(budget) if isinstance(budget, str) else _positive(budget, budget)
