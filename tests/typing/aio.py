"""What a type checker says of the async client; read by ``make types``, never run."""

from __future__ import annotations

from typing_extensions import assert_type

from specwire import models
from specwire.aio import AsyncClient
from specwire.aio.faces.batches import AsyncBatchResults
from specwire.aio.faces.messages import AsyncMessageStreamManager
from specwire.aio.faces.runner import AsyncToolRunner
from specwire.aio.paging import AsyncPage
from specwire.aio.stream import AsyncStream


async def main() -> None:
    async with AsyncClient(timeout=3) as client:
        print(client.mesages)  # type: ignore[attr-defined]
        await client.messages.create(model="m")  # type: ignore[call-overload]
        m = await client.messages.create(model="m", max_tokens=1, messages=[])
        assert_type(m, models.Message)
        s = await client.messages.create(
            model="m", max_tokens=1, messages=[], stream=True
        )
        assert_type(s, AsyncStream[models.MessageStreamEvent])
        async for event in s:
            assert_type(event, models.MessageStreamEvent)
        page = await client.batches.list()
        assert_type(page, AsyncPage[models.MessageBatch])
        async for batch in client.batches.list():
            assert_type(batch, models.MessageBatch)
        assert_type(await client.batches.wait("b"), models.MessageBatch)
        assert_type(await client.batches.results("b"), AsyncBatchResults)
        assert_type(
            client.messages.stream(model="m", max_tokens=1, messages=[]),
            AsyncMessageStreamManager,
        )
        r = client.messages.tool_runner(model="m", tools=[])
        assert_type(r, AsyncToolRunner)
        p = await client.messages.parse(model="m", messages=[], output_format=int)
        assert_type(p.parsed_output, int)
