"""A stream whose first event is here already, and what is to be done when it ends.

A stream fails over, or is tried again, only as long as the caller has seen nothing of
it; so its first event is read before it is handed out, and what comes then is passed
on as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
Over = Callable[["BaseException | None"], object]
"""Told once: ``None`` at the end, else what ended it; GeneratorExit if it was left."""


def is_stream(value: Any) -> bool:
    """Whether ``value`` is iterated once, as streams and generators are."""
    return hasattr(value, "__next__")


class Begun:
    """``stream``, its first event read; everything else of it as it is.

    :raises Exception: what reading the first event raises.
    """

    def __init__(self, stream: Any, over: Over | None = None) -> None:
        self._stream = stream
        self._over = over
        self._waiting: list[Any] = []
        try:
            self._waiting.append(next(stream))
        except StopIteration:
            self._ended(None)
        except BaseException:
            self._over = None  # its failure is for who has begun it
            raise

    def _ended(self, outcome: BaseException | None) -> None:
        over, self._over = self._over, None
        if over is not None:
            over(outcome)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._waiting:
            return self._waiting.pop()
        try:
            return next(self._stream)
        except StopIteration:
            self._ended(None)
            raise
        except BaseException as error:
            self._ended(error)
            raise

    def close(self) -> None:
        """Stop; what was begun is closed."""
        self._waiting.clear()
        try:
            if hasattr(self._stream, "close"):
                self._stream.close()
        finally:
            self._ended(GeneratorExit())

    def __enter__(self) -> Begun:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_over", None) is not None:
            self.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._stream, name)
