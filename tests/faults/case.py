"""One case of the table, as data, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .script import Script
from .server import Seen

GOOD = object()
"""The value of a case that ends well: what the server's good answer says."""


@dataclass(frozen=True)
class Setup:
    """How the client is made. Times in seconds.

    :param real: waits pass in real time; else waits between attempts only add up.
    :param chance: jitter is by chance; else it is at its highest.
    """

    base_url: str = ""
    key: str = ""
    total: float | None = 30.0
    read: float | None = 5.0
    connect: float | None = 5.0
    retries: int = 2
    real: bool = False
    chance: bool = False
    max_body_bytes: int | None = None


@dataclass(frozen=True)
class Expect:
    """What the caller must see.

    :param kinds: how it may end: ``ok``, or a kind of error (``client.Library.kind``).
    :param value: what it returns when it ends well.
    :param items: what was handed out before the end, of a stream.
    :param seconds: it ends within this time.
    :param requests: least and most requests that reach the server.
    :param attempts: exactly so many, from a client that repeats all it may.
    :param slept: bounds of each wait between attempts.
    :param checks: further rules, by their names in ``checks``.
    """

    kinds: tuple[str, ...] = ("ok",)
    value: Any = GOOD
    items: tuple[str, ...] | None = None
    seconds: float = 4.0
    requests: tuple[int, int] = (1, 3)
    attempts: int | None = None
    slept: tuple[tuple[float, float], ...] | None = None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A fault, what is done under it, and what must come of it.

    :param action: a name in ``actions``.
    :param other: what a second server does, where there is one.
    :param args: what else the action is told.
    """

    group: str
    name: str
    script: Script
    expect: Expect = Expect()
    action: str = "call"
    setup: Setup = Setup()
    other: Script | None = None
    args: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.group}: {self.name}"


@dataclass
class Outcome:
    """What came of a case."""

    kind: str = "hang"
    text: str = ""
    value: Any = None
    items: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    log: list[Seen] = field(default_factory=list)
    connections: int = 0
    elsewhere: list[Seen] = field(default_factory=list)
    shown: str = ""
    hidden: str = ""
    key: str = ""
    good: Any = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def leaks(self) -> bool:
        """The key stands in something that people see."""
        return bool(self.key) and self.key in self.shown

    @property
    def betrayed(self) -> bool:
        """The key went to another server."""
        return any(self.key.encode() in s.head + s.body for s in self.elsewhere)
