"""Modules that only pass names on: each loads what it stands for when it is asked for.

A table says where a name lives, ``"TextEvent": ".mixins.stream_events"``, relative to
this package's own root (``specwire``) or to the package that is said, with ``:other``
behind it where it is called differently there.
"""

from __future__ import annotations

import sys

# Type checkers take the name for typing's; a front that imported it would not be cheap.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_ROOT = __name__.partition(".")[0]


def lazily(
    module: str,
    homes: Mapping[str, str],
    missing: Mapping[str, str] | None = None,
    *,
    package: str = _ROOT,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of ``module`` (PEP 562).

    :param missing: names that are not there on purpose, and why.
    """

    def get(name: str) -> Any:
        from importlib import import_module

        home = homes.get(name)
        if home is None:
            why = (missing or {}).get(name)
            told = f": {why}" if why else ""
            raise AttributeError(f"module {module!r} has no attribute {name!r}{told}")
        path, _, called = home.partition(":")
        source = import_module(path, package)
        value = source if called == "*" else getattr(source, called or name)
        setattr(sys.modules[module], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *homes})

    return get, names
