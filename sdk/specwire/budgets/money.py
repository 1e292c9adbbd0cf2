"""Amounts as whole numbers: nano-USD in sums, pico-USD for the price of one token.

A price of 0.0125 USD for a million tokens is 12,500 pico-USD for one. Floats come in
and go out only at the edges, by their shortest decimal form.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, Final

NANO: Final = 10**9
PICO_A_NANO: Final = 1000
_AMOUNT = re.compile(
    r"\s*(?P<sign>\$)?\s*(?P<number>[0-9][0-9_,]*(?:\.[0-9]+)?|\.[0-9]+)"
    r"\s*(?P<many>[kKmM])?\s*(?P<unit>usd|\$|dollars?|tokens?|tok)?\s*\Z",
    re.IGNORECASE,
)
_MANY: Final = {"k": 1_000, "m": 1_000_000}


def exact(where: str, value: Any) -> Decimal:
    """``value`` as the decimal number that it is written as.

    :raises ValueError: for what is no number from 0 on.
    """
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ValueError(f"{where}: expected a number from 0 on, got {value!r}")
    return number


def nano_usd(where: str, usd: Any) -> int:
    """USD as nano-USD, rounded up."""
    return int((exact(where, usd) * NANO).to_integral_value(ROUND_CEILING))


def pico_a_token(where: str, usd_a_million: Any) -> int:
    """A price in USD for a million tokens, as pico-USD for one, rounded up."""
    picos = exact(where, usd_a_million) * 1_000_000
    return int(picos.to_integral_value(ROUND_CEILING))


def limits_of(text: str) -> tuple[str | None, int | None]:
    """What ``5usd``, ``$5``, ``2.50 USD`` or ``200k tokens`` limits: USD, or tokens.

    :raises ValueError: for another text.
    """
    found = _AMOUNT.match(text)
    if found is None or (found["sign"] and (found["unit"] or "usd").lower()[0] == "t"):
        raise ValueError(
            f"budget: expected an amount such as '5usd' or '200k tokens', got {text!r}"
        )
    number = Decimal(re.sub("[_,]", "", found["number"]))
    number *= _MANY.get((found["many"] or "").lower(), 1)
    if (found["unit"] or "usd").lower().startswith("t"):
        return None, int(number)
    return str(number), None


def usd(nano: int) -> Decimal:
    """Nano-USD as USD, exact."""
    return Decimal(nano).scaleb(-9)


def shown(nano: int) -> str:
    """As people read it: two digits at least, and no more than say something."""
    text = f"{usd(nano):.9f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part[:6].ljust(2, '0')}"
