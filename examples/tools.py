"""A conversation in which the model calls a function of ours.

Asks a sandbox where there is no ANTHROPIC_API_KEY.
"""

from __future__ import annotations

from typing import Literal

from specwire import Client, ToolError, tool
from specwire.sandbox import fallback

STOCK = {"tea": 12, "coffee": 0}


@tool
def stock(item: Literal["tea", "coffee"], at_least: int = 1) -> str:
    """Say whether there is enough of something.

    Args:
        item: What is wanted.
        at_least: How many packets are needed.
    """
    if STOCK[item] < at_least:
        raise ToolError(f"there are only {STOCK[item]} packets of {item}")
    return f"{STOCK[item]} packets of {item}"


with Client(**fallback()) as client:
    runner = client.messages.tool_runner(
        model="claude-haiku-4-5",
        tools=[stock],
        messages=[{"role": "user", "content": "Is there tea for three?"}],
        max_iterations=5,
    )
    for message in runner:
        print(message.stop_reason)
        for block in message.content:
            if block.type == "text":
                print(block.text)
