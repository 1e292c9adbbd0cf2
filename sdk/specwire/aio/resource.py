"""What generated async resources stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .paging import AsyncPages as AsyncPages
from .twin import Twin
from .twin import add_faces as add_faces

T = TypeVar("T")


class AsyncResource(Twin[Any]):
    """A group of operations of one async client.

    ``_of`` says nothing of types: what a method gives is said by its annotation.
    """

    if TYPE_CHECKING:
        # Lent by specwire.compat.anthropic to the resources of its clients.
        with_raw_response: Any
        with_streaming_response: Any

    def _made(self, work: Callable[..., Any], /, **kwargs: Any) -> T:  # type: ignore[type-var]
        """What ``work`` gives, which waits for nothing."""
        return self._given(self._built(work, **kwargs))
