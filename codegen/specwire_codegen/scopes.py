"""Names within one scope: collisions rename, never drop, and always the same way."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from .problems import Problems
from .words import skeleton

K = TypeVar("K", bound=Hashable)


@frozen
class Wish(Generic[K]):
    """What wants a name: its key, the names it would like, and where it stands."""

    key: K
    names: Sequence[str]
    at: str
    wire: str = ""
    """The document's spelling; who is spelled like the name keeps it."""


class Scope:
    """Hands out names that are not taken and do not look like a taken one."""

    def __init__(self, problems: Problems, reserved: Iterable[str] = ()) -> None:
        self._problems = problems
        self._taken: set[str] = {skeleton(name) for name in reserved}
        self._next: dict[str, int] = {}
        """Numbers that were given out already, by what stands before them."""

    def settle(
        self, wishes: Sequence[Wish[K]], locked: Mapping[K, str] | None = None
    ) -> dict[K, str]:
        """A name for every wish: locked ones, then exact spellings, then by order."""
        names: dict[K, str] = {}
        for wish in wishes:
            name = (locked or {}).get(wish.key)
            if name is not None and self._take(name):
                names[wish.key] = name
        exact = [w for w in wishes if w.wire and w.wire == w.names[0]]
        for wish in [*exact, *wishes]:
            if wish.key not in names:
                names[wish.key] = self._name(wish)
        return {wish.key: names[wish.key] for wish in wishes}

    def _name(self, wish: Wish[K]) -> str:
        for name in wish.names:
            if self._take(name):
                self._report(wish, name)
                return name
        base = wish.names[-1]
        base += "_" if base.islower() or base[-1].isdigit() else ""
        number = self._next.get(base, 2)
        while not self._take(f"{base}{number}"):
            number += 1
        self._next[base] = number + 1
        self._report(wish, f"{base}{number}")
        return f"{base}{number}"

    def _report(self, wish: Wish[K], name: str) -> None:
        if name != wish.names[0]:
            self._problems.note(
                "N401", wish.at, f"{wish.names[0]!a} is taken: named {name!a}"
            )

    def _take(self, name: str) -> bool:
        key = skeleton(name)
        if key in self._taken:
            return False
        self._taken.add(key)
        return True
