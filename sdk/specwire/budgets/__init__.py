"""Budgets: what calls cost, written down, and limits that are kept before a call.

>>> from specwire.budgets import Budget
>>> client = Client(hooks=[Budget("5usd", per="day")])  # doctest: +SKIP

``specwire usage`` shows what was written down; see ``docs/budgets.md``.
"""

from __future__ import annotations

from ..core.errors import BudgetExceededError
from .budget import Budget
from .counts import Counts
from .errors import PricesFileError, PriceUnknownError, UsageFileError
from .ledger import Entry, UsageLedger
from .prices import Price, Prices
from .status import BudgetStatus

__all__ = [
    "Budget",
    "BudgetExceededError",
    "BudgetStatus",
    "Counts",
    "Entry",
    "Price",
    "PriceUnknownError",
    "Prices",
    "PricesFileError",
    "UsageFileError",
    "UsageLedger",
]
