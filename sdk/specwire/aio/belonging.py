"""Whose a client is: made by a face, or in a task's work, it is asked in tasks.

So what makes clients of its own (an embedding client, a router, a batch run without
one) makes those that wait in the loop, and does not know.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable, Iterable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ..core.engine import Engine
from .bridge import bridged

if TYPE_CHECKING:
    from ..core.client import BaseClient
    from .session import AsyncSession

Requests: TypeAlias = "Iterable[Any] | AsyncIterable[Any]"
"""The input of a run; that of a task may come in tasks."""
C = TypeVar("C", bound="BaseClient")
_making: ContextVar[bool] = ContextVar("specwire_making", default=False)


def adopt(client: C) -> C:
    """Let ``client``, which has asked nothing yet, be asked in tasks and wait there."""
    client._engine.transport = _session
    return client


@contextlib.contextmanager
def making() -> Iterator[None]:
    """Clients that are made within are for tasks."""
    before = _making.set(True)
    try:
        yield
    finally:
        _making.reset(before)


def is_for_tasks(client: BaseClient) -> bool:
    return client._engine.transport is _session


def _session(given: Any) -> AsyncSession:
    from .session import AsyncSession

    return AsyncSession(given)


def _made(engine: Engine) -> None:
    if _making.get() or bridged():
        engine.transport = _session


Engine.made = _made
