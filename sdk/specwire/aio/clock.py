"""Waiting in the event loop: for time, and for events that any thread may set."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Final

from ..core.clock import Bell
from .bridge import tell

_LOOK_S: Final = 0.02
"""How often an event is looked at that tells nobody when it is set."""
_LONGEST_S: Final = 86_400.0


async def slept(seconds: float, ended: threading.Event) -> bool:
    """Wait so long; true when ``ended`` was set meanwhile, which ends the wait."""
    if not isinstance(ended, Bell):
        return await _looked(seconds, ended)
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    wake = partial(tell, loop, _done, woken)
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
