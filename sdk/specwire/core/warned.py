"""Warnings at the caller's line: the innermost one that is not in this package.

In a task the frames of synchronous code end where the bridge began it; the bridge tells
where they go on.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Final

_OURS: Final = (__name__.partition(".")[0], "asyncio")
_beyond: Callable[[], Iterable[FrameType]] = tuple


def beyond(look: Callable[[], Iterable[FrameType]]) -> None:
    """Ask ``look`` from now on for the frames behind the last one of a stack."""
    global _beyond
    _beyond = look


def warn(message: str, category: type[Warning] = UserWarning, *packages: str) -> None:
    """Warn at the caller's line; what is in ``packages`` is none of the caller's."""
    own = (*_OURS, *packages)
    at = sys._getframe()
    for frame in _stack(at):
        at = frame
        if not _within(at.f_globals.get("__name__"), own):
            break
    warnings.warn_explicit(
        message,
        category,
        at.f_code.co_filename,
        at.f_lineno,
        module=at.f_globals.get("__name__"),
        registry=at.f_globals.setdefault("__warningregistry__", {}),
    )


def packages_of(module: str) -> tuple[str, ...]:
    """The package that a generated ``module`` of resources belongs to."""
    package = module.rpartition(".resources.")[0]
    return (package,) if package else ()


def _stack(top: FrameType) -> Iterator[FrameType]:
    """``top`` and the frames that called it."""
    for frame in (top, *_beyond()):
        current: FrameType | None = frame
        while current is not None:
            yield current
            current = current.f_back


def _within(module: object, packages: tuple[str, ...]) -> bool:
    return isinstance(module, str) and any(
        module == package or module.startswith(f"{package}.") for package in packages
    )
