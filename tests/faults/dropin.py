"""The drop-in module under the same table: official names, our answers."""

from __future__ import annotations

from typing import Any

from specwire import Timeout
from specwire.compat.anthropic import Anthropic

from .case import Setup
from .ours import Specwire, clock_for


class DropIn(Specwire):
    """A program that was written for the official client."""

    name = "compat.anthropic"

    def make(self, setup: Setup) -> Any:
        client = Anthropic(
            api_key=setup.key,
            base_url=setup.base_url,
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
        )
        return equipped(client, client, setup)


def equipped(client: Any, shown: Any, setup: Setup) -> Any:
    """``shown``, of which ``client`` has what the official arguments do not say."""
    clock = clock_for(setup)
    client._engine.clock = clock
    if setup.max_body_bytes is not None:
        client._engine.max_body_bytes = setup.max_body_bytes
    client.set_api_key(setup.key)  # of the workflow service, which some cases ask
    client._base_urls = {**client._base_urls, "sim": client.base_url}
    shown.__dict__["_slept"] = getattr(clock, "slept", [])
    return shown
