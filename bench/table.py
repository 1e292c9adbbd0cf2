"""Writes the results as one table: figures down, clients across."""

from __future__ import annotations

from figures import Figure, Row
from measure import BASELINE, Cell, Results


def number(value: float) -> str:
    """Write a figure with about three significant digits.

    >>> number(0.04), number(2.345), number(45.67), number(12345.6)
    ('0.0', '2.3', '46', '12,346')
    """
    return f"{value:.1f}" if abs(value) < 10 else f"{value:,.0f}"


def entry(cell: Cell | None, row: Row, peer: str, failed: bool) -> str:
    """Write one cell: the value, and its ratio to the raw HTTP library."""
    if failed:
        return "failed"
    if cell is None:
        return "-"
    if peer == BASELINE or not row.compared or cell.ratio is None:
        return number(cell.value)
    return f"{number(cell.value)} ({cell.ratio:.2f}x)"


def lines(figures: list[Figure], columns: dict[str, str], results: Results) -> list:
    """Give the lines of the table; ``columns`` are names of peers and versions."""
    head = ["figure", "unit", *(f"{name} {text}" for name, text in columns.items())]
    body = []
    for figure in figures:
        for row in figure.rows:
            title = row.title + (" (higher is better)" * (row.better == "higher"))
            cells = [
                entry(
                    results.cell(row.key, peer),
                    row,
                    peer,
                    (figure.name, peer) in results.failures,
                )
                for peer in columns
            ]
            body.append([title, row.unit, *cells])
    return _aligned(head, body)


def _aligned(head: list[str], body: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    rule = ["-" * width for width in widths[:2]]
    rule += ["-" * (width - 1) + ":" for width in widths[2:]]

    def line(cells: list[str]) -> str:
        left = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        right = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        return "| " + " | ".join(left[:2] + right[2:]) + " |"

    return [line(head), line(rule), *map(line, body)]


def as_json(figures: list[Figure], columns: dict[str, str], results: Results) -> dict:
    """Give the same facts as data, with every sample."""
    rows = {}
    for row in (row for figure in figures for row in figure.rows):
        cells = {peer: results.cell(row.key, peer) for peer in columns}
        peers = {peer: cell._asdict() for peer, cell in cells.items() if cell}
        rows[row.key] = {"title": row.title, "unit": row.unit, "peers": peers}
    failures = [
        {"figure": figure, "peer": peer, "reason": reason}
        for (figure, peer), reason in results.failures.items()
    ]
    return {"versions": columns, "rows": rows, "failures": failures}
