"""How much is thought: words of effort as a budget of tokens.

For the dialects that have no word for effort. A number is taken as the budget itself.
"""

from __future__ import annotations

from typing import Final

from ...core.errors import RequestValidationError

BUDGETS: Final = {
    "none": 0,
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32768,
    "max": 32768,
}
"""Tokens."""


def budget(value: str | int, where: str) -> int | None:
    """The tokens that ``value`` stands for; ``None`` leaves it to the model.

    :raises RequestValidationError: for a word that is not known.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if value == "auto":
        return None
    found = BUDGETS.get(value) if isinstance(value, str) else None
    if found is None:
        raise RequestValidationError(
            f"{where}: reasoning_effort: expected auto, {', '.join(BUDGETS)} or a "
            f"number of tokens, got {value!r:.40}",
            pointer="/reasoning_effort",
        )
    return found
