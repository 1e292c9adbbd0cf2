"""``ai_lib_python.plugins``: methods of plugins may be ``async def``."""

from __future__ import annotations

from ....aio.faces.ai_lib_middleware import MiddlewareChain
from ....aio.faces.ai_lib_plugin_hooks import HookManager, get_hook_manager
from ....aio.faces.ai_lib_plugins import (
    PluginRegistry,
    get_plugin_registry,
    set_plugin_registry,
)
from ..plugins import (
    CompositePlugin,
    FunctionMiddleware,
    Hook,
    HookType,
    Middleware,
    MiddlewareContext,
    Plugin,
    PluginContext,
    PluginPriority,
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
