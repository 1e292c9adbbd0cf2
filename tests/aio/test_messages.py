"""``AsyncClient``: messages, batches, files and models, by the front door."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, errors, models
from specwire.aio import AsyncClient, AsyncDownload, AsyncPage, AsyncStream
from specwire.aio.faces.messages import AsyncMessageStream
from specwire.sandbox import Sandbox
from tests.aio.alone import alone
from tests.scripted import ScriptedServer, reply, serving

WANT: Any = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 200,
    "messages": [{"role": "user", "content": "Count to five, please"}],
}


def asked(
    box: Sandbox, work: Callable[[AsyncClient], Awaitable[Any]], **options: Any
) -> Any:
    """What ``work`` comes to in a task, with a client of ``box``; no task is left."""

    async def main() -> Any:
        urls, keys = box.base_urls, box.api_keys
        async with AsyncClient(base_urls=urls, api_keys=keys, **options) as client:
            found = await asyncio.wait_for(work(client), 30)
        assert await alone()
        return found

    return asyncio.run(main())


def of(server: ScriptedServer, **options: Any) -> AsyncClient:
    """A client of ``server``."""
    return AsyncClient(
        api_keys={"anthropic": "k"}, base_urls={"anthropic": server.url}, **options
    )


# -- messages ----------------------------------------------------------------------


def test_create_gives_a_typed_message(box: Sandbox) -> None:
    """A Message with content, usage and the facts of its reply."""

    async def work(client: AsyncClient) -> Any:
        return await client.messages.create(**WANT)

    message = asked(box, work)
    assert isinstance(message, models.Message)
    assert "Count to five" in getattr(message.content[0], "text", "")
    assert message._reply is not None
    assert (message._reply.status_code, message._reply.attempts) == (200, 1)


def test_streamed_events_end_with_message_stop(box: Sandbox) -> None:
    """``create(stream=True)`` is awaited, and gone through with ``async for``."""

    async def work(client: AsyncClient) -> Any:
        stream = await client.messages.create(**WANT, stream=True)
        assert isinstance(stream, AsyncStream)
        async with stream:
            return [event.type async for event in stream], stream.events_received

    kinds, received = asked(box, work)
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert received == len(kinds)


def test_a_streamed_message_is_put_together(box: Sandbox) -> None:
    """Its text comes in pieces, and the whole is what ``create`` gives."""

    async def work(client: AsyncClient) -> Any:
        async with client.messages.stream(**WANT) as stream:
            assert isinstance(stream, AsyncMessageStream)
            pieces = [text async for text in stream.text_stream]
            whole = await stream.get_final_message()
            assert await stream.get_final_text() == "".join(pieces)
        return pieces, whole, await client.messages.create(**WANT)

    pieces, whole, created = asked(box, work)
    assert len(pieces) > 1
    assert whole.content == created.content
    assert whole.stop_reason == "end_turn"


def test_events_say_what_they_mean(box: Sandbox) -> None:
    """Behind a delta its text; the message so far is readable meanwhile."""

    async def work(client: AsyncClient) -> Any:
        texts: list[str] = []
        async with client.messages.stream(**WANT) as stream:
            assert stream.request_id is not None
            async for event in stream:
                if event.type == "text":
                    texts.append(event.text)
                    block = stream.current_message_snapshot.content[0]
                    assert getattr(block, "text", "") == "".join(texts)
            await stream.until_done()
        return texts

    assert len(asked(box, work)) > 1


def test_fifty_at_once(box: Sandbox) -> None:
    """One client serves any number of tasks; each gets its own answer."""

    async def one(client: AsyncClient, number: int) -> str:
        turn: Any = {"role": "user", "content": f"number {number};"}
        message = await client.messages.create(**{**WANT, "messages": [turn]})
        return getattr(message.content[0], "text", "")

    async def work(client: AsyncClient) -> Any:
        return await asyncio.gather(*(one(client, n) for n in range(50)))

    answers = asked(box, work)
    assert all(f"number {n};" in each for n, each in enumerate(answers))


def test_what_is_parsed_is_a_value(box: Sandbox) -> None:
    """``parse`` is awaited; so is ``count_tokens``."""
    from dataclasses import make_dataclass

    kind = make_dataclass("Kind", [("score", int)])

    async def work(client: AsyncClient) -> Any:
        message = await client.messages.parse(**WANT, output_format=kind)
        turns = {name: WANT[name] for name in ("model", "messages")}
        count = await client.messages.count_tokens(**turns)
        return message.parsed_output, count.input_tokens

    value, count = asked(box, work)
    assert isinstance(value, kind)
    assert count > 0


# -- batches, files, models --------------------------------------------------------


def test_a_batch_is_created_waited_for_and_read(box: Sandbox) -> None:
    """Rows come in any order; ``keyed`` has them by their ids."""
    rows: Any = [{"custom_id": f"r{n}", "params": WANT} for n in range(3)]
    seen: list[str] = []

    async def work(client: AsyncClient) -> Any:
        batch = await client.batches.create(requests=rows)
        ended = await client.batches.wait(
            batch.id,
            first_delay=0.01,
            on_progress=lambda batch: seen.append(batch.processing_status),
        )
        results = await client.messages.batches.results(batch.id)
        found = [row.custom_id async for row in results]
        keyed = await (await client.batches.results(batch.id)).keyed()
        return ended.processing_status, found, keyed

    status, found, keyed = asked(box, work)
    assert (status, seen[-1]) == ("ended", "ended")
    assert sorted(found) == sorted(keyed) == ["r0", "r1", "r2"]


def test_a_file_goes_there_and_back(box: Sandbox, tmp_path: Path) -> None:
    """Uploaded from a path, listed, downloaded to another one."""
    (tmp_path / "a.txt").write_bytes(b"every byte" * 20_000)

    async def work(client: AsyncClient) -> Any:
        file = await client.beta.files.upload(file=tmp_path / "a.txt")
        listed = [each.id async for each in client.files.list()]
        content = await client.files.download(file.id)
        assert isinstance(content, AsyncDownload)
        size = await content.write_to_file(tmp_path / "b.txt")
        return file.id in listed, size

    assert asked(box, work) == (True, 200_000)
    assert (tmp_path / "b.txt").read_bytes() == b"every byte" * 20_000


def test_a_list_is_awaited_or_gone_through(box: Sandbox) -> None:
    """``async for`` asks for all pages; ``await`` gives the first one."""

    async def work(client: AsyncClient) -> Any:
        every = [model.id async for model in client.models.list(limit=2)]
        page = await client.models.list(limit=2)
        assert isinstance(page, AsyncPage)
        following = await page.get_next_page()
        again = [model.id async for model in page]
        return every, again, [m.id for m in page.data], [m.id for m in following.data]

    every, again, first, second = asked(box, work)
    assert every == again
    assert every[:4] == first + second
    assert len(every) > 4


# -- failures ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (404, errors.NotFoundError),
        (429, errors.RateLimitError),
        (529, errors.OverloadedError),
    ],
)
def test_errors_are_those_of_the_synchronous_client(
    box: Sandbox, status: int, kind: type[errors.APIStatusError]
) -> None:
    """Class and facts of a status."""

    async def work(client: AsyncClient) -> Any:
        box.fail("POST /v1/messages", [status])
        with pytest.raises(kind) as caught:
            await client.messages.create(**WANT)
        return caught.value

    error = asked(box, work, max_retries=0)
    assert (error.status_code, error.attempts) == (status, 1)
    assert error.request_id


def test_what_may_be_repeated_is(box: Sandbox) -> None:
    """The wait before is the loop's; the reply tells the attempts."""

    async def work(client: AsyncClient) -> Any:
        box.fail("POST /v1/messages", [529, 429], retry_after=0.01)
        return await client.messages.create(**WANT)

    assert asked(box, work)._reply.attempts == 3


def test_a_call_ends_at_its_limit() -> None:
    """With the error that the synchronous client raises, and no task left."""

    def silent(connection: Any, _: Any) -> None:
        connection.settimeout(10)
        connection.recv(1)

    async def main(server: ScriptedServer) -> None:
        async with of(server, max_retries=0) as client:
            with pytest.raises(errors.APITimeoutError, match=r"timeout\.total"):
                await client.messages.create(**WANT, timeout=0.1)
        assert await alone()

    with serving(silent) as server:
        asyncio.run(main(server))


# -- lives -------------------------------------------------------------------------


def test_a_client_serves_one_loop_after_another(box: Sandbox) -> None:
    """Connections of a loop that is over are not used again."""
    client = AsyncClient(base_urls=box.base_urls, api_keys=box.api_keys)

    async def main() -> str:
        return (await client.messages.create(**WANT)).id

    assert asyncio.run(main()) != asyncio.run(main())
    asyncio.run(client.aclose())


def test_a_closed_client_makes_no_calls(box: Sandbox) -> None:
    """And says so."""

    async def work(client: AsyncClient) -> None:
        await client.messages.create(**WANT)
        await client.close()
        with pytest.raises(errors.CancelledError, match="the client is closed"):
            await client.messages.create(**WANT)

    asked(box, work)
    assert len(box.requests) == 1


def test_closing_ends_the_calls_under_way() -> None:
    """In all tasks, as cancelled by the client."""
    arrived = asyncio.Event()

    def silent(connection: Any, _: Any) -> None:
        loop.call_soon_threadsafe(arrived.set)
        connection.settimeout(10)
        connection.recv(1)

    async def main(server: ScriptedServer) -> None:
        client = of(server)
        task = asyncio.create_task(client.messages.create(**WANT))
        await arrived.wait()
        await client.aclose()
        with pytest.raises(errors.CancelledError):
            await task

    with serving(silent) as server:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(asyncio.wait_for(main(server), 10))
        loop.close()


def test_the_synchronous_object_behind_is_of_no_use_alone(box: Sandbox) -> None:
    """It would block the loop; in a thread there is no loop to wait in."""
    client = AsyncClient(base_urls=box.base_urls, api_keys=box.api_keys)
    with pytest.raises(RuntimeError, match="async client"):
        client._of.messages.create(**WANT)  # type: ignore[attr-defined]

    async def main() -> None:
        with pytest.raises(RuntimeError, match="async client"):
            client._of.messages.create(**WANT)  # type: ignore[attr-defined]
        await client.aclose()

    asyncio.run(main())


def test_copies_share_connections_and_keys(box: Sandbox) -> None:
    """``with_options`` gives an async client again."""

    async def work(client: AsyncClient) -> Any:
        quick = client.with_options(max_retries=0, timeout=5)
        assert isinstance(quick, AsyncClient)
        await quick.messages.create(**WANT)
        await client.messages.create(**WANT)
        return quick

    assert asked(box, work)._of._max_retries == 0


def test_both_clients_send_the_same(box: Sandbox) -> None:
    """Headers and body, but for the key of the call and the transport's own."""

    async def work(client: AsyncClient) -> None:
        await client.messages.create(**WANT, temperature=0.5)

    asked(box, work)
    with Client(base_urls=box.base_urls, api_keys=box.api_keys) as client:
        client.messages.create(**WANT, temperature=0.5)
    first, second = box.requests
    assert first.body == second.body
    mine, theirs = (
        {name.lower(): value for name, value in each.headers.items()}
        for each in (first, second)
    )
    for headers in (mine, theirs):
        headers.pop("idempotency-key")
        headers.pop("connection", None)
    assert mine == theirs


def test_an_answer_of_another_shape_is_told() -> None:
    """As in the synchronous client."""

    async def main(server: ScriptedServer) -> None:
        async with of(server) as client:
            with pytest.raises(errors.DecodeError, match=r"messages\.create"):
                await client.messages.create(**WANT)

    with serving(reply(200, "<html>", content_type="text/html")) as server:
        asyncio.run(main(server))
