"""``Plugin``: one part of a package, where it comes from, and whether it works.

What an entry point gives is checked here, by its group; nothing is made of it yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from . import parts

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

State = Literal["found", "working", "broken", "disabled"]
GROUPS: Final = ("hooks", "providers", "manifests", "commands")
"""Of entry points, each below ``specwire.``: ``specwire.hooks``."""
PRIORITY: Final = 50
_MAKES: Final[dict[str, Callable[[Any], Any]]] = {
    "hooks": parts.hooks_of,
    "providers": parts.source_of,
    "manifests": parts.places_of,
    "commands": parts.command_of,
}


class PluginWarning(UserWarning):
    """A plugin is broken and was skipped."""


class Plugin:
    """A named part, loaded when it is first asked for.

    :ivar group: ``hooks``, ``providers``, ``manifests`` or ``commands``.
    :ivar source: the distribution and its version, or ``this program``.
    :ivar value: where it lies, ``module:name``.
    :ivar reason: why it is broken or disabled; empty otherwise.
    """

    def __init__(
        self,
        name: str,
        group: str,
        *,
        entry: EntryPoint | None = None,
        given: Any = None,
        priority: int | None = None,
    ) -> None:
        self.name = name
        self.group = group
        self.state: State = "found"
        self.reason = ""
        self._entry = entry
        self._given = given
        self._priority = priority
        self.source, self.value = _told(entry, given)

    @property
    def broken(self) -> bool:
        """Whether it could not be loaded; ``reason`` says why."""
        return self.state == "broken"

    def make(self) -> Any:
        """What it brings: hooks, a source of manifests, paths, or a command.

        Hooks of a class or a function are made anew each time. What goes wrong makes it
        broken; ``None`` then.
        """
        if self.broken:
            return None
        try:
            if self._entry is not None:
                self._given, self._entry = self._entry.load(), None
            made = _MAKES[self.group](self._given)
        except (Exception, SystemExit) as error:
            self.fail(f"{type(error).__name__}: {_line(error)}")
            return None
        self.state = "working"
        return made

    def fail(self, reason: str) -> None:
        """It does not work, and is skipped from now on."""
        self.state, self.reason = "broken", reason

    def place(self, hook: Any) -> tuple[int, int, str]:
        """Where ``hook`` of this plugin stands: by stage, priority, and name."""
        own = getattr(hook, "priority", PRIORITY)
        own = own if isinstance(own, int) else PRIORITY
        priority = own if self._priority is None else self._priority
        return int(getattr(hook, "stage", 25)), priority, self.name

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        names = ("group", "name", "state", "source", "value", "reason")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return f"{self.group} plugin {self.name!r} of {self.source}"

    def __repr__(self) -> str:
        return f"<{self}: {self.state}>"


def _told(entry: EntryPoint | None, given: Any) -> tuple[str, str]:
    if entry is None:
        kind = given if isinstance(given, type) else type(given)
        name = getattr(given, "__qualname__", kind.__qualname__)
        return "this program", f"{getattr(given, '__module__', '?')}:{name}"
    dist = entry.dist
    if dist is None:
        return "an unknown package", entry.value
    return f"{dist.metadata['Name']} {dist.version}", entry.value


def _line(error: BaseException) -> str:
    """The first line of what ``error`` says, not too long."""
    text = str(error).strip() or "no message"
    first = text.splitlines()[0]
    return first if len(first) <= 300 else f"{first[:300]}…"
