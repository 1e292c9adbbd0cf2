"""Thousands of tasks on one client: all under way together, each with its answer."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import pytest

from specwire import Timeout
from specwire.aio import AsyncClient

from .echo import echoing
from .test_cancel import asked, call

CALLS = [500, pytest.param(5_000, marks=pytest.mark.soak)]
STREAMS = [200, pytest.param(2_000, marks=pytest.mark.soak)]


def many_files(count: int) -> None:
    """Let this process open ``count`` connections, both ends of each."""
    resource = pytest.importorskip("resource", reason="this system has no such limit")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * count + 200:
        pytest.skip(f"this process may open {most} files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def client(url: str) -> AsyncClient:
    return AsyncClient(
        api_keys={"anthropic": "k" * 20},
        base_urls={"anthropic": url},
        max_retries=0,
        timeout=120.0,
    )


@pytest.mark.parametrize("count", CALLS)
def test_calls_are_all_under_way_at_once(count: int) -> None:
    """The server answers none before it has all in hand; none fails or is mixed up."""
    many_files(count)
    texts = [f"c-{number}" for number in range(count)]

    async def main(url: str) -> list[str]:
        async with client(url) as made:
            return await asyncio.gather(*(call(made, text) for text in texts))

    with echoing(gate=count) as echo:
        assert asyncio.run(main(echo.url)) == texts
        assert echo.together == count


@pytest.mark.parametrize("count", STREAMS)
def test_streams_are_all_open_at_once(count: int) -> None:
    """Each has given its first event before one is read further, and reads its own."""
    many_files(count)
    texts = [f"s{number}" for number in range(count)]

    async def main(url: str) -> list[str]:
        async with client(url) as made, contextlib.AsyncExitStack() as stack:

            async def opened(text: str) -> Any:
                create = made.messages.create(**asked(text), stream=True)
                events = await stack.enter_async_context(await create)
                assert (await anext(events)).type == "message_start"
                return events

            held = await asyncio.gather(*map(opened, texts))
            return await asyncio.gather(*map(_rest, held))

    with echoing(gate=count) as echo:
        assert asyncio.run(main(echo.url)) == texts


def test_a_busy_loop_is_no_slow_server() -> None:
    """The limit of connecting may pass while others keep the loop from looking."""

    async def main(url: str) -> str:
        limits = Timeout(60.0, connect=0.1)
        async with client(url).with_options(timeout=limits) as made:
            asking = asyncio.ensure_future(call(made, "hello"))
            for _ in range(4):
                await asyncio.sleep(0)
                threading.Event().wait(0.12)  # what other tasks compute
            return await asking

    with echoing() as echo:
        assert asyncio.run(main(echo.url)) == "hello"


async def _rest(events: Any) -> str:
    deltas = [e.delta async for e in events if e.type == "content_block_delta"]
    return "".join(delta.text for delta in deltas)
