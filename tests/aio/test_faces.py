"""What async clients have besides their operations, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from specwire.aio import AsyncClient
from specwire.aio.faces.batches import AsyncBatchResults
from specwire.aio.faces.messages import AsyncMessageStream
from specwire.aio.faces.runner import AsyncStreamingToolRunner, AsyncToolRunner
from specwire.aio.faces.workflow_stream import AsyncWorkflowStream
from specwire.errors import NotFoundError
from specwire.sandbox import Sandbox

ASK: Any = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
ROWS: Any = [{"custom_id": f"r{number}", "params": ASK} for number in range(3)]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def ran(box: Sandbox, work: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
    """What ``work`` comes to with a client of the sandbox."""

    async def main() -> Any:
        keys, urls = box.api_keys, box.base_urls
        async with AsyncClient(api_keys=keys, base_urls=urls) as client:
            return await work(client)

    return asyncio.run(main(), debug=True)


def test_a_message_is_streamed(box: Sandbox) -> None:
    """Its text as it arrives, and the whole at the end."""

    async def work(client: AsyncClient) -> None:
        async with client.messages.stream(**ASK) as stream:
            assert isinstance(stream, AsyncMessageStream)
            text = "".join([piece async for piece in stream.text_stream])
            message = await stream.get_final_message()
        assert text == await stream.get_final_text() == message.content[0].text  # type: ignore[union-attr]
        assert stream.request_id == message._request_id

    ran(box, work)


def test_a_stream_that_is_left_keeps_what_arrived(box: Sandbox) -> None:
    async def work(client: AsyncClient) -> None:
        async with client.messages.stream(**ASK) as stream:
            first = await anext(stream)
            assert first.type == "message_start"
        assert stream.current_message_snapshot.id.startswith("msg_")

    ran(box, work)


def test_a_batch_is_waited_for_and_read(box: Sandbox) -> None:
    """Who is told may be a coroutine function; rows come one by one or by their id."""
    told: list[str] = []

    async def tell(batch: Any) -> None:
        await asyncio.sleep(0)
        told.append(batch.processing_status)

    async def work(client: AsyncClient) -> None:
        batch = await client.batches.create(requests=ROWS)
        done = await client.batches.wait(batch.id, first_delay=0.001, on_progress=tell)
        assert told[-1] == done.processing_status == "ended"
        rows = await client.batches.results(batch.id)
        assert isinstance(rows, AsyncBatchResults)
        assert rows.expected == 3
        assert sorted(await rows.keyed()) == ["r0", "r1", "r2"]
        problems: list[Any] = []
        async with await client.messages.batches.results(batch.id) as rows:
            ids = [row.custom_id async for row in rows.readable(problems)]
        assert (sorted(ids), problems) == (["r0", "r1", "r2"], [])

    ran(box, work)


def test_a_file_is_uploaded_in_any_form(box: Sandbox) -> None:
    told: list[tuple[int, int | None]] = []

    async def work(client: AsyncClient) -> None:
        made = await client.files.upload(
            file=("a.txt", b"hello"), progress=lambda sent, of: told.append((sent, of))
        )
        assert made.filename == "a.txt"
        assert told[-1] == (5, 5)

    ran(box, work)


def test_tools_are_run_between_messages(box: Sandbox) -> None:
    def get_weather(city: str) -> str:
        """The weather.

        :param city: where.
        """
        return f"sunny in {city}"

    async def work(client: AsyncClient) -> None:
        runner = client.messages.tool_runner(**ASK, tools=[get_weather])
        assert isinstance(runner, AsyncToolRunner)
        reasons = [message.stop_reason async for message in runner]
        assert reasons == ["tool_use", "end_turn"]
        assert len(runner.messages) == 3
        streams = client.messages.tool_runner(**ASK, stream=True)
        assert isinstance(streams, AsyncStreamingToolRunner)
        async for stream in streams:
            assert isinstance(stream, AsyncMessageStream)
            assert "".join([text async for text in stream.text_stream])

    ran(box, work)


def test_a_workflow_is_run_in_each_way(box: Sandbox) -> None:
    async def work(client: AsyncClient) -> None:
        result = await client.execute_workflow("wf-1", {"a": 1})
        assert result.success
        stream = await client.execute_workflow("wf-1", {"a": 1}, stream=True)
        assert isinstance(stream, AsyncWorkflowStream)
        async with stream:
            pieces = [piece async for piece in stream.text_stream]
        assert "".join(pieces) == stream.text
        assert (await stream.result()).success
        receipt = await client.execute_workflow("wf-1", {}, async_execution=True)
        job = await client.jobs.wait(receipt.task_id, first_delay=0.001)
        assert job.status == "completed"

    ran(box, work)


def test_errors_are_those_of_the_synchronous_client(box: Sandbox) -> None:
    async def work(client: AsyncClient) -> None:
        with pytest.raises(NotFoundError, match=r"batches\.retrieve"):
            await client.batches.wait("msgbatch_none")

    ran(box, work)
