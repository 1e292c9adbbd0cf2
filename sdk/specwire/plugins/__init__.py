"""Parts that other packages bring: hooks, providers, manifests and commands.

>>> from specwire import Client, plugins
>>> client = Client(hooks=plugins.hooks(), loader=plugins.loader())  # doctest: +SKIP

A package names its parts as entry points (``docs/plugins.md`` has a whole one). Nothing
is looked for until one of these functions is called; a plain ``Client()`` pays nothing.
The ``specwire`` command looks always, and ``specwire doctor`` lists what there is.
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from ..chat.sources import Source as Source
    from .parts import Manifests as Manifests
    from .plugin import GROUPS as GROUPS
    from .plugin import Plugin as Plugin
    from .plugin import PluginWarning as PluginWarning
    from .registering import PluginRegistry as PluginRegistry
    from .registering import commands as commands
    from .registering import hooks as hooks
    from .registering import loader as loader
    from .registering import registry as registry

_BY_HOME = {
    ".chat.sources": "Source",
    ".plugins.parts": "Manifests",
    ".plugins.plugin": "GROUPS Plugin PluginWarning",
    ".plugins.registering": "PluginRegistry commands hooks loader registry",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}
__all__ = [*_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
