"""An async object as if it were synchronous: what it gives is awaited, in one loop.

So a table of cases, written for synchronous clients, is played to async ones as well:
the same steps, each awaited. The loop runs in a thread of its own, for all of them.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import os
import threading
from collections.abc import Awaitable, Iterator
from typing import Any

from specwire.aio.twin import Twin

_END = object()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
"""By process: a forked one has only the thread that forked it."""
_making = threading.Lock()


def loop() -> asyncio.AbstractEventLoop:
    """The loop of this process, which runs until its end."""
    with _making:
        found = _loops.get(os.getpid())
        if found is None:
            found = _loops[os.getpid()] = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(found,), daemon=True)
            thread.start()
            atexit.register(_end, found, thread)
        return found


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """As ``asyncio.run`` does it, to the end."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if _loops.get(os.getpid()) is loop:
        _over.append(loop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


_over: list[asyncio.AbstractEventLoop] = []


def awaited(value: Awaitable[Any]) -> Any:
    """What ``value`` comes to. An interrupt cancels it, as ``asyncio.run`` does."""
    if _over:
        value.close()  # type: ignore[attr-defined]
        return None
    task = asyncio.run_coroutine_threadsafe(_whole(value), loop())
    try:
        return _shown(task.result())
    except BaseException:
        task.cancel()
        if _over:
            threading.Event().wait()  # nor would a thread go on at the very end
        raise


async def _whole(value: Awaitable[Any]) -> Any:
    return await value


def _shown(value: Any) -> Any:
    if inspect.isawaitable(value):
        return awaited(value)
    if isinstance(value, Twin) or hasattr(value, "__aiter__"):
        return Awaited(value)
    if callable(value) and inspect.isroutine(value):
        return _Step(value)
    return value


class _Step:
    def __init__(self, step: Any) -> None:
        self._step = step

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return _shown(
                self._step(*map(_plain, args), **{n: _plain(kwargs[n]) for n in kwargs})
            )
        finally:
            del args, kwargs


def _plain(value: Any) -> Any:
    return value._of if isinstance(value, Awaited) else value


class Awaited:
    """Stands for the async object ``of``."""

    def __init__(self, of: Any) -> None:
        self.__dict__["_of"] = of

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._of, name)
        return _Step(value) if callable(value) else _shown(value)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._of, name, value)

    def __iter__(self) -> Iterator[Any]:
        items = aiter(self._of)
        return self if items is self._of else Awaited(items)  # type: ignore[return-value]

    def __next__(self) -> Any:
        item = awaited(anext(self._of, _END))
        if item is _END:
            raise StopIteration
        return item

    def __len__(self) -> int:
        return len(self._of)

    def __getitem__(self, key: Any) -> Any:
        return _shown(self._of[key])

    def __enter__(self) -> Any:
        return awaited(self._of.__aenter__())

    def __exit__(self, *about: Any) -> Any:
        return awaited(self._of.__aexit__(*about))

    def __reduce__(self) -> Any:
        return Awaited, (self._of,)

    def __repr__(self) -> str:
        return repr(self._of)
