"""Work beside other work, in threads: crews, turns, and what waits for what."""

from __future__ import annotations

import contextvars
import threading
import time
from concurrent.futures import Future

import pytest

from specwire.core.clock import Bell
from specwire.core.crew import THREADS, here
from specwire.core.turns import Turns

NAME: contextvars.ContextVar[str] = contextvars.ContextVar("NAME", default="none")


def test_a_thread_has_the_way_of_threads() -> None:
    """Where no task is on its way, work is done in threads and nothing is awaited."""
    assert here() is THREADS
    assert not here().awaits


def test_results_come_in_the_order_of_the_work() -> None:
    """All pieces are done, as many at a time as the crew has."""
    both = threading.Barrier(2)

    def work(number: int) -> int:
        both.wait(10)
        return number

    with here().crew(2, "test") as crew:
        found = here().all(crew.submit(work, n) for n in range(6))
    assert found == [0, 1, 2, 3, 4, 5]


def test_the_first_failure_takes_back_what_has_not_begun() -> None:
    """It is raised at once; a piece that no thread has taken is not done any more."""
    done: list[int] = []
    release = threading.Event()

    def work(number: int) -> None:
        if number == 0:
            raise KeyError(number)
        release.wait(10)
        done.append(number)

    futures: list[Future[None]] = []
    with pytest.raises(KeyError), here().crew(2, "test") as crew:
        futures = [crew.submit(work, n) for n in range(5)]
        try:
            here().all(futures)
        finally:
            release.set()
    assert len(done) <= 2
    assert [each.cancelled() for each in futures[3:]] == [True, True]


def test_work_has_the_context_it_was_submitted_in() -> None:
    """A context variable of the caller's is the work's too."""
    token = NAME.set("caller")
    try:
        with here().crew(1, "test") as crew:
            assert here().all([crew.submit(NAME.get)]) == ["caller"]
    finally:
        NAME.reset(token)


def test_what_is_not_done_in_time_is_left_out() -> None:
    """``as_done`` ends at its time-out, with what has ended until then."""
    release = threading.Event()
    crew = here().crew(2, "test")
    quick, slow = crew.submit(int, 1), crew.submit(release.wait, 10)
    assert list(here().as_done([quick, slow], 0.05)) == [quick]
    release.set()
    assert list(here().as_done([quick, slow], 10)) != []
    crew.shutdown()


def test_an_async_function_is_refused_in_a_thread() -> None:
    """What it gives cannot be awaited, and the error says so."""

    async def waits() -> None: ...

    with pytest.raises(TypeError, match="async"):
        here().called(waits)


def test_one_at_a_time() -> None:
    """Nobody else has the turn while somebody has it, and all get theirs."""
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        with turns.turn(10) as mine:
            assert mine
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0)
            inside[0] -= 1

    with here().crew(8, "test") as crew:
        here().all(crew.submit(work) for _ in range(100))
    assert most == [1]


def test_a_turn_that_does_not_come_in_time_is_none() -> None:
    """Who waits is told, and the turn stays with who has it."""
    turns = Turns()
    with turns.turn(0) as first, turns.turn(0.01) as second:
        assert (first, second) == (True, False)
    with turns.turn(0) as third:
        assert third


def test_an_event_that_is_set_ends_the_wait() -> None:
    """``until`` says whether the event is set."""
    bell = Bell()
    assert not here().until(bell, 0)
    here().begin(bell.set, "test")
    assert here().until(bell, 10)
