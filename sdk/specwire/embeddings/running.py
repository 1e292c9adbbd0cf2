"""Several requests at a time, by a crew of one call's own.

The first failure ends the others at once, whatever they wait for; so does the caller's
token, and Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ..core.cancelling import CancelReason, CancelToken
from ..core.crew import here

T = TypeVar("T")


def all_of(
    work: Sequence[T],
    do: Callable[[T, CancelToken | None], object],
    *,
    threads: int,
    token: CancelToken | None,
) -> None:
    """Do ``do(one, token)`` for each of ``work``, ``threads`` of them at a time.

    :raises SpecwireError: the first failure.
    """
    if len(work) < 2 or threads < 2:
        for one in work:
            do(one, token)
        return
    own = CancelToken()
    if token is not None:
        token.hold(own)
    try:
        _side_by_side(work, do, min(threads, len(work)), own)
    finally:
        if token is not None:
            token.release(own)


def _side_by_side(
    work: Iterable[T],
    do: Callable[[T, CancelToken | None], object],
    most: int,
    own: CancelToken,
) -> None:
    with here().crew(most, "specwire-embed") as crew:
        try:
            here().all(crew.submit(do, one, own) for one in work)
        except BaseException:
            own.cancel(CancelReason.ERROR)
            raise
