"""How far runs are: whoever makes the page hands in a way to ask.

The sandbox knows no journals; ``specwire sandbox --ui`` reads those of
``specwire run``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

import attrs

_EACH_S: Final = 1.0
_SHARE: Final = 10
_MOST: Final = 50


@attrs.frozen
class RunProgress:
    """One run.

    :ivar left: items that are known and have no result yet.
    :ivar complete: all items of the input are known.
    :ivar cost_usd: what it has cost so far, where somebody counts.
    :ivar input_tokens: tokens of its requests so far, where that is known; and
        ``output_tokens`` of the answers.
    :ivar running: somebody works at it now; ``None`` where that is not known.
    :ivar changed_at: when there was something new last, in seconds since the epoch.
    :ivar problem: why nothing can be said; the numbers are then 0.
    """

    name: str
    succeeded: int = 0
    failed: int = 0
    left: int = 0
    complete: bool = False
    cost_usd: float | None = None
    problem: str = ""
    running: bool | None = None
    changed_at: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


Ask: TypeAlias = "Callable[[], Iterable[RunProgress]]"


class Runs:
    """Asks at most once a second, and less often where asking takes long."""

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._due_s = 0.0
        self._known: list[dict[str, Any]] = []

    def listed(self) -> list[dict[str, Any]] | None:
        """The runs, at most 50; ``None`` where nobody can be asked."""
        if self._ask is None:
            return None
        with self._lock:
            began = time.monotonic()
            if began >= self._due_s:
                self._known = self._asked(self._ask)
                ended = time.monotonic()
                self._due_s = ended + max(_EACH_S, _SHARE * (ended - began))
            return self._known

    @staticmethod
    def _asked(ask: Ask) -> list[dict[str, Any]]:
        try:
            return [attrs.asdict(run) for run in list(ask())[:_MOST]]
        except Exception as error:
            # What is wrong with a run must not end the page.
            return [attrs.asdict(RunProgress("runs", problem=str(error)))]
