"""A picture of lines on two logarithmic scales, as SVG: workers, and items a second."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 50
COLOURS = ("#777777", "#c2571a", "#1a6fc2", "#2a8f4a")
DASHES = ("2 3", "6 3", "10 3 2 3", "none")
"""Lines differ in more than their colour."""
Lines = dict[str, list[tuple[float, float]]]


def drawn(lines: Lines) -> str:
    """Give the picture; the lines' names stand in it."""
    points = [point for line in lines.values() for point in line]
    x_high = max(x for x, _ in points)
    y_low = 10 ** math.floor(math.log10(min(y for _, y in points)))
    y_high = 10 ** math.ceil(math.log10(max(y for _, y in points)))

    def place(x: float, y: float) -> tuple[float, float]:
        across = math.log10(x) / math.log10(x_high)
        up = math.log10(y / y_low) / math.log10(y_high / y_low)
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return LEFT + wide * across, HEIGHT - BOTTOM - high * up

    out = [_head()]
    for workers in sorted({x for x, _ in points}):
        x, y = place(workers, y_low)
        out.append(_rule(x, TOP, x, y) + _text(x, y + 16, f"{workers:g}", "middle"))
    step = y_low
    while step <= y_high:
        x, y = place(1, step)
        out.append(
            _rule(x, y, WIDTH - RIGHT, y) + _text(x - 6, y + 4, f"{step:,}", "end")
        )
        step *= 10
    for number, (name, line) in enumerate(lines.items()):
        look = f'stroke="{COLOURS[number]}" stroke-dasharray="{DASHES[number]}"'
        path = " ".join(
            f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line)
        )
        out.append(f'<polyline points="{path}" fill="none" stroke-width="2" {look}/>')
        y = TOP + 18 + 18 * number
        ends = f'x1="{LEFT + 12}" y1="{y - 4}" x2="{LEFT + 48}" y2="{y - 4}"'
        out.append(f'<line {ends} stroke-width="2" {look}/>')
        out.append(_text(LEFT + 54, y, name, "start"))
    out.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "workers", "middle"))
    out.append(_text(LEFT - 60, TOP - 6, "items/s", "start"))
    return "\n".join([*out, "</svg>"]) + "\n"


def _head() -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" role="img" '
        'aria-label="Items a second by workers, for four plans">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    )


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    places = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {places} stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="#333333">{escape(text)}</text>'
