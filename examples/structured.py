"""An invoice read into a class: checked against its schema, and typed.

Asks a sandbox where there is no ANTHROPIC_API_KEY.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated, Literal

from specwire import Client, errors
from specwire.sandbox import fallback

INVOICE = """\
Invoice 2026-0117. 3 boxes of tea at 4.50, 1 kettle at 29.90. Total 43.40 EUR.
"""


@dataclass
class Item:
    name: str
    count: int
    price: float


@dataclass
class Invoice:
    number: Annotated[str, "as it is printed"]
    currency: Literal["EUR", "USD", "GBP"]
    items: list[Item]


with Client(**fallback()) as client:
    try:
        message = client.messages.parse(
            model="claude-sonnet-4-5",
            messages=[{"role": "user", "content": f"Read this:\n\n{INVOICE}"}],
            output_format=Invoice,
        )
    except errors.DecodeError as error:
        sys.exit(f"no invoice: {error}")
    invoice = message.parsed_output
    print(f"invoice {invoice.number!r} in {invoice.currency}")
    for item in invoice.items:
        print(f"{item.count} of {item.name}: {item.price}")
