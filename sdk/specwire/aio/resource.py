"""What generated async resources stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .paging import AsyncPages as AsyncPages
from .twin import Twin, plain

T = TypeVar("T")


class AsyncResource(Twin[Any]):
    """A group of operations of one async client."""

    if TYPE_CHECKING:
        # What a method gives is said by its annotation: ``_of`` is not typed.
        async def _run(
            self, work: Callable[..., T], /, *args: Any, **kwargs: Any
        ) -> T: ...

    def _made(self, work: Callable[..., T], /, **kwargs: Any) -> T:
        """What ``work`` gives, which waits for nothing."""
        given = {name: plain(value) for name, value in kwargs.items()}
        return self._given(work(**given))  # type: ignore[no-any-return]
