"""From a task into synchronous code and back: how async calls share all decisions.

The engine, streams, helpers and hooks are plain functions. A task runs them in a
greenlet; where they have to wait for something, the transport or the clock switches to
the event loop and comes back with what was waited for. The functions do not know.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from asyncio import Task
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, ParamSpec, TypeVar

from ..core import crew as _crew
from ..core import warned as _warned
from ..core.extras import needed

with needed("async", "specwire.aio"):
    import greenlet  # type: ignore[import-untyped]

P = ParamSpec("P")
T = TypeVar("T")
_OUTSIDE = "this object belongs to an async client; use its async methods, in its loop"


class _Work(greenlet.greenlet):  # type: ignore[misc]
    """One piece of synchronous code on its way.

    :ivar left: nobody awaits it any more, so it cannot wait either.
    """

    left = False


async def spawn(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``work``, which is not async, so that its waits are the loop's.

    Where the task is cancelled, the exception comes out of the wait inside ``work``.
    """
    task = greenlet.getcurrent()
    inner = _Work(work, task)
    inner.gr_context = task.gr_context
    awaited = inner.switch(*args, **kwargs)
    while not inner.dead:
        try:
            value = await awaited
        except GeneratorExit:
            inner.left = True
            inner.throw(*sys.exc_info())
            raise
        except BaseException:
            awaited = inner.throw(*sys.exc_info())
        else:
            awaited = inner.switch(value)
    return awaited  # type: ignore[no-any-return]


def bridged() -> bool:
    """Whether this code runs within :func:`spawn`."""
    return isinstance(greenlet.getcurrent(), _Work)


def required() -> None:
    """:raises RuntimeError: outside of :func:`spawn`, where nothing can wait."""
    if not bridged():
        raise RuntimeError(_OUTSIDE)


def wait(awaitable: Awaitable[T]) -> T:
    """Wait for ``awaitable`` in synchronous code, while the loop goes on.

    :raises RuntimeError: outside of :func:`spawn`.
    """
    current = greenlet.getcurrent()
    if not isinstance(current, _Work):
        _unused(awaitable)
        raise RuntimeError(_OUTSIDE)
    if current.left:
        _unused(awaitable)
        raise GeneratorExit
    return current.parent.switch(awaitable)  # type: ignore[no-any-return]


def settled(value: Any) -> Any:
    """``value``, awaited where it is an awaitable and a task is here to do so."""
    if hasattr(value, "__await__"):
        return wait(value)
    return value


def _unused(awaitable: Any) -> None:
    if inspect.iscoroutine(awaitable):
        awaitable.close()  # else Python warns that it was never awaited


def tell(loop: asyncio.AbstractEventLoop, work: Callable[..., Any], *args: Any) -> bool:
    """Have ``work`` called in ``loop``, from any thread; false where that is closed."""
    try:
        loop.call_soon_threadsafe(work, *args)
    except RuntimeError:
        return False
    return True


def soon(loop: asyncio.AbstractEventLoop, work: Callable[..., Any]) -> None:
    """Call ``work`` in ``loop``: at once from there, from elsewhere have it called."""
    if asyncio._get_running_loop() is loop:
        work()
    else:
        tell(loop, work)


def begun(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> Task[T]:
    """A task that goes on though nobody holds it; a loop itself forgets its tasks."""
    task = loop.create_task(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return task


_under_way: set[Task[Any]] = set()


def _side() -> _crew.Side | None:
    """The way of the task that runs this, if one does."""
    if not bridged():
        return None
    from .crew import InTasks

    return InTasks(asyncio.get_running_loop())


def _callers() -> Iterator[FrameType]:
    """Where the task of this work stands, and that of the work it is part of."""
    current = greenlet.getcurrent()
    while isinstance(current, _Work) and current.parent is not None:
        current = current.parent
        if current.gr_frame is not None:
            yield current.gr_frame


_crew.tasks_by(_side)
_warned.beyond(_callers)
