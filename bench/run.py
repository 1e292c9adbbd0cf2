"""Measure this project and its peers side by side, and print one table.

``python bench/run.py [--quick] [--only FIGURE]... [--peer NAME]... [--write]
[--json FILE] [--no-install]``. Everything runs on this machine over its loopback;
nothing is sent anywhere else, except that pip fetches the peers. README.md says how to
read the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path

import bars
import environment
import measure
import replies
import serving
import table
from figures import FIGURES, FULL, QUICK, Figure, Scale, chosen
from peers import PEERS

BUILD = environment.ROOT / "bench" / ".build"
EXTRAS = "[otel,async]"
RESULTS = environment.ROOT / "bench" / "RESULTS.md"


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less work, fewer rounds")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="FIGURE",
        choices=[figure.name for figure in FIGURES],
        help="one of: %(choices)s; may be repeated",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME",
        choices=[peer.name for peer in PEERS],
        help="one of: %(choices)s, beside requests; may be repeated",
    )
    parser.add_argument(
        "--write", action="store_true", help="keep the tables in bench/RESULTS.md"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the data too")
    parser.add_argument(
        "--no-install", action="store_true", help="use bench/.venv as it is"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run; exit code 1 when a figure of this project is missing."""
    chose = options(arguments)
    problems = (
        {} if chose.no_install else environment.prepare(BUILD, extras="[otel,async]")
    )
    if not environment.python().exists():
        talk(f"{environment.HOME} is missing; run without --no-install first")
        return 2
    columns = environment.versions()
    for peer in PEERS:
        if peer.name not in columns:
            problems.setdefault(
                peer.name, "not in bench/.venv: run without --no-install"
            )
    if chose.peer:
        wanted = {measure.BASELINE, *chose.peer}
        columns = {name: text for name, text in columns.items() if name in wanted}
    figures = chosen(chose.only)
    kind, results = take(figures, list(columns), QUICK if chose.quick else FULL)
    said = report(figures, columns, results, kind, problems)
    print("\n".join(said))
    if chose.write:
        title = ["# Clients, measured", "", f"{date.today().isoformat()}.", ""]
        RESULTS.write_text("\n".join([*title, *said]) + "\n", "utf-8")
    if chose.json:
        data = table.as_json(figures, columns, results)
        data |= {"machine": environment.machine(), "server": kind}
        data["not_installed"] = problems
        chose.json.write_text(json.dumps(data, indent=1) + "\n")
    failed = {peer for _, peer in results.failures} | set(problems)
    return int("specwire" in failed)


def take(
    figures: list[Figure], names: list[str], scale: Scale
) -> tuple[str, measure.Results]:
    """Measure the figures of these peers against one server."""
    directory, file = BUILD / "replies", BUILD / "upload.bin"
    sizes = {"events": scale.events, "lines": scale.lines}
    replies.write(directory, **sizes, file_size=scale.file_size)
    with file.open("wb") as holes:
        holes.truncate(scale.file_size)
    results = measure.Results()
    start, kind = serving.command(BUILD)
    with serving.serve(start, kind, directory) as server:
        spawn = measure.spawner(environment.python())
        job = measure.Job(spawn, server.port, scale, file)
        for figure in figures:
            talk(f"measuring: {figure.name}")
            measure.rounds(figure, names, job, results)
    return kind, results


def report(figures, columns, results, kind, problems) -> list[str]:
    """Give the tables and what a reader must know beside them."""
    said = tables(figures, columns, results)
    said += ["", f"{environment.machine()}; loopback server in {kind}."]
    said += [
        "Medians; in brackets the ratio to raw requests; a dash: has no such call."
    ]
    for name, problem in problems.items():
        said.append(f"{name}: not measured: {problem}")
    for (figure, name), reason in results.failures.items():
        said.append(f"{name}, {figure}: failed: {reason}")
    return [*said, "", "## Bars", "", *bars.lines(figures, results)]


def tables(figures, columns, results) -> list[str]:
    """Give a table of what is asked in threads, and one of what is asked in tasks.

    Each has the clients that it has figures of.
    """
    tasks = [figure for figure in figures if figure.name.startswith("async_")]
    threads = [figure for figure in figures if figure not in tasks]
    said: list[str] = []
    for part in filter(None, (threads, tasks)):
        rows = [row.key for figure in part for row in figure.rows]
        named = {name for key in rows for name in results.samples.get(key, ())}
        whole = {figure.name for figure in part}
        named |= {name for figure, name in results.failures if figure in whole}
        shown = {name: text for name, text in columns.items() if name in named}
        said += [*([""] if said else []), *table.lines(part, shown, results)]
    return said


def talk(text: str) -> None:
    """Say what is going on, apart from the results."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
