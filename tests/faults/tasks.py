"""The async clients under the same table: the same steps, each of them awaited.

All cases share one event loop; threads of an action become tasks of it.
"""

from __future__ import annotations

from typing import Any

from specwire import Timeout
from specwire.aio import AsyncClient
from specwire.compat.anthropic import AsyncAnthropic
from tests.awaited import Awaited, awaited

from .case import Setup
from .dropin import equipped
from .ours import SAY_HI, Specwire, clock_for


class InTasks(Specwire):
    """``AsyncClient``, asked as :class:`Specwire` asks ``Client``."""

    name = "specwire.aio"

    def make(self, setup: Setup) -> Any:
        clock = clock_for(setup)
        options: dict[str, Any] = {}
        if setup.max_body_bytes is not None:
            options["max_body_bytes"] = setup.max_body_bytes
        client = AsyncClient(
            api_keys={"anthropic": setup.key, "sim": setup.key},
            base_urls={"anthropic": setup.base_url, "sim": setup.base_url},
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
            _clock=clock,
            **options,
        )
        client.__dict__["_slept"] = getattr(clock, "slept", [])
        return Awaited(client)

    def read(self, client: Any, texts: list[str]) -> None:
        awaited(_read(client._of, texts))

    def read_rows(self, client: Any, ids: list[str]) -> None:
        awaited(_read_rows(client._of, ids))


class DropInInTasks(InTasks):
    """A program that was written for the official async client."""

    name = "compat.anthropic, async"

    def make(self, setup: Setup) -> Any:
        client = AsyncAnthropic(
            api_key=setup.key,
            base_url=setup.base_url,
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
        )
        return Awaited(equipped(client._of, client, setup))


async def _read(client: Any, texts: list[str]) -> None:
    async with await client.messages.create(**SAY_HI, stream=True) as events:
        async for event in events:
            if event.type == "content_block_delta":
                texts.append(event.delta.text)


async def _read_rows(client: Any, ids: list[str]) -> None:
    async for row in await client.batches.results("b1"):
        ids.append(row.custom_id)
