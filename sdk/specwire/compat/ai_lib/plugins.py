"""``ai_lib_python.plugins``: the same names, sync, and in the way of real calls.

There plugins are a library that no call passes through. Here a ``Plugin`` is a hook:
``AiClient.builder().hook(MyPlugin())`` or ``.hook(registry.as_hook())`` puts it in.
"""

from __future__ import annotations

from .plugin_base import (
    CompositePlugin,
    Plugin,
    PluginContext,
    PluginPriority,
    PluginRegistry,
    get_plugin_registry,
    set_plugin_registry,
)
from .plugin_hooks import Hook, HookManager, HookType, get_hook_manager
from .plugin_middleware import (
    FunctionMiddleware,
    Middleware,
    MiddlewareChain,
    MiddlewareContext,
)

__all__ = [
    "CompositePlugin",
    "FunctionMiddleware",
    "Hook",
    "HookManager",
    "HookType",
    "Middleware",
    "MiddlewareChain",
    "MiddlewareContext",
    "Plugin",
    "PluginContext",
    "PluginPriority",
    "PluginRegistry",
    "get_hook_manager",
    "get_plugin_registry",
    "set_plugin_registry",
]
