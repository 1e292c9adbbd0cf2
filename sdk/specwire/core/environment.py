"""Reading the whole environment while another thread may be changing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
_TRIES: Final = 50


def steady(read: Callable[[], T]) -> T:
    """What ``read`` finds in the environment.

    It is read anew where a variable went or came meanwhile: looking for proxies, the
    standard library walks over all variables, and ``os.environ`` is no snapshot.
    """
    for _ in range(_TRIES):
        try:
            return read()
        except (KeyError, RuntimeError):
            continue
    return read()
