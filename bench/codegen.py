"""Measure the generator and its peers side by side; print tables and keep them.

``python bench/codegen.py [--quick] [--no-install] [--rounds N]``. Three tables: peers
on the documents under ``../shared/specs`` (else on our own), large made-up documents,
and growth with the number of operations. Nothing is sent anywhere, except that pip
fetches the peers. The tables are kept in ``bench/RESULTS-codegen.md``.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import codegen_documents
import codegen_measure
import environment
from codegen_measure import Found
from codegen_peers import PEERS, Generator

BUILD = environment.ROOT / "bench" / ".build" / "codegen"
OUT = BUILD / f"out-{os.getpid()}"
RESULTS = environment.ROOT / "bench" / "RESULTS-codegen.md"
SHARED = environment.ROOT.parent / "shared" / "specs"
CORE = "import specwire.core.client"
HEAD = ("generator", "result", "operations", "CPU s", "peak MB", "lines", "import ms")
BARS = {"petstore-3.0.yaml": 0.4, "petstore-3.1.json": 0.4, "anthropic.json": 1.5}


class Big(NamedTuple):
    """A made-up document and how long it may take."""

    name: str
    operations: int
    weight: float
    bar_s: float | None = None


LARGE = (Big("large.yaml", 288, 1.6, 3.0), Big("large.json", 1223, 1.3, 6.0))
GROWTH = tuple(Big(f"{n}.json", n, 1.0) for n in (100, 1_000, 10_000))


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench/codegen.py", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one round, no 10,000 operations"
    )
    parser.add_argument(
        "--no-install", action="store_true", help="use bench/.venv as it is"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run; exit code 1 when this project made nothing of a document."""
    chose = options(arguments)
    problems = {}
    if not chose.no_install:
        problems = environment.prepare(BUILD, PEERS, extras="[codegen]")
    if not environment.python().exists():
        talk(f"{environment.HOME} is missing; run without --no-install first")
        return 2
    versions = environment.versions(PEERS)
    peers = [peer for peer in PEERS if peer.name in versions]
    rounds = 1 if chose.quick else chose.rounds
    text = [*_facts(versions, problems, rounds)]
    tables, good = _compared(peers, rounds)
    _keep(text := [*text, *tables])
    _keep(text := [*text, *_made_up("Large documents", LARGE, rounds)])
    growth = GROWTH[: 2 if chose.quick else 3]
    _keep(text := [*text, *_made_up("Growth", growth, rounds)])
    shutil.rmtree(OUT, ignore_errors=True)
    print("\n".join(text))
    return int(not good)


def _keep(lines: list[str]) -> None:
    """Write what is known so far: the largest documents come last."""
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def _facts(
    versions: dict[str, str], problems: dict[str, str], rounds: int
) -> list[str]:
    today = datetime.date.today().isoformat()
    named = ", ".join(f"{name} {text}" for name, text in versions.items())
    lines = ["# Generators, measured", "", f"{today}; {environment.machine()}."]
    lines += [
        f"{named}; medians of {rounds} rounds, each run a process of its own.",
        "",
    ]
    lines += [f"- {name}: missing: {why}" for name, why in problems.items()]
    missing = [p.name for p in PEERS if p.name not in versions]
    lines += [f"- {name}: missing" for name in missing if name not in problems]
    return lines


def _compared(peers: list[Generator], rounds: int) -> tuple[list[str], bool]:
    """The table of each document; whether this project did all of them."""
    folder = SHARED if SHARED.is_dir() else environment.ROOT / "openapi"
    specs = [p for p in sorted(folder.iterdir()) if p.suffix in (".json", ".yaml")]
    lines: list[str] = []
    good = True
    for spec in specs:
        talk(f"measuring: {spec.name}")
        total = codegen_measure.operations_in(spec)
        found = _measured(peers, spec, rounds)
        bar = f"; bar {BARS[spec.name]} s" if spec.name in BARS else ""
        size = spec.stat().st_size / 1e3
        lines += ["", f"## {spec.name} ({size:,.0f} KB, {total} operations{bar})", ""]
        lines += _table(HEAD, [_row(name, one, total) for name, one in found.items()])
        good = good and found["specwire"].operations == total
    return lines, good


def _measured(peers: list[Generator], spec: Path, rounds: int) -> dict[str, Found]:
    """Every peer in turn in every round, one round beginning where another did not."""
    python = environment.python()
    runs: dict[str, list[codegen_measure.Spent]] = {peer.name: [] for peer in peers}
    for number in range(rounds):
        turn = number % len(peers)
        for peer in peers[turn:] + peers[:turn]:
            out = OUT / peer.name
            runs[peer.name].append(codegen_measure.generate(python, peer, spec, out))
    return {
        peer.name: codegen_measure.judged(
            python, peer, OUT / peer.name, runs[peer.name]
        )
        for peer in peers
    }


def _made_up(title: str, documents: tuple[Big, ...], rounds: int) -> list[str]:
    """Our own figures on made-up documents."""
    head = ("operations", "document", "result", "CPU s", "bar", "ms/operation")
    head += ("s/MB", "peak MB", "lines", "import ms", "of it beyond the core")
    folder = BUILD / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    core_ms = codegen_measure.import_ms(environment.python(), CORE, folder)
    rows = []
    for big in documents:
        spec = folder / big.name
        made = codegen_documents.document(big.operations, weight=big.weight)
        text = codegen_documents.text_of(made, yaml=spec.suffix == ".yaml")
        spec.write_text(text, "utf-8")
        talk(f"measuring: {big.operations:,} operations, {len(text) / 1e6:.1f} MB")
        # The largest takes a minute; noise is small beside that.
        turns = rounds if big.operations < 10_000 else 1
        one = _measured([PEERS[0]], spec, turns)["specwire"]
        size = len(text) / 1e6
        imported = one.import_ms or 0.0
        rows.append(
            (
                f"{one.operations or 0:,}/{big.operations:,}",
                f"{size:.1f} MB {spec.suffix[1:].upper()}",
                one.verdict,
                f"{one.cpu_s:.2f}",
                f"{big.bar_s:.1f}" if big.bar_s else "-",
                f"{one.cpu_s / big.operations * 1e3:.2f}",
                f"{one.cpu_s / size:.2f}",
                f"{one.peak_mb:,.0f}",
                f"{one.lines:,}",
                f"{imported:.0f}",
                f"{imported - core_ms:.0f}",
            )
        )
    return ["", f"## {title} (made up, specwire only)", "", *_table(head, rows)]


def _row(name: str, one: Found, total: int) -> tuple[str, ...]:
    return (
        name,
        one.verdict,
        "-" if one.operations is None else f"{one.operations}/{total}",
        f"{one.cpu_s:.2f}",
        f"{one.peak_mb:,.0f}",
        f"{one.lines:,}",
        "-" if one.import_ms is None else f"{one.import_ms:.0f}",
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in (head, *rows)
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [lines[0], rule, *lines[1:]]


def talk(text: str) -> None:
    """Say what is going on, apart from the results."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
