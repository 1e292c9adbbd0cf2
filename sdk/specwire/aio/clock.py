"""The clock of an async client: it waits in the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Final

from ..core.clock import Bell, Clock
from .bridge import bridged, wait

_LOOK_S: Final = 0.02
"""How often an event is looked at that tells nobody when it is set."""
_LONGEST_S: Final = 86_400.0


class AwaitingClock(Clock):
    """``clock`` for code that runs in tasks.

    A clock of a test's own, which only counts, is asked as it is.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        # The machine's are functions; a test's are methods that move on.
        self.monotonic, self.time, self.chance = (
            clock.monotonic,
            clock.time,
            clock.chance,
        )

    def sleep(self, seconds: float, ended: threading.Event) -> bool:
        if type(self.clock).sleep is not Clock.sleep or not bridged():
            return self.clock.sleep(seconds, ended)
        return wait(slept(seconds, ended))


async def slept(seconds: float, ended: threading.Event) -> bool:
    """Wait so long; true when ``ended`` was set meanwhile, which ends the wait."""
    if not isinstance(ended, Bell):
        return await _looked(seconds, ended)
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is no more
            loop.call_soon_threadsafe(_done, woken)

    timer = loop.call_later(min(seconds, _LONGEST_S), _done, woken)
    ended.listen(wake)
    try:
        if not ended.is_set():
            await woken
    finally:
        timer.cancel()
        ended.forget(wake)
    return ended.is_set()


def _done(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


async def _looked(seconds: float, ended: threading.Event) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not ended.is_set() and loop.time() < until:
        await asyncio.sleep(min(_LOOK_S, max(until - loop.time(), 0.0)))
    return ended.is_set()
