"""Equal calls that are under way at one time: one is sent, the others wait for it.

Who waits has a bell of its own: one that ends by itself, by its deadline or a token,
wakes no other. Nobody waits for more than two: what fails twice is not this call's.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from ..core.clock import Bell
from ..core.shared import Shared
from .rules import OWN

if TYPE_CHECKING:
    from ..core.wire import Call
    from .entries import Entry
    from .place import Place

_MOST: Final = 2


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


class Flights(Shared):
    """What is under way, by key.

    :ivar landed: how many have ended so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.under_way: dict[str, Flight] = {}
        self.landed = 0

    def join(self, call: Call, place: Place) -> Flight | None:
        """What ``call`` waits for; nothing where it is let go, or is to look again."""
        key, waited = place.key or "", place.flight
        with self._lock:
            alone = place.rule != OWN or place.waited >= _MOST
            if waited is not None and waited.over:
                alone = alone or waited.alone
            current = self.under_way.get(key)
            if not alone and current is not None and not current.over:
                if current is not waited:
                    place.flight, place.waited = current, place.waited + 1
                return current
            if place.landed != self.landed and not alone:
                return None  # an answer may have come in between
            place.let_go = True
            if not alone:
                place.leads = self.under_way[key] = Flight(call)
        return None

    def land(
        self, place: Place, entry: Entry | None = None, *, alone: bool = False
    ) -> None:
        """Those that wait may go on: with the answer, one of them, or all at once."""
        flight, place.leads = place.leads, None
        if flight is None:
            return
        with self._lock:
            self.landed += 1
            if self.under_way.get(place.key or "") is flight:
                del self.under_way[place.key or ""]
        flight.end(entry, alone=alone and entry is None)

    def _forked(self) -> None:
        super()._forked()
        self.under_way = {}  # the parent's
