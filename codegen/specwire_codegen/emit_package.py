"""Files around the modules: the lazy ``models`` package, and a user's own package."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from .blocks import from_import
from .lines import WIDTH, Lines
from .raw import Raw, doc, lit

_UNKNOWN = 'raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'


def models_init(homes: Mapping[str, str], header: Sequence[str]) -> str:
    """``models/__init__.py``; ``homes`` is public name to module."""
    out = Lines()
    out.add(*header)
    out.docstring("Response models by name; the module of each is loaded on first use.")
    out.add("", "from __future__ import annotations", "", "import typing as _t", "")
    ordered = {name: homes[name] for name in sorted(homes)}
    if ordered:
        out.add("if _t.TYPE_CHECKING:")
        by_home: dict[str, list[str]] = {}
        for name, home in ordered.items():
            by_home.setdefault(home, []).append(f"{name} as {name}")
        for home in sorted(by_home):
            from_import(out, f".{home}", by_home[home], indent=4)
        out.add("")
    _families(out, ordered)
    out.blank(2)
    out.add(
        "def __getattr__(name: str) -> _t.Any:",
        "    for home, names in _HOMES.items():",
        "        if name in names.split():",
        "            from importlib import import_module",
        "",
        '            value = getattr(import_module(f".{home}", __name__), name)',
        "            globals()[name] = value",
        "            return value",
        '    if name == "__all__":',
        "        return [name for names in _HOMES.values() for name in names.split()]",
        f"    {_UNKNOWN}",
        "",
        "",
        "def __dir__() -> list[str]:",
        '    return [*globals(), *__getattr__("__all__")]',
    )
    return out.text()


def _families(out: Lines, homes: Mapping[str, str]) -> None:
    """Module to names, many a line: a thousand models are a page, not a book."""
    if not homes:
        out.add("_HOMES: dict[str, str] = {}")
        return
    out.add("_HOMES: dict[str, str] = {")
    for home in sorted(set(homes.values())):
        names = " ".join(name for name, family in homes.items() if family == home)
        if len(home) + len(names) <= WIDTH - 4 - 7:
            out.add(f"{lit(home)}: {lit(names)},", indent=4)
            continue
        out.add(f'{lit(home)}: """', indent=4)
        out.add(*textwrap.wrap(names, WIDTH - 8, break_on_hyphens=False), indent=8)
        out.add('""",', indent=4)
    out.add("}")


def package_init(title: Raw, header: Sequence[str], *, aio: bool = True) -> str:
    """A user's ``NAME/__init__.py``: everything by attribute, nothing loaded before."""
    out = Lines()
    out.add(*header)
    out.docstring(f"Client for {doc(title, limit=60)}." if doc(title) else "Client.")
    out.add("", "from __future__ import annotations", "", "import typing as _t", "")
    public = ("AsyncClient",) * aio + ("Client", "errors", "models")
    out.add(
        "if _t.TYPE_CHECKING:",
        "    from specwire import errors as errors",
        "",
        "    from . import models as models",
        "    from ._client import Client as Client",
        *(["    from .aio import AsyncClient as AsyncClient"] if aio else []),
        "",
        "__all__ = [" + ", ".join(map(lit, public)) + "]",
        "",
        "",
        "def __getattr__(name: str) -> _t.Any:",
        "    from importlib import import_module",
        "",
        '    if name == "Client":',
        "        from ._client import Client",
        "",
        "        return Client",
        *(_ASYNC if aio else []),
        '    if name == "errors":',
        '        return import_module("specwire.errors")',
        '    if name == "models":',
        '        return import_module(".models", __name__)',
        f"    {_UNKNOWN}",
        "",
        "",
        "def __dir__() -> list[str]:",
        "    return [*globals(), *__all__]",
    )
    return out.text()


_ASYNC = (
    '    if name == "AsyncClient":',
    "        from .aio import AsyncClient",
    "",
    "        return AsyncClient",
)


def async_init(header: Sequence[str]) -> str:
    """A user's ``NAME/aio/__init__.py``."""
    out = Lines()
    out.add(*header)
    out.docstring("The same resources for tasks; needs ``specwire[async]``.")
    out.add(
        "",
        "from __future__ import annotations",
        "",
        "from ._client import AsyncClient as AsyncClient",
        "",
        '__all__ = ["AsyncClient"]',
    )
    return out.text()


def async_client(header: Sequence[str], *, tokens: bool = False) -> str:
    """A user's ``NAME/aio/_client.py``; ``tokens`` as in :func:`client_module`."""
    base = "AsyncTokenClient" if tokens else "AsyncPackageClient"
    out = Lines()
    out.add(*header)
    out.docstring("The async client: the other one, whose calls are awaited.")
    out.add(
        "",
        "from __future__ import annotations",
        "",
        f"from specwire.aio.packages import {base} as _{base}",
        "",
        "from .._client import Client as _Client",
        "from .resources._surface import AsyncSurface as _AsyncSurface",
        "",
        "",
        f"class AsyncClient(_{base}, _AsyncSurface):",
        '    """Every resource of the API, for tasks; takes what ``Client`` does."""',
        "",
        "    _sync = _Client",
    )
    return out.text()


def client_module(
    header: Sequence[str], *, tokens: bool = False, documents: bool = False
) -> str:
    """A user's ``NAME/_client.py``.

    :param tokens: for a client that fetches its own.
    :param documents: whether those are kept, in ``specs/``.
    """
    home, base = ("tokens", "TokenClient") if tokens else ("client", "BaseClient")
    out = Lines()
    out.add(*header)
    out.docstring("The client: the runtime's engine under this package's resources.")
    out.add(
        "",
        "from __future__ import annotations",
        "",
        f"from specwire.core.{home} import {base} as _{base}",
        "",
        "from .resources._surface import SERVICES as _SERVICES",
        "from .resources._surface import Surface as _Surface",
        "",
        "",
        f"class Client(_{base}, _Surface):",
        '    """Every resource of the API, over one set of connections."""',
        "",
        "    _services = _SERVICES",
        *(['    _documents = "specs"'] if documents else []),
    )
    return out.text()
