"""Equal calls that are under way at one time: one is sent, the others wait for it.

Who waits has a bell of its own: one that ends by itself, by its deadline or a token,
wakes no other. Nobody waits for more than two: what fails twice is not this call's.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from ..core.shared import Bell

if TYPE_CHECKING:
    from ..core.wire import Call
    from .entries import Entry

MOST: Final = 2


class Flight:
    """One call that others wait for.

    :ivar over: it has ended, or nobody can end it any more.
    :ivar entry: its answer, where there is one that may be shared.
    :ivar alone: what it gets is nobody else's: each goes by itself.
    """

    __slots__ = ("_bells", "_leader", "alone", "entry", "over")

    def __init__(self, leader: Call) -> None:
        self._bells: list[Bell] = []
        self.entry: Entry | None = None
        self.over = self.alone = False
        # A call that was dropped in the middle tells nobody else.
        self._leader = weakref.ref(leader, lambda _: self.end())

    def wait(self) -> Bell:
        """A bell that rings at the end."""
        bell = Bell()
        self._bells.append(bell)
        if self.over:
            bell.set()
        return bell

    def end(self, entry: Entry | None = None, *, alone: bool = False) -> None:
        if self.over:
            return
        self.entry, self.alone = entry, alone
        self.over = True
        for bell in self._bells:
            bell.set()
