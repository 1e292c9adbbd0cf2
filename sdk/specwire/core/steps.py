"""Steps: what has to wait, written once for threads and for tasks.

A function that waits for something is a generator here, and yields what it waits for.
In a thread that is the value already: the work was done when it was asked for. In a
task it is an awaitable, and whoever goes through the steps awaits it. So the functions
decide, and who runs them waits.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, Any, T]


def run(steps: Steps[T]) -> T:
    """Go through ``steps`` in a thread; what they come to."""
    held: list[Any] = [None]  # a name for it would show it in the frames of errors
    try:
        while True:
            held.append(steps.send(held.pop()))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
