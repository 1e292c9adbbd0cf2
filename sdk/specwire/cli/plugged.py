"""Plugins in the ``specwire`` command: their commands, and how a broken one is told."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

from ..plugins import PluginRegistry, PluginWarning
from ..plugins import registry as _registry


def registry() -> PluginRegistry:
    """The process's plugins; what is broken is a line on standard error."""
    warnings.simplefilter("always", PluginWarning)
    shown = warnings.showwarning

    def show(message: Any, category: Any, *rest: Any) -> None:
        if isinstance(message, PluginWarning):
            print(f"specwire: {message}", file=sys.stderr)
        else:
            shown(message, category, *rest)

    warnings.showwarning = show  # type: ignore[assignment]
    return _registry()


def run(name: str, argv: Sequence[str]) -> int | None:
    """The exit code of a plugin's command; ``None`` where there is none of that name.

    1 where it is broken, or where it fails with an exception.
    """
    found = registry()
    if name not in found.commands():
        return None
    command = found.command(name)
    if command is None:
        return 1
    try:
        return int(command(argv) or 0)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        kind = type(error).__name__
        print(f"specwire {name}: {kind}: {error}", file=sys.stderr)
        return 1
