"""``ai_lib_python.pipeline``: stages that take and give what is iterated in tasks.

They are those of :mod:`specwire.compat.ai_lib.pipeline`. What is given to one in an
async iterator comes out of one; other iterables as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ....aio.crew import drawn
from ....aio.twin import Iteration
from .. import pipeline as _sync
from ..pipeline import __all__ as __all__

_STEPS: Final = ("decode", "transform", "map_events", "process", "decode_only")


def _stepping(step: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: Any, items: Any) -> Any:
        if hasattr(items, "__aiter__"):
            return Iteration(step(self, drawn(items)))
        return step(self, items)

    run.__doc__ = step.__doc__
    return run


def _in_tasks(stage: type) -> type:
    """``stage`` for both kinds of iterators."""
    steps = {
        name: _stepping(getattr(stage, name)) for name in _STEPS if hasattr(stage, name)
    }
    return type(stage.__name__, (stage,), {"__doc__": stage.__doc__, **steps})


def __getattr__(name: str) -> Any:
    value = getattr(_sync, name)
    if isinstance(value, type) and any(hasattr(value, step) for step in _STEPS):
        value = _in_tasks(value)
    globals()[name] = value
    return value
