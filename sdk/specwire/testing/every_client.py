"""What every client gets that is made in a block, also those that others make.

Hooks stand behind the client's own, next to the wire: they see what would be sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..core.client import BaseClient
from ..core.clock import Clock
from ..core.hooks import Hook
from ..core.types import UNSET
from .sent import SentRequests


@contextmanager
def standing(*hooks: Hook, clock: Clock | None = None) -> Iterator[None]:
    """Give ``hooks`` and ``clock`` to every client that is made in the block.

    Clients of both kinds, of :class:`~specwire.AiClient` and of generated packages.
    """
    before = BaseClient._standing, BaseClient._usual_clock
    BaseClient._standing = (*before[0], *hooks)
    if clock is not None:
        BaseClient._usual_clock = staticmethod(lambda: clock)
    try:
        yield
    finally:
        # Blocks may end in another order than they began in.
        left = [each for each in BaseClient._standing if each not in hooks]
        BaseClient._standing = tuple(left)
        if clock is not None:
            BaseClient._usual_clock = before[1]


def assert_requested(
    method: str,
    path: str,
    *,
    json: Any = UNSET,
    exactly: bool = False,
    query: Mapping[str, str] | None = None,
    times: int | None = None,
) -> None:
    """As :meth:`SentRequests.assert_requested`, of all clients made in the test.

    :raises RuntimeError: where nobody has kept what was requested: use one of the
        fixtures, or ``with standing(SentRequests()):``.
    """
    __tracebackhide__ = True
    for hook in BaseClient._standing:
        if isinstance(hook, SentRequests):
            hook.assert_requested(
                method, path, json=json, exactly=exactly, query=query, times=times
            )
            return
    raise RuntimeError(
        "assert_requested: no requests were kept; ask for a fixture (specwire_client, "
        "specwire_sandbox, specwire_cassette), or write "
        "`with standing(SentRequests()):` around the calls"
    )
