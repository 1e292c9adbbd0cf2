"""How far something is: on standard error, where that is a terminal, and nowhere else.

With ``rich`` (the extra ``cli``) it is a bar, otherwise a line that is drawn over.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from .output import coloured, one_line, terminal

if TYPE_CHECKING:
    from typing_extensions import Self

_EACH_S: Final = 0.1
_WIDTH: Final = 24


class Progress:
    """A line about one thing; ``quiet`` says nothing.

    :param label: what it is about.
    :param unit: ``bytes``, or what is counted.
    """

    def __init__(self, label: str, *, unit: str, quiet: bool = False) -> None:
        self._label = one_line(label)
        self._unit = unit
        self._stream = sys.stderr
        self._shown = terminal(self._stream) and not quiet
        self._bar: Any = None
        self._said: float | None = None
        self._last = ""

    def __enter__(self) -> Self:
        if self._shown:
            self._bar = _rich(self._label) if coloured(self._stream) else None
        return self

    def to(self, done: int, total: int | None, note: str = "") -> None:
        """It is as far as this."""
        if not self._shown:
            return
        text = self._text(done, total, note)
        if self._bar is not None:
            self._bar.to(done, total, text)
            return
        now = time.monotonic()
        self._last = text
        if self._said is None or now - self._said >= _EACH_S:
            self._said = now
            self._draw(f"{self._label} {bar_of(done, total)}{text}")

    def _text(self, done: int, total: int | None, note: str) -> str:
        if self._unit == "bytes":
            much = size_of(done) + (f" of {size_of(total)}" if total else "")
        else:
            unit = self._unit if done != 1 else self._unit.removesuffix("s")
            much = f"{done:,}" + (f"/{total:,}" if total else "") + f" {unit}"
        return f"{much}  {note}".rstrip()

    def _draw(self, text: str) -> None:
        wide = shutil.get_terminal_size().columns
        self._stream.write(f"\r{text[: max(wide, 20) - 1]}\x1b[K")
        self._stream.flush()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.end()
        elif self._said is not None:
            self._draw(f"{self._label} {self._last}")
            self._stream.write("\n")
            self._stream.flush()


def bar_of(done: int, total: int | None) -> str:
    """A bar and a blank; nothing where the end is not known."""
    if not total:
        return ""
    full = min(_WIDTH, _WIDTH * done // total)
    return f"[{'#' * full}{'.' * (_WIDTH - full)}] "


def size_of(size: int) -> str:
    """Bytes, as people say them."""
    amount, units = float(size), ("kB", "MB", "GB", "TB")
    if size < 1_000:
        return f"{size} B"
    for unit in units:
        amount /= 1_000
        if amount < 999.95 or unit == units[-1]:
            return f"{amount:.1f} {unit}"
    raise AssertionError("the last unit ends the loop")


class _Rich:
    """The same by rich."""

    def __init__(self, label: str, rich: Any) -> None:
        columns = (
            rich.TextColumn("{task.description}", markup=False),
            rich.BarColumn(),
            rich.TextColumn("{task.fields[text]}", markup=False),
        )
        from rich.console import Console

        self._progress = rich.Progress(*columns, console=Console(stderr=True))
        self._progress.start()
        self._task = self._progress.add_task(label, total=None, text="")

    def to(self, done: int, total: int | None, text: str) -> None:
        self._progress.update(self._task, completed=done, total=total, text=text)

    def end(self) -> None:
        self._progress.stop()


def _rich(label: str) -> _Rich | None:
    try:
        import rich.progress as rich
    except ImportError:
        return None
    return _Rich(label, rich)
