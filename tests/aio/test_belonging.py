"""Whose a client is, what becomes of what is left, and what users' functions give."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from specwire import AiClient, Client
from specwire.aio import AsyncClient, AsyncRouter
from specwire.aio.belonging import is_for_tasks
from specwire.aio.bridge import spawn, wait
from specwire.aio.twin import Iteration, Twin, plain
from specwire.core.client import BaseClient
from specwire.core.crew import THREADS, here
from tests.scripted import reply, serving


def made() -> Client:
    return Client(api_keys={"anthropic": "k"})


def test_a_client_is_its_makers() -> None:
    """In a task's work it is made for tasks, elsewhere it is not."""

    async def main() -> None:
        assert is_for_tasks(await spawn(made))
        assert not is_for_tasks(made())

    asyncio.run(main())


def test_what_a_face_makes_is_for_tasks() -> None:
    """Also the clients that its object makes, and before a loop runs."""
    router = AsyncRouter(["openai/gpt-4o", "groq/m"], api_keys={"openai": "k"})
    clients = [each.client for each in router._of.array.endpoints]
    assert all(isinstance(each, AiClient) and is_for_tasks(each) for each in clients)
    assert not is_for_tasks(made())


def test_threads_that_a_task_starts_make_their_own() -> None:
    """A plain tool that makes a client waits in its thread."""

    async def main() -> BaseClient:
        return await spawn(lambda: here().apart(made))

    assert not is_for_tasks(asyncio.run(main()))


def test_a_synchronous_client_is_refused() -> None:
    """By whatever takes a client; the error names the class to take."""

    async def main() -> None:
        with pytest.raises(TypeError, match=r"AsyncClient"):
            plain(made())
        async with AsyncClient() as client:
            assert plain(client) is client._of
            assert plain({"a": client, "b": 1}) == {"a": client._of, "b": 1}
            assert plain(client._of) is client._of

    asyncio.run(main())


# -- what is left ------------------------------------------------------------------


def counted(ended: list[str]) -> Iterator[int]:
    try:
        for number in range(9):
            wait(asyncio.sleep(0))
            yield number
    finally:
        wait(asyncio.sleep(0))
        ended.append("ended")


def test_what_is_left_is_closed_by_the_loop() -> None:
    """After ``break`` what it has to wait for is waited for, by the way."""
    ended: list[str] = []

    async def main() -> None:
        async for _ in Iteration(counted(ended)):
            break
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert ended == ["ended"]


def test_what_is_read_to_its_end_or_closed_is_not_closed_again() -> None:
    """Nor is what has not begun."""
    ended: list[str] = []

    async def main() -> None:
        assert [n async for n in Iteration(counted(ended))] == list(range(9))
        some = Iteration(counted(ended))
        async for _ in some:
            break
        await some.aclose()
        del some
        Iteration(counted(ended))
        for _ in range(5):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert ended == ["ended"] * 2


# -- what users' functions give ----------------------------------------------------


def test_an_async_iterable_is_iterated_over() -> None:
    """In a task; it is closed with its iterator, and faces are what they stand for."""
    closed: list[str] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(3):
                await asyncio.sleep(0)
                yield number
        finally:
            closed.append("closed")

    def work() -> None:
        assert list(here().settled(numbers())) == [0, 1, 2]
        some = here().settled(numbers())
        assert next(some) == 0
        some.close()
        of = object()
        assert here().settled(Twin(of)) is of
        assert here().settled([1]) == [1]

    asyncio.run(spawn(work))
    assert closed == ["closed"] * 2


def test_pages_on_their_way_are_iterated_over() -> None:
    """A list that was asked for is all its items."""
    model = {"id": "m", "type": "model", "display_name": "M"}
    model["created_at"] = "2026-01-01T00:00:00Z"
    page = {"data": [model], "has_more": False, "first_id": "m", "last_id": "m"}

    async def main(url: str) -> list[Any]:
        async with AsyncClient(
            api_keys={"anthropic": "k"}, base_urls={"anthropic": url}
        ) as client:

            def work() -> list[Any]:
                return [each.id for each in here().settled(client.models.list())]

            return await spawn(work)

    with serving(reply(200, page)) as server:
        assert asyncio.run(main(server.url)) == ["m"]


def test_threads_give_values_as_they_are() -> None:
    """There is no face, and nothing to wait for."""
    value = object()
    assert THREADS.shown(value) is value
    assert THREADS.settled(value) is value
