"""``PluginRegistry``: what was found and what was registered, switched on and in order.

A broken plugin is named in one :class:`PluginWarning` and skipped; it never keeps the
others, or the program, from working. Safe to share between threads.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from .choice import VARIABLE, Choice
from .plugin import GROUPS, Plugin, PluginWarning

if TYPE_CHECKING:
    from ..chat.loader import ManifestLoader
    from ..core.hooks import Hook
    from .parts import Command


class PluginRegistry:
    """Plugins by group and name.

    :param discover: look for entry points of installed packages, once, when a plugin is
        first asked for; without it there is only what :meth:`register` brought.
    """

    def __init__(self, *, discover: bool = True) -> None:
        self._plugins: dict[tuple[str, str], Plugin] = {}
        self._switched: dict[tuple[str | None, str], bool] = {}
        self._discover = discover
        self._looked = False
        self._warned: set[Plugin] = set()
        self._lock = threading.RLock()

    # -- what there is -------------------------------------------------------------

    def register(
        self,
        part: Any,
        *,
        name: str | None = None,
        group: str = "hooks",
        priority: int | None = None,
    ) -> Plugin:
        """Add a part of this program's own; as an entry point would give it.

        :param name: else the part's ``name``, or that of its class or function.
        :param priority: of hooks in the same stage the lowest stands outermost; else
            the hook's own ``priority``, else 50.
        :raises ValueError: for an unknown group, or a name that is taken.
        """
        if group not in GROUPS:
            known = ", ".join(GROUPS)
            raise ValueError(f"group: expected one of {known}, got {group!r}")
        plugin = Plugin(name or _name_of(part), group, given=part, priority=priority)
        with self._lock:
            self._look()
            if (group, plugin.name) in self._plugins:
                taken = self._plugins[group, plugin.name]
                raise ValueError(f"{taken} is there already; unregister it, or rename")
            self._plugins[group, plugin.name] = plugin
        return plugin

    def unregister(self, name: str, *, group: str | None = None) -> bool:
        """Forget the plugins of that name; whether there were any."""
        with self._lock:
            self._look()
            found = self._named(name, group)
            for plugin in found:
                del self._plugins[plugin.group, plugin.name]
        return bool(found)

    def enable(self, name: str, *, group: str | None = None) -> bool:
        """Let them in, whatever the environment says; whether there are any."""
        return self._switch(name, group, True)

    def disable(self, name: str, *, group: str | None = None) -> bool:
        """Keep the plugins of that name out from now on; whether there are any."""
        return self._switch(name, group, False)

    @property
    def plugins(self) -> list[Plugin]:
        """All that were found or registered, by group and name; none is loaded here."""
        with self._lock:
            self._look(always=True)
            for plugin in self._plugins.values():
                self._lets(plugin)
            order = GROUPS.index
            return sorted(
                self._plugins.values(), key=lambda p: (order(p.group), p.name)
            )

    def check(self) -> list[Plugin]:
        """Load all that are switched on, and tell of all; for ``specwire doctor``."""
        with self._lock:
            found = self.plugins
            for plugin in found:
                if self._lets(plugin):
                    self._made(plugin)
        return found

    # -- what they bring -----------------------------------------------------------

    def hooks(self) -> list[Hook]:
        """Hooks for a client, by stage, then priority, then name.

        A plugin that is a class or a function makes new ones each time.
        """
        placed: list[tuple[tuple[int, int, str], Hook]] = []
        with self._lock:
            for plugin in self._on("hooks"):
                hooks = self._made(plugin) or []
                try:
                    placed += [(plugin.place(hook), hook) for hook in hooks]
                except (TypeError, ValueError) as error:
                    self._fail(plugin, f"its stage or priority: {error}")
        return [hook for _, hook in sorted(placed, key=lambda each: each[0])]

    def loader(self, *args: Any, **settings: Any) -> ManifestLoader:
        """A :class:`~specwire.chat.ManifestLoader` that knows their manifests as well:
        after directories of your own, before those that come with the package."""
        from ..chat.loader import ManifestLoader

        more: list[Any] = []
        with self._lock:
            for plugin in self._on("manifests"):
                more += self._made(plugin) or []
            for plugin in self._on("providers"):
                source = self._made(plugin)
                more += [] if source is None else [source]
        return ManifestLoader(*args, more=more, **settings)

    def commands(self) -> list[str]:
        """The names of commands that are switched on; none is loaded."""
        with self._lock:
            return [plugin.name for plugin in self._on("commands")]

    def command(self, name: str) -> Command | None:
        """The command of that name, loaded; ``None`` where none works."""
        with self._lock:
            for plugin in self._on("commands"):
                if plugin.name == name:
                    made: Command | None = self._made(plugin)
                    return made
        return None

    # -- inside --------------------------------------------------------------------

    def _look(self, *, always: bool = False) -> None:
        """Find entry points, once; not where the environment wants none."""
        if self._looked or not self._discover or (Choice().none and not always):
            return
        from importlib.metadata import entry_points

        self._looked = True
        for group in GROUPS:
            found = entry_points(group=f"specwire.{group}")
            plugins = [Plugin(entry.name, group, entry=entry) for entry in found]
            for plugin in sorted(plugins, key=lambda p: p.source):
                self._add(plugin)

    def _add(self, plugin: Plugin) -> None:
        taken = self._plugins.setdefault((plugin.group, plugin.name), plugin)
        if taken is not plugin and taken.value != plugin.value:
            plugin.fail(f"the name is taken by {taken.source}")
            self._plugins[plugin.group, f"{plugin.name} ({plugin.source})"] = plugin

    def _named(self, name: str, group: str | None) -> list[Plugin]:
        return [
            plugin
            for plugin in self._plugins.values()
            if plugin.name == name and group in (None, plugin.group)
        ]

    def _switch(self, name: str, group: str | None, on: bool) -> bool:
        with self._lock:
            self._look(always=on)
            self._switched = {
                key: said
                for key, said in self._switched.items()
                if key[1] != name or group not in (None, key[0])
            }
            self._switched[group, name] = on
            found = self._named(name, group)
            for plugin in found:
                self._lets(plugin)
        return bool(found)

    def _lets(self, plugin: Plugin) -> bool:
        """Whether it is switched on; what is not says why."""
        said = self._switched.get((plugin.group, plugin.name))
        if said is None:
            said = self._switched.get((None, plugin.name))
        own = plugin.source == "this program"
        on = said if said is not None else own or Choice().takes(plugin.name)
        if plugin.broken:
            return on
        if not on:
            by = "disable()" if said is not None else VARIABLE
            plugin.state, plugin.reason = "disabled", f"switched off by {by}"
        elif plugin.state == "disabled":
            plugin.state, plugin.reason = "found", ""
        return on

    def _on(self, group: str) -> Iterator[Plugin]:
        self._look(always=any(self._switched.values()))
        found = [p for p in self._plugins.values() if p.group == group]
        for plugin in sorted(found, key=lambda p: p.name):
            if self._lets(plugin):
                yield plugin

    def _made(self, plugin: Plugin) -> Any:
        made = plugin.make()
        if plugin.broken:
            self._fail(plugin, plugin.reason)
        return made

    def _fail(self, plugin: Plugin, reason: str) -> None:
        plugin.fail(reason)
        if plugin not in self._warned:
            self._warned.add(plugin)
            told = f"{plugin} ({plugin.value}) is skipped: {reason}"
            warnings.warn(told, PluginWarning, stacklevel=4)

    def __len__(self) -> int:
        return len(self.plugins)

    def __contains__(self, name: object) -> bool:
        return any(plugin.name == name for plugin in self.plugins)


def _name_of(part: Any) -> str:
    named = getattr(part, "name", None)
    if isinstance(named, str) and named:
        return named
    kind = part if hasattr(part, "__name__") else type(part)
    return str(kind.__name__)


# -- the process's own -----------------------------------------------------------------


@cache
def registry() -> PluginRegistry:
    """The registry that this process shares."""
    return PluginRegistry()


def hooks() -> list[Hook]:
    """Hooks of all plugins, in order; see :meth:`PluginRegistry.hooks`."""
    return registry().hooks()


def loader(*args: Any, **settings: Any) -> ManifestLoader:
    """Manifests, those of plugins too; see :meth:`PluginRegistry.loader`."""
    return registry().loader(*args, **settings)


def commands() -> list[str]:
    """The names of commands that plugins bring."""
    return registry().commands()
