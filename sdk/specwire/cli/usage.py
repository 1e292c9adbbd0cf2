"""``specwire usage``: what calls with a budget have cost, as a table or a picture."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from ..core.errors import SpecwireError
from .exits import FAILED, told
from .output import coloured, document, say, talk, terminal
from .parsing import Parser

if TYPE_CHECKING:
    from ..budgets.summary import Line

_EXAMPLES = (
    ("specwire usage", "a table by model"),
    ("specwire usage --by day --since 7d", "a line a day"),
    ("specwire usage --csv > usage.csv", "for a spreadsheet"),
    ("specwire usage --plot usage.svg", "a picture"),
)
_BY = ("model", "day", "provider", "key", "run", "hour")
_AGO = re.compile(r"(\d+)\s*([mhdw])\Z")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def main(argv: Sequence[str]) -> int:
    """Print what was written down; 0 done, 1 no ledger or no file, 2 wrong usage."""
    asked = parser()
    options = asked.parse_args(argv)
    from ..budgets import UsageLedger
    from ..budgets.summary import summed
    from ..budgets.windows import zone

    try:
        tz = zone(options.tz)
        since = _moment(options.since, tz, end=False)
        until = _moment(options.until, tz, end=True)
    except ValueError as error:
        asked.error(str(error))
    if not (options.plot or ".svg").lower().endswith(".svg"):
        asked.error("--plot: it draws SVG; give it a name that ends in .svg")
    ledger = UsageLedger(options.ledger)
    try:
        lines = summed(ledger.each(since or 0.0, until), options.by, tz)
        days = lines
        if options.by not in ("day", "hour") and _drawn(options):
            days = summed(ledger.each(since or 0.0, until), "day", tz)
        if options.plot is not None:
            _write(options.plot, days)
    except (SpecwireError, OSError) as error:
        talk(f"specwire usage: {told(error)}")
        return FAILED
    _print(options, lines, days)
    return 0


def parser() -> Parser:
    parser = Parser(
        prog="specwire usage",
        description="What calls with a budget have cost, by the ledger that they keep.",
        examples=_EXAMPLES,
    )
    parser.add_argument(
        "--ledger", help="the file; else SPECWIRE_LEDGER, else the user's own"
    )
    told = "a day (2026-11-21), a moment, or how long ago (90m, 24h, 7d, 4w)"
    parser.add_argument("--since", help=told)
    parser.add_argument("--until", help="the same; a day is meant with all of it")
    parser.add_argument(
        "--by", choices=_BY, default="model", help="what a line stands for; model"
    )
    parser.add_argument("--tz", default="UTC", help="where a day begins at midnight")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="print CSV")
    how.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the cost over time")
    return parser


def _moment(text: str | None, tz: tzinfo, *, end: bool) -> float | None:
    """Seconds since the epoch.

    :raises ValueError: for what is no moment.
    """
    if text is None:
        return None
    ago = _AGO.match(text.strip())
    if ago is not None:
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(
            f"expected a day such as 2026-11-21, a moment, or 7d, got {text!r}"
        ) from None
    if end and len(text.strip()) == 10:
        found += timedelta(days=1)
    return (found if found.tzinfo else found.replace(tzinfo=tz)).timestamp()


def _drawn(options: argparse.Namespace) -> bool:
    """Whether the cost over time is shown; else a ledger is read once."""
    table = not (options.json or options.csv)
    return options.plot is not None or (table and terminal(sys.stdout))


def _write(path: str, lines: list[Line]) -> None:
    from .usage_views import svg

    with open(path, "w", encoding="utf-8") as file:
        file.write(svg(lines))


def _print(options: argparse.Namespace, lines: list[Line], days: list[Line]) -> None:
    from . import usage_views as views

    if options.json:
        document(views.as_json(lines, options.by))
    elif options.csv:
        say(views.as_csv(lines, options.by), end="")
    else:
        for line in views.table(lines, options.by, bold=coloured(sys.stdout)):
            print(line)
        if terminal(sys.stdout) and len(days) > 1:
            say(f"\n{views.sparkline(days)}  {days[0].name} to {days[-1].name}")
