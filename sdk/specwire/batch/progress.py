"""How far a run is: for a function of yours, and as a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..core.crew import here

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.clock import Clock
    from .results import ItemResult

_EACH_S: Final = 0.2
_WIDTH: Final = 24


@frozen
class Progress:
    """How far a run is.

    :ivar done: items with a result, those of earlier runs included.
    :ivar failed: those of them that failed.
    :ivar total: all items, where the input has a length.
    :ivar rate: items a second, those of earlier runs left out.
    """

    done: int
    failed: int
    recorded: int
    total: int | None
    elapsed_s: float
    rate: float

    @property
    def left_s(self) -> float | None:
        """Seconds to the end, where that can be told."""
        if self.total is None or not self.rate:
            return None
        return (self.total - self.done) / self.rate


class Meter:
    """Counts results, and tells some times a second."""

    def __init__(
        self,
        on_progress: Callable[[Progress], object] | None,
        clock: Clock,
        total: int | None,
    ) -> None:
        self._tell = [] if on_progress is None else [on_progress]
        self._clock = clock
        self._total = total
        self._began = self._said = clock.monotonic()
        self._done = self._failed = self._recorded = 0

    def watching(self, bar: Bar) -> Callable[[ItemResult], object]:
        """What is to be told each result."""
        if bar.drawn:
            bar.meter = self
            self._tell.append(bar.draw)
        return self.count

    def count(self, result: ItemResult) -> None:
        self._done += 1
        self._failed += not result.success
        self._recorded += result.recorded
        now = self._clock.monotonic()
        if self._tell and (now - self._said >= _EACH_S or self._done == self._total):
            self._said = now
            for tell in self._tell:
                here().settled(tell(self.progress()))

    def progress(self) -> Progress:
        elapsed_s = self._clock.monotonic() - self._began
        fresh = self._done - self._recorded
        rate = fresh / elapsed_s if elapsed_s > 0 else 0.0
        counts = self._done, self._failed, self._recorded, self._total
        return Progress(*counts, elapsed_s, rate)


class Bar:
    """A line on standard error that is drawn over; none where that is no terminal."""

    def __init__(self, wanted: bool, stream: Any = None) -> None:
        self._stream = stream or sys.stderr
        self.drawn = bool(wanted and self._stream and self._stream.isatty())
        self.meter: Meter | None = None

    def draw(self, progress: Progress) -> None:
        self._stream.write(f"\r{line_of(progress)}\x1b[K")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.meter is not None:
            self.draw(self.meter.progress())
            self._stream.write("\n")


def line_of(progress: Progress) -> str:
    """One line that says it."""
    words = f"{progress.done:,}"
    if progress.total:
        full = int(_WIDTH * progress.done / progress.total)
        bar = "#" * full + "." * (_WIDTH - full)
        words = f"[{bar}] {progress.done:,}/{progress.total:,}"
    if progress.failed:
        words += f"  {progress.failed:,} failed"
    words += f"  {progress.rate:,.1f}/s"
    left_s = progress.left_s
    return words if left_s is None else f"{words}  {_time(left_s)} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
