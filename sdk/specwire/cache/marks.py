"""What a caller says of one call, and what it sees of an answer: small marks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final

MARK: Final = "x-specwire-cache"
"""The header that an answer from a cache has: ``hit`` or ``stale``."""

_mode: ContextVar[str] = ContextVar("specwire_cache", default="")


@contextlib.contextmanager
def bypass() -> Iterator[None]:
    """Calls in the block are neither answered from a cache nor kept.

    For one call alone: ``extra_headers={"Cache-Control": "no-store"}``. Threads that
    are started in the block are not in it.
    """
    with _in("no-store"):
        yield


@contextlib.contextmanager
def refresh() -> Iterator[None]:
    """Calls in the block are sent, and their answers take the place of older ones.

    For one call alone: ``extra_headers={"Cache-Control": "no-cache"}``.
    """
    with _in("no-cache"):
        yield


@contextlib.contextmanager
def _in(mode: str) -> Iterator[None]:
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def mode_of(headers: Mapping[str, str]) -> str:
    """``no-store``, ``no-cache``, or nothing: what the block and the headers say."""
    said = _mode.get()
    for name, value in headers.items():
        if len(name) == 13 and name.lower() == "cache-control":
            said = f"{said},{value.lower()}"
    if "no-store" in said:
        return "no-store"
    return "no-cache" if "no-cache" in said else ""


def from_cache(result: Any) -> str | None:
    """``hit`` or ``stale`` where ``result`` comes from a cache, else ``None``.

    ``stale`` is an answer past its time, which stands in for an error.
    """
    reply = getattr(result, "_reply", None)
    said = None if reply is None else reply.headers.get(MARK)
    return said if said in ("hit", "stale") else None
