"""Summaries of usage as text: a table, CSV, JSON, a line of blocks, a drawing.

Costs are exact decimals; a spreadsheet is not handed a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from ..budgets.money import shown, usd
from ..budgets.summary import total

if TYPE_CHECKING:
    from ..budgets.summary import Line

_COUNTS: Final = ("calls", "input", "cache_read", "cache_write", "output")
_NOTES: Final = ("unpriced", "estimated")
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def table(lines: Sequence[Line], by: str, *, bold: bool = False) -> Iterator[str]:
    """Columns with a head and, below, the sum."""
    rows = [(by, *(name.replace("_", " ") for name in _COUNTS), "USD")]
    rows += [_row(line) for line in (*lines, total(lines))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [text.rjust(w) for text, w in zip(row[1:], widths[1:], strict=True)]
        text = "  ".join(cells).rstrip()
        yield f"\033[1m{text}\033[0m" if bold and number == 0 else text
    yield from _remarks(total(lines))


def _row(line: Line) -> tuple[str, ...]:
    counts = (f"{getattr(line, name):,}" for name in _COUNTS)
    return (_plain(line.name), *counts, shown(line.nano))


def _plain(text: str) -> str:
    """A name from a file, without what a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _remarks(sums: Line) -> Iterator[str]:
    if sums.unpriced:
        yield f"of these, {sums.unpriced:,} without a known price count as 0"
    if sums.estimated:
        yield f"of these, {sums.estimated:,} by what had arrived: no usage was told"


def as_csv(lines: Sequence[Line], by: str) -> str:
    """A head and a row a line; no sum."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((by, *_COUNTS, "cost_usd", *_NOTES))
    for line in lines:
        name = f"'{line.name}" if line.name[:1] in "=+-@\t\r" else line.name
        counts = [getattr(line, each) for each in _COUNTS]
        notes = [getattr(line, each) for each in _NOTES]
        writer.writerow((name, *counts, f"{usd(line.nano):.9f}", *notes))
    return text.getvalue()


def as_json(lines: Sequence[Line], by: str) -> dict[str, object]:
    """``{"by", "lines": [...], "total": {...}}``; ``cost_nano_usd`` is exact."""

    def one(line: Line) -> dict[str, object]:
        counts = {name: getattr(line, name) for name in (*_COUNTS, *_NOTES)}
        cost = {"cost_usd": float(usd(line.nano)), "cost_nano_usd": line.nano}
        return {"name": line.name, **counts, **cost}

    found = {"by": by, "lines": [one(line) for line in lines]}
    return {**found, "total": one(total(lines))}


def sparkline(lines: Sequence[Line]) -> str:
    """One block a line, as high as its cost."""
    most = max((line.nano for line in lines), default=0) or 1
    last = len(_BLOCKS) - 1
    return "".join(_BLOCKS[-(-line.nano * last // most)] for line in lines[-60:])


_WIDE: Final = 720
_HIGH: Final = 240
_EDGE: Final = 40


def svg(lines: Sequence[Line]) -> str:
    """Bars over time, each with its amount as a title."""
    most = max((line.nano for line in lines), default=0) or 1
    step = (_WIDE - 2 * _EDGE) / max(len(lines), 1)
    room, floor = _HIGH - 2 * _EDGE, _HIGH - _EDGE
    bars = []
    for number, line in enumerate(lines):
        high = room * line.nano / most
        left = _EDGE + number * step
        bars.append(
            f'<rect x="{left:.1f}" y="{floor - high:.1f}" '
            f'width="{max(step * 0.8, 0.5):.1f}" height="{high:.1f}">'
            f"<title>{escape(line.name)}: {shown(line.nano)} USD</title></rect>"
        )
    ends = (lines[0].name, lines[-1].name) if lines else ("", "")
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" '
            'role="img" font-family="sans-serif" font-size="12">',
            f"<title>Cost: {shown(total(lines).nano)} USD</title>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            f'<text x="{_EDGE}" y="24">{shown(most if lines else 0)} USD</text>',
            f'<path d="M{_EDGE} {floor}H{_WIDE - _EDGE}" stroke="#888"/>',
            '<g fill="#3b6fb6">',
            *bars,
            "</g>",
            f'<text x="{_EDGE}" y="{_HIGH - 16}">{escape(ends[0])}</text>',
            f'<text x="{_WIDE - _EDGE}" y="{_HIGH - 16}" text-anchor="end">'
            f"{escape(ends[1])}</text>",
            "</svg>",
            "",
        )
    )
