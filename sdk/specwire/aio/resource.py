"""What generated async resources stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .paging import AsyncPages as AsyncPages
from .twin import Twin, plain

T = TypeVar("T")


class AsyncResource(Twin[Any]):
    """A group of operations of one async client."""

    def _made(self, work: Callable[..., Any], /, **kwargs: Any) -> T:  # type: ignore[type-var]
        """What ``work`` gives, which waits for nothing."""
        given = {name: plain(value) for name, value in kwargs.items()}
        return self._given(work(**given))
