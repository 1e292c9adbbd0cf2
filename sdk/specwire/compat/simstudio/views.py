"""The resources of the client behind, with the official error.

A view passes everything on and changes one thing: what is raised. It holds for what a
call returns as well, where that goes on asking (pages, streams, downloads).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.download import Download
from ...core.paging import Page
from ...core.resource import Resource
from ...core.stream import Stream
from .errors import EXECUTION_ERROR, speaking

_GOES_ON = (Resource, Page, Stream, Download)


class View:
    """``target`` with the official error."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        with speaking(EXECUTION_ERROR):
            return viewed(getattr(self._target, name))

    def __call__(self, *args: Any, **options: Any) -> Any:
        with speaking(EXECUTION_ERROR):
            return viewed(self._target(*args, **options))

    def __iter__(self) -> Iterator[Any]:
        with speaking(EXECUTION_ERROR):
            yield from map(viewed, self._target)

    def __len__(self) -> int:
        return len(self._target)

    def __bool__(self) -> bool:
        return bool(self._target)

    def __bytes__(self) -> bytes:
        with speaking(EXECUTION_ERROR):
            return bytes(self._target)

    def __enter__(self) -> View:
        self._target.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._target.__exit__(*error)

    def __dir__(self) -> list[str]:
        return dir(self._target)

    def __repr__(self) -> str:
        return repr(self._target)


def viewed(value: Any) -> Any:
    """``value``, seen through a view where it can raise later."""
    bound = hasattr(value, "__self__") and isinstance(value.__self__, _GOES_ON)
    return View(value) if bound or isinstance(value, _GOES_ON) else value
