"""The clock in a task: waits end by time, by an event, or with their task."""

from __future__ import annotations

import asyncio
import threading

import pytest

from specwire.aio.bridge import spawn
from specwire.core.clock import Bell, Clock
from specwire.testing import FakeClock

EVENTS = [Bell, threading.Event]


@pytest.mark.parametrize("make", EVENTS)
def test_a_wait_ends_when_its_event_is_set(make: type[threading.Event]) -> None:
    """From another task or from another thread; what is set already ends it at once."""
    clock = Clock()

    async def main(thread: bool) -> bool:
        ended = make()
        task = asyncio.create_task(spawn(clock.sleep, 60.0, ended))
        await asyncio.sleep(0)
        if thread:
            await asyncio.to_thread(ended.set)
        else:
            ended.set()
        return await task and await spawn(clock.sleep, 60.0, ended)

    assert asyncio.run(main(True), debug=True)
    assert asyncio.run(main(False), debug=True)


@pytest.mark.parametrize("make", EVENTS)
def test_a_wait_ends_with_its_time(make: type[threading.Event]) -> None:
    """Then nothing was set, and no one listens any more."""
    clock, ended = Clock(), make()
    assert asyncio.run(spawn(clock.sleep, 0.001, ended), debug=True) is False
    assert not getattr(ended, "_listeners", None)


def test_a_cancelled_wait_listens_no_more() -> None:
    """The event may be set afterwards, also when the loop is closed."""
    clock, ended = Clock(), Bell()

    async def main() -> None:
        task = asyncio.create_task(spawn(clock.sleep, 60.0, ended))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main(), debug=True)
    assert not ended._listeners
    ended.set()


def test_a_clock_of_a_test_is_asked_as_it_is() -> None:
    """It moves on by itself, and nothing waits."""
    clock = FakeClock()
    before = clock.monotonic()
    asyncio.run(spawn(clock.sleep, 30.0, Bell()), debug=True)
    assert clock.monotonic() - before == 30.0


def test_outside_of_a_task_it_waits_as_any() -> None:
    """What a user calls without the bridge blocks, as it would have."""
    ended = threading.Event()
    ended.set()
    assert Clock().sleep(60.0, ended) is True
