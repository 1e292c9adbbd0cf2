"""The bridge: synchronous code in a task, whose waits are the loop's."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from specwire.aio.bridge import bridged, settled, spawn, wait

NAME: contextvars.ContextVar[str] = contextvars.ContextVar("NAME", default="none")


async def after(value: Any) -> Any:
    """``value``, once the loop has come round."""
    await asyncio.sleep(0)
    return value


def test_work_waits_in_the_loop_and_goes_on() -> None:
    """What is waited for comes back as the value of the wait; arguments are passed."""

    def work(first: int, *, second: int) -> int:
        assert bridged()
        return int(wait(after(first))) + int(wait(after(second)))

    async def main() -> None:
        assert await spawn(work, 1, second=2) == 3
        assert not bridged()

    asyncio.run(main(), debug=True)


def test_tasks_wait_side_by_side() -> None:
    """While one piece of work waits, others go on; each keeps its own place."""
    order: list[str] = []

    def work(name: str, gate: asyncio.Event, then: asyncio.Event | None) -> None:
        order.append(f"{name} waits")
        wait(gate.wait())
        order.append(f"{name} goes on")
        if then is not None:
            then.set()

    async def main() -> None:
        one, two = asyncio.Event(), asyncio.Event()
        tasks = [
            asyncio.create_task(spawn(work, "a", one, None)),
            asyncio.create_task(spawn(work, "b", two, one)),
        ]
        await asyncio.sleep(0)
        two.set()
        await asyncio.gather(*tasks)

    asyncio.run(main(), debug=True)
    assert order == ["a waits", "b waits", "b goes on", "a goes on"]


def test_exceptions_go_both_ways() -> None:
    """What is waited for raises in the work, and what the work raises in the task."""

    async def fails() -> None:
        raise KeyError("inner")

    def work() -> None:
        try:
            wait(fails())
        except KeyError as error:
            raise ValueError("outer") from error

    async def main() -> None:
        with pytest.raises(ValueError, match="outer") as caught:
            await spawn(work)
        assert isinstance(caught.value.__cause__, KeyError)

    asyncio.run(main(), debug=True)


def test_a_cancelled_task_cleans_up() -> None:
    """The cancellation comes out of the wait; ``finally`` may wait once more."""
    told: list[str] = []

    def work() -> None:
        try:
            wait(asyncio.sleep(60))
        except asyncio.CancelledError:
            told.append("cancelled")
            raise
        finally:
            wait(asyncio.sleep(0))
            told.append("cleaned up")

    async def main() -> None:
        task = asyncio.create_task(spawn(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main(), debug=True)
    assert told == ["cancelled", "cleaned up"]


def test_work_that_nobody_awaits_any_more_waits_for_nothing() -> None:
    """A coroutine that is closed ends its work; a wait in there ends at once."""
    told: list[str] = []

    def work() -> None:
        try:
            wait(asyncio.sleep(0))
        finally:
            try:
                wait(asyncio.sleep(0))
            finally:
                told.append("left")

    coroutine = spawn(work)
    coroutine.send(None)
    coroutine.close()
    gc.collect()
    assert told == ["left"]


def test_context_variables_are_the_tasks() -> None:
    """The work sees what the task has set, and the task what the work has."""

    def work() -> str:
        before = NAME.get()
        NAME.set("of the work")
        wait(asyncio.sleep(0))
        return before

    async def one(name: str) -> tuple[str, str]:
        NAME.set(name)
        return await spawn(work), NAME.get()

    async def main() -> list[tuple[str, str]]:
        return await asyncio.gather(one("a"), one("b"))

    assert asyncio.run(main(), debug=True) == [
        ("a", "of the work"),
        ("b", "of the work"),
    ]
    assert NAME.get() == "none"


def _in_a_thread(work: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("where", ["here", "in a thread", "in a coroutine"])
def test_outside_of_a_bridge_a_wait_is_an_error(where: str) -> None:
    """It says what to do, and no coroutine is left that nobody awaits."""

    def tried() -> str:
        with pytest.raises(RuntimeError) as caught:
            wait(asyncio.sleep(0))
        return str(caught.value)

    async def main() -> str:
        return tried()

    said = {
        "here": tried,
        "in a thread": lambda: _in_a_thread(tried),
        "in a coroutine": lambda: asyncio.run(main()),
    }[where]()
    assert "async client" in said
    assert "async methods" in said


def test_what_a_function_gave_is_settled() -> None:
    """An awaitable is awaited, anything else is what it is."""

    async def main() -> list[Any]:
        return [await spawn(settled, after(3)), await spawn(settled, 4)]

    assert asyncio.run(main(), debug=True) == [3, 4]
