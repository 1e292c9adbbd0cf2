"""How work waits for other work, and has some done beside it: in threads, or in tasks.

Code that waits for what others do, or has several things done at a time, asks
:func:`here` how. In a thread it blocks and starts threads. In a task, which runs the
same code through ``specwire.aio.bridge``, it waits in the event loop and starts tasks.
Waiting for time is the clock's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


P = ParamSpec("P")
T = TypeVar("T")


class Queue(Protocol):
    """What is put from anywhere, in its order; one may wait for it at a time."""

    def put(self, item: Any) -> None: ...

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """:raises queue.Empty: where nothing came in ``timeout`` seconds."""

    def get_nowait(self) -> Any: ...

    def qsize(self) -> int: ...


class Begun(Protocol):
    """Work that nobody waits for."""

    def is_alive(self) -> bool: ...


class Side:
    """The way work is done beside other work, and waited for.

    :cvar awaits: results of the user's functions may be awaitable here.
    """

    awaits: ClassVar[bool]

    def crew(self, most: int, name: str) -> Executor:
        """Does what is submitted, ``most`` pieces at a time.

        Each piece has a copy of the context it was submitted in. Leaving its ``with``
        by an exception takes back what has not begun, and waits for the rest; of tasks
        the rest is cancelled. ``shutdown(wait=False)`` leaves threads to themselves,
        which no exit waits for, and cancels tasks.
        """
        raise NotImplementedError

    def begin(
        self, work: Callable[P, object], name: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> Begun:
        """Have ``work`` done by the way; from any thread."""
        raise NotImplementedError

    def until(self, event: threading.Event, seconds: float | None = None) -> bool:
        """Wait for ``event``, at most so many real seconds; whether it is set.

        Tasks look from time to time for what is no :class:`~specwire.core.clock.Bell`.
        """
        raise NotImplementedError

    def queue(self) -> Queue:
        raise NotImplementedError

    def apart(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` gives, which may block: here, or in a thread if need be."""
        raise NotImplementedError

    def settled(self, value: Any) -> Any:
        """What a function of the user's gave, awaited where that can be done.

        An async iterable is an iterator then, and a face what it is the face of.

        :raises TypeError: for an awaitable, in a thread.
        """
        raise NotImplementedError

    def shown(self, value: Any) -> Any:
        """``value`` as a function of the user's is given it: in a task, its face."""
        raise NotImplementedError

    def offered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, which may wait, as an ``async def`` of the user's calls it."""
        return function

    def called(
        self, work: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Any:
        """What a function of the user's gives, which may block, or be an ``async def``.

        It must not wait through an async client unless it is one.
        """
        from inspect import iscoroutinefunction

        if iscoroutinefunction(work):
            return self.settled(work(*args, **kwargs))
        return self.settled(self.apart(work, *args, **kwargs))

    def as_done(
        self, futures: Iterable[Future[T]], timeout: float | None = None
    ) -> Iterator[Future[T]]:
        """Each of ``futures`` as it ends; those that do so in ``timeout`` seconds."""
        from queue import Empty

        asked, came = list(futures), self.queue()
        for future in asked:
            future.add_done_callback(came.put)
        ends = None if timeout is None else time.monotonic() + timeout
        for _ in asked:
            left = None if ends is None else max(ends - time.monotonic(), 0.0)
            try:
                yield came.get(timeout=left)
            except Empty:
                return

    def all(self, futures: Iterable[Future[T]]) -> list[T]:
        """The results of ``futures``, in their order.

        :raises BaseException: the first failure; what has not begun is taken back.
        """
        asked = list(futures)
        try:
            for future in self.as_done(asked):
                future.result()
        except BaseException:
            for future in asked:
                future.cancel()
            raise
        return [future.result() for future in asked]


class _Threads(Side):
    """In threads."""

    awaits = False

    def crew(self, most: int, name: str) -> Executor:
        from .threads import Threads

        return Threads(most, name)

    def begin(
        self, work: Callable[P, object], name: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> Begun:
        thread = threading.Thread(
            target=work, name=name, args=args, kwargs=kwargs, daemon=True
        )
        thread.start()
        return thread

    def until(self, event: threading.Event, seconds: float | None = None) -> bool:
        if seconds is not None:
            seconds = min(max(seconds, 0.0), threading.TIMEOUT_MAX)
        return event.wait(seconds)

    def queue(self) -> Queue:
        from queue import SimpleQueue

        return SimpleQueue()

    def apart(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)

    def called(
        self, work: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Any:
        return self.settled(work(*args, **kwargs))

    def settled(self, value: Any) -> Any:
        if hasattr(value, "__await__"):
            if hasattr(value, "close"):
                value.close()  # else Python warns that it was never awaited
            raise TypeError(
                "an async function was given to a synchronous client; "
                "give it to the async one, or write it without async"
            )
        return value

    def shown(self, value: Any) -> Any:
        return value


THREADS: Final = _Threads()
_tasks: Callable[[], Side | None] | None = None


def here() -> Side:
    """The way of whoever runs this: a task's, where one is on its way, or a thread's.

    It is the same from the beginning of a piece of work to its end, and may be kept for
    what other threads are to have done here.
    """
    side = None if _tasks is None else _tasks()
    return THREADS if side is None else side


def asked(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """What a function of the user's gives; in a task it may be an ``async def``."""
    return here().settled(function(*args, **kwargs))


def tasks_by(look: Callable[[], Side | None]) -> None:
    """Ask ``look`` from now on whether a task is on its way."""
    global _tasks
    _tasks = look
