"""``@deprecated`` (PEP 702) of generated methods, for every Python we run on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message: str) -> Callable[[Any], Any]:
        """Marks a method whose use warns; type checkers know it as well."""

        def mark(method: Any) -> Any:
            @wraps(method)
            def warned(*args: Any, **kwargs: Any) -> Any:
                from .warned import packages_of, warn

                told = f"{method.__qualname__}: {message}"
                warn(told, DeprecationWarning, *packages_of(method.__module__))
                return method(*args, **kwargs)

            return warned

        return mark


def untold(of: Any, name: str) -> Any:
    """A deprecated method of ``of`` that does not warn: its caller has been told."""
    method = getattr(of, name)
    return method.__wrapped__.__get__(of)
