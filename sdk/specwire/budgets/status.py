"""How a budget stands, as a value."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen


@frozen
class BudgetStatus:
    """How a budget stands.

    :ivar spent: USD.
    :ivar reserved: USD that calls under way may cost.
    :ivar left: USD that is neither; ``None`` without a limit in money.
    :ivar since: when its period began, and ``resets_at`` when it ends, in seconds since
        the epoch; ``None`` for no period.
    """

    spent: Decimal
    reserved: Decimal
    left: Decimal | None
    tokens: int
    tokens_reserved: int
    tokens_left: int | None
    since: float | None
    resets_at: float | None
