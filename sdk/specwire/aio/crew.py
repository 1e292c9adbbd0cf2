"""Work beside other work in the tasks of an event loop; see :mod:`specwire.core.crew`.

Each piece is synchronous code in a bridge of its own. Other threads may submit work and
put into queues; only code in a bridge waits.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterator
from concurrent.futures import Executor, Future
from contextvars import Context, copy_context
from functools import partial
from queue import Empty
from typing import Any, ParamSpec, TypeAlias, TypeVar

from ..core.clock import Bell
from ..core.crew import Begun, Queue, Side
from ..core.threads import Threads
from .bridge import begun, bridged, settled, spawn, tell, wait
from .clock import slept
from .twin import face, plain

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger("specwire")
_Piece: TypeAlias = "tuple[Future[Any], Context, Callable[[], Any]]"


class Piece(Future[T]):
    """What comes of one piece of work."""

    def is_alive(self) -> bool:
        return not self.done()


class Tasks(Executor):
    """``most`` tasks at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int, name: str) -> None:
        self._loop, self._most, self._name = loop, most, name
        self._waiting: deque[_Piece] = deque()
        self._running: set[asyncio.Task[Any]] = set()
        self._called = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Piece[T]:
        future: Piece[T] = Piece()
        self._waiting.append((future, copy_context(), partial(fn, *args, **kwargs)))
        if asyncio._get_running_loop() is self._loop:
            self._start()
        elif not self._called:  # what else is submitted until it runs needs no call
            self._called = tell(self._loop, self._start)
            if not self._called:
                future.cancel()  # the loop is no more
        return future

    def _start(self) -> None:
        self._called = False
        while self._waiting and len(self._running) < self._most:
            future, context, call = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                # Python 3.10 takes no context as an argument.
                task = context.run(begun, self._loop, spawn(call))
                task.set_name(self._name)
                self._running.add(task)
                task.add_done_callback(partial(self._ended, future))

    def _ended(self, future: Future[Any], task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            future.set_exception(concurrent.futures.CancelledError())
        elif (error := task.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())
        self._start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            while self._waiting:
                self._waiting.popleft()[0].cancel()
        if not wait:
            self._cancel()
            return
        while self._running or self._waiting:
            self._rest()

    def _cancel(self) -> None:
        if self._loop.is_closed():
            return  # and its tasks with it
        for task in list(self._running):
            task.cancel()

    def _rest(self) -> None:
        wait(asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED))

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self._cancel()
        self.shutdown(cancel_futures=kind is not None)


class Mailbox:
    """What is put from any thread, and waited for in a bridge."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._items: deque[Any] = deque()
        self._came = Bell()  # a signal handler may put as well

    def put(self, item: Any) -> None:
        self._items.append(item)
        if not self._came.is_set():
            self._came.set()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        while not self._items:
            self._came.clear()
            if self._items:
                break
            if not block or not self._side.until(self._came, timeout):
                raise Empty
        return self._items.popleft()

    def get_nowait(self) -> Any:
        return self.get(False)

    def qsize(self) -> int:
        return len(self._items)


class InTasks(Side):
    """In the tasks of ``loop``."""

    awaits = True

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def crew(self, most: int, name: str) -> Executor:
        return Tasks(self._loop, most, name)

    def begin(
        self, work: Callable[P, object], name: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> Begun:
        call = partial(work, *args, **kwargs)
        return Tasks(self._loop, 1, name).submit(_by_the_way, call)

    def until(self, event: threading.Event, seconds: float | None = None) -> bool:
        if seconds is not None:
            return wait(slept(seconds, event))
        while not wait(slept(float("inf"), event)):
            pass
        return True

    def queue(self) -> Queue:
        return Mailbox(self)

    def apart(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        thread = Threads(1, "specwire-apart")
        future = thread.submit(work, *args, **kwargs)
        thread.shutdown(wait=False)
        return wait(asyncio.wrap_future(future))

    def called(
        self, work: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Any:
        # The user's functions know faces only.
        faced: Any = tuple(map(face, args))
        return super().called(work, *faced, **kwargs)

    def settled(self, value: Any) -> Any:
        value = plain(settled(value))
        if hasattr(value, "__aiter__") and not hasattr(value, "__iter__"):
            return drawn(value)
        return value

    def shown(self, value: Any) -> Any:
        return face(value)

    def offered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return partial(spawn, function)


def drawn(items: AsyncIterable[T]) -> Iterator[T]:
    """The items of an async iterable of the user's, one at a time."""
    source = aiter(items)
    try:
        while True:
            try:
                item = wait(anext(source))
            except StopAsyncIteration:
                return
            yield item
    finally:
        close = getattr(source, "aclose", None)
        if close is not None and bridged():
            wait(close())


def _by_the_way(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as error:
        logger.warning("what was begun has failed: %s", type(error).__name__)
