"""``Plugin`` and ``PluginRegistry`` of ``ai_lib_python.plugins``, as hooks of ours.

A plugin sees the JSON body of a call's request once, before its first attempt, and that
of each reply; events of streams as our objects. What ``on_error`` returns is of use to
:meth:`PluginRegistry.process_error` only: an error of a call is its caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

from attrs import define, evolve, field

from ...core.codec import dumps, loads
from ...core.crew import asked
from ...core.hooks import Hook, Tap
from ...core.wire import Call, Reply


class PluginPriority(IntEnum):
    """The lowest is first."""

    HIGHEST = 0
    HIGH = 25
    NORMAL = 50
    LOW = 75
    LOWEST = 100


@define
class PluginContext:
    """What a plugin is told of a call."""

    model: str = ""
    provider: str = ""
    request_id: str = ""
    metadata: dict[str, Any] = field(factory=dict)

    def with_metadata(self, **more: Any) -> PluginContext:
        """The same, with more metadata."""
        return evolve(self, metadata={**self.metadata, **more})


class Plugin(Hook):
    """Base of plugins; override what is wanted. It is a hook of any client."""

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def priority(self) -> int:
        return PluginPriority.NORMAL

    @property
    def enabled(self) -> bool:
        return True

    def on_init(self, ctx: PluginContext) -> None:
        """Once, before its first call or by ``init_all``."""

    def on_shutdown(self, ctx: PluginContext) -> None:
        """By ``shutdown_all``."""

    def on_request(self, ctx: PluginContext, request: Any) -> Any:
        """The body that is sent in place of ``request``."""
        return request

    def on_response(self, ctx: PluginContext, response: Any) -> Any:
        """The body that is read in place of ``response``."""
        return response

    def on_error(self, ctx: PluginContext, error: Exception) -> Exception | None:
        """Once a call failed for good."""
        return error

    def on_stream_start(self, ctx: PluginContext) -> None:
        """A stream is open."""

    def on_stream_chunk(self, ctx: PluginContext, chunk: Any) -> Any:
        """The event that the caller gets in place of ``chunk``."""
        return chunk

    def on_stream_end(self, ctx: PluginContext) -> None:
        """A stream is over, however it ended."""

    # -- as a hook -----------------------------------------------------------------

    _begun = False

    def begin(self, ctx: PluginContext) -> None:
        """``on_init``, unless it was called."""
        if not self._begun:
            self._begun = True
            asked(self.on_init, ctx)

    def before_attempt(self, call: Call) -> None:
        if not self.enabled or self in call.scratch:
            return
        body = _json(call.request.body)
        ctx = PluginContext(_model(body), call.service)
        call.scratch[self] = ctx
        self.begin(ctx)
        if body is not None:
            changed = asked(self.on_request, ctx, body)
            if changed is not None:
                call.request.body = dumps(changed, call.name)

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        ctx = call.scratch.get(self)
        if ctx is None or not isinstance(outcome, Reply) or call.open:
            return
        ctx.request_id = outcome.request_id or ""
        body = _json(outcome.body) if "json" in outcome.content_type else None
        if body is not None:
            changed = asked(self.on_response, ctx, body)
            if changed is not None:
                outcome.body = dumps(changed, call.name)

    def on_done(self, call: Call, outcome: Reply | BaseException) -> None:
        ctx = call.scratch.get(self)
        if ctx is not None and isinstance(outcome, Exception):
            asked(self.on_error, ctx, outcome)

    def tap(self, call: Call) -> Tap | None:
        ctx = call.scratch.get(self)
        if ctx is None:
            return None
        asked(self.on_stream_start, ctx)
        return _Events(self, ctx)

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        ctx = call.scratch.get(self)
        if ctx is not None:
            asked(self.on_stream_end, ctx)


class _Events(Tap):
    __slots__ = ("_ctx", "_plugin")

    def __init__(self, plugin: Plugin, ctx: PluginContext) -> None:
        self._plugin = plugin
        self._ctx = ctx

    def items(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            if not isinstance(item, BaseException):
                item = asked(self._plugin.on_stream_chunk, self._ctx, item)
            if item is not None:
                yield item


def _json(body: Any) -> Any:
    if not isinstance(body, bytes) or not body:
        return None
    try:
        return loads(body)
    except ValueError:
        return None


def _model(body: Any) -> str:
    return str(body.get("model") or "") if isinstance(body, dict) else ""


class PluginRegistry:
    """Plugins by name, in the order of their priorities."""

    def __init__(self) -> None:
        self._plugins: dict[str, Plugin] = {}
        self._initialized = False

    def register(self, plugin: Plugin) -> PluginRegistry:
        """:raises ValueError: where the name is taken."""
        if plugin.name in self._plugins:
            raise ValueError(f"Plugin already registered: {plugin.name}")
        self._plugins[plugin.name] = plugin
        return self

    def unregister(self, name: str) -> bool:
        return self._plugins.pop(name, None) is not None

    disable = unregister

    def get(self, name: str) -> Plugin | None:
        return self._plugins.get(name)

    def has(self, name: str) -> bool:
        return name in self._plugins

    enable = has

    @property
    def plugins(self) -> list[Plugin]:
        """All, in order."""
        return sorted(self._plugins.values(), key=lambda plugin: plugin.priority)

    @property
    def plugin_names(self) -> list[str]:
        return [plugin.name for plugin in self.plugins]

    def as_hook(self) -> Plugin:
        """One hook that is all of them, as they are now."""
        return CompositePlugin("plugins", self.plugins)

    def init_all(self, ctx: PluginContext | None = None) -> None:
        if not self._initialized:
            self._initialized = True
            for plugin in self._on():
                plugin.begin(ctx or PluginContext())

    def shutdown_all(self, ctx: PluginContext | None = None) -> None:
        if self._initialized:
            self._initialized = False
            asked(self._all().on_shutdown, ctx or PluginContext())

    def process_request(self, ctx: PluginContext, request: Any) -> Any:
        return self._all().on_request(ctx, request)

    def process_response(self, ctx: PluginContext, response: Any) -> Any:
        return self._all().on_response(ctx, response)

    def process_error(self, ctx: PluginContext, error: Exception) -> Exception | None:
        """The error that is left; ``None`` where one plugin suppressed it."""
        return self._all().on_error(ctx, error)

    def on_stream_start(self, ctx: PluginContext) -> None:
        self._all().on_stream_start(ctx)

    def process_stream_chunk(self, ctx: PluginContext, chunk: Any) -> Any:
        return self._all().on_stream_chunk(ctx, chunk)

    def on_stream_end(self, ctx: PluginContext) -> None:
        self._all().on_stream_end(ctx)

    def _all(self) -> Plugin:
        return self.as_hook()

    def _on(self) -> list[Plugin]:
        return [plugin for plugin in self.plugins if plugin.enabled]

    def __len__(self) -> int:
        return len(self._plugins)

    def __contains__(self, name: object) -> bool:
        return name in self._plugins


class CompositePlugin(Plugin):
    """Several as one: requests and chunks in order, replies and ends in reverse."""

    def __init__(
        self,
        name: str,
        plugins: Iterable[Plugin],
        priority: int = PluginPriority.NORMAL,
    ) -> None:
        self._name = name
        self._priority = priority
        self._plugins = sorted(plugins, key=lambda plugin: plugin.priority)

    @property
    def name(self) -> str:
        return self._name

    @property
    def priority(self) -> int:
        return self._priority

    def _on(self, *, back: bool = False) -> list[Plugin]:
        found = [plugin for plugin in self._plugins if plugin.enabled]
        return found[::-1] if back else found

    def on_init(self, ctx: PluginContext) -> None:
        for plugin in self._on():
            plugin.begin(ctx)

    def on_shutdown(self, ctx: PluginContext) -> None:
        for plugin in self._on(back=True):
            asked(plugin.on_shutdown, ctx)

    def on_request(self, ctx: PluginContext, request: Any) -> Any:
        for plugin in self._on():
            request = asked(plugin.on_request, ctx, request)
        return request

    def on_response(self, ctx: PluginContext, response: Any) -> Any:
        for plugin in self._on(back=True):
            response = asked(plugin.on_response, ctx, response)
        return response

    def on_error(self, ctx: PluginContext, error: Exception) -> Exception | None:
        left: Exception | None = error
        for plugin in self._on():
            if left is not None:
                left = asked(plugin.on_error, ctx, left)
        return left

    def on_stream_start(self, ctx: PluginContext) -> None:
        for plugin in self._on():
            asked(plugin.on_stream_start, ctx)

    def on_stream_chunk(self, ctx: PluginContext, chunk: Any) -> Any:
        for plugin in self._on():
            chunk = asked(plugin.on_stream_chunk, ctx, chunk)
        return chunk

    def on_stream_end(self, ctx: PluginContext) -> None:
        for plugin in self._on(back=True):
            asked(plugin.on_stream_end, ctx)


_registry = [PluginRegistry()]


def get_plugin_registry() -> PluginRegistry:
    """The process's own."""
    return _registry[0]


def set_plugin_registry(registry: PluginRegistry) -> None:
    """Put another one in its place."""
    _registry[0] = registry
