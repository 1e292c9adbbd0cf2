"""The call surface of ``anthropic`` 0.77 to 0.121, on specwire.

>>> from specwire.compat.anthropic import Anthropic
>>> client = Anthropic(api_key="...")  # doctest: +SKIP
>>> client.messages.create(  # doctest: +SKIP
...     model="claude-sonnet-4-5", max_tokens=100,
...     messages=[{"role": "user", "content": "Hello"}],
... )

What is the same, what is better and what is not there is written down in
``docs/migrating-from-anthropic.md``. The names load when they are first used (PEP 562).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .client import Anthropic as Anthropic

_HOMES = {
    "Anthropic": ".client",
}

__all__ = [
    "Anthropic",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
