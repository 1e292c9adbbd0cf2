"""Put the fault table to this project and its peers, and print the scores.

``python bench/faults.py [--peer NAME]... [--group GROUP]... [--json FILE] [--wrong]
[--write] [--no-install]``. The cases are those of ``tests/faults``; every client runs
in a process of its own, and a case that hangs is given up. ``--wrong`` lists what went
wrong, ``--write`` puts the table into ``docs/reliability.md``, where those that did not
run now keep their columns. All of it stays on this machine.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import environment

sys.path.insert(0, str(environment.ROOT))  # the adapters stand on tests/faults
from fault_peers import LIBRARIES

CHILD = Path(__file__).resolve().parent / "fault_child.py"
PAGE = environment.ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"
HANG_S = 60.0
COUNTS = {
    "hung": "hangs (over the limit)",
    "untyped": "untyped exceptions",
    "lost": "silent losses (ok, but wrong or incomplete)",
    "betrayed": "key sent to another origin",
    "leaks": "key in an exception or a log",
}
Result = dict[str, Any]


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench/faults.py", description=__doc__)
    names = list(LIBRARIES)
    parser.add_argument("--peer", action="append", default=[], choices=names)
    parser.add_argument("--group", action="append", default=[], metavar="GROUP")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the data too")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    parser.add_argument("--wrong", action="store_true", help="list what went wrong")
    parser.add_argument("--no-install", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run; exit code 1 when a case of this project is wrong."""
    chose = options(arguments)
    if not chose.no_install:
        for name, problem in environment.prepare(
            environment.ROOT / "bench" / ".build"
        ).items():
            print(f"{name}: not installed: {problem}", file=sys.stderr)
    results = {}
    for name in chose.peer or LIBRARIES:
        print(f"running: {name}", file=sys.stderr, flush=True)
        results[name] = cases_of(name, chose.group)
    shown = columns(results)
    print(page(shown), said(list(shown)), sep="\n\n")
    if chose.wrong:
        print("\n".join(listed(results)))
    if chose.json:
        chose.json.write_text(json.dumps(results, indent=1) + "\n")
    if chose.write:
        everything = kept() | shown
        write(f"{page(everything)}\n\n{said(list(everything))}")
    return int(any(r["wrong"] for r in results.get("specwire", {}).values()))


def cases_of(name: str, groups: list[str]) -> dict[str, Result]:
    """Run all cases of one client; where one hangs for good, go on behind it."""
    results: dict[str, Result] = {}
    while True:
        hung = _until_stuck(name, groups, results)
        if hung is None:
            return {case: r for case, r in results.items() if r.get("able", True)}
        results[hung["case"]] = hung | {"wrong": ["the process hung"], "hung": True}


def _until_stuck(
    name: str, groups: list[str], results: dict[str, Result]
) -> Result | None:
    """Run the cases that are missing in ``results``; the one that got stuck, if any."""
    process = subprocess.Popen(
        [str(environment.python()), str(CHILD), name, *groups],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n".join(results))
    process.stdin.close()
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    current: Result | None = None
    while True:
        try:
            line = lines.get(timeout=HANG_S)
        except queue.Empty:
            process.kill()
            line = None
        if line is None:
            if process.wait() and current is None:
                raise SystemExit(f"{name}: the cases did not run; see {CHILD.name}")
            return current
        said = json.loads(line)
        if "able" in said:
            results[said["case"]] = said
            current = None
        else:
            current = said


def _pump(stream: Any, lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _environment() -> dict[str, str]:
    dropped = ("PYTHON", "ANTHROPIC", "OPENAI", "SIM_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and not name.lower().endswith("_proxy")
    }
    return kept | {"PYTHONUNBUFFERED": "1"}


# -- the table ---------------------------------------------------------------------


Columns = dict[str, dict[str, str]]
"""By client, what stands in each row."""


def columns(results: dict[str, dict[str, Result]]) -> Columns:
    """The scores of each client."""
    return {name: _column(found) for name, found in results.items()}


def _column(found: dict[str, Result]) -> dict[str, str]:
    groups = dict.fromkeys(r["group"] for r in found.values())
    cells = {group: score(found, group) for group in groups}
    cells["**all**"] = f"**{score(found)}**"
    for field, text in COUNTS.items():
        cells[text] = str(sum(bool(r.get(field)) for r in found.values()))
    return cells


def page(shown: Columns) -> str:
    """The scores as a Markdown table; a client that has no such case has a dash."""
    names = [name for name in LIBRARIES if name in shown]
    ends = ["**all**", *COUNTS.values()]
    groups = dict.fromkeys(row for name in names for row in shown[name])
    rows = [["group", *names], ["---"] * (len(names) + 1)]
    for row in [*(g for g in groups if g not in ends), *ends]:
        rows.append([row, *(shown[name].get(row, "—") for name in names)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def kept() -> Columns:
    """What the page says of the clients already."""
    _, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    lines = [x for x in rest.partition(END)[0].splitlines() if x.startswith("| ")]
    (_, *names), _, *rows = [line.strip("| ").split(" | ") for line in lines]
    return {
        name: {row[0]: row[n] for row in rows if row[n] != "—"}
        for n, name in enumerate(names, 1)
    }


def score(found: dict[str, Result], group: str | None = None) -> str:
    """Right cases of those that the client can express."""
    chosen = [r for r in found.values() if group in (None, r["group"])]
    if not chosen:
        return "—"
    right = sum(not r["wrong"] for r in chosen)
    share = "" if group else f" ({100 * right // len(chosen)} %)"
    return f"{right}/{len(chosen)}{share}"


def said(names: list[str]) -> str:
    """When, with which versions, and on what."""
    versions = environment.versions()
    known = ", ".join(f"{n} {versions[n]}" for n in names if n in versions)
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return f"Taken on {today}: {known}; {environment.machine()}, over the loopback."


def listed(results: dict[str, dict[str, Result]]) -> list[str]:
    """What went wrong, one line a case."""
    return [
        f"{name}: {case}: {'; '.join(result['wrong'])}"
        for name, found in results.items()
        for case, result in found.items()
        if result["wrong"]
    ]


def write(text: str) -> None:
    """Replace the scores in the page."""
    old = PAGE.read_text("utf-8")
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
