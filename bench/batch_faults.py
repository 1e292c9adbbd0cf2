"""Run many items against a sandbox that fails, kill what runs them, and count.

``python bench/batch_faults.py [--items N] [--only EXECUTOR]... [--write]``. 5 % of all
requests are refused (429), 2 % are cut in the middle of the answer, 1 % are a 500. The
driver is killed twice (SIGKILL) and started again; with Dask and with processes one
worker is killed. ``tests/soak`` has the parts, and a smaller run of them for each
change; ``--write`` puts the figures into ``docs/batch.md``. Exit code 1 where an item
has no result, two, or another's.
"""

from __future__ import annotations

import argparse
import datetime
import sys

import environment

sys.path[:0] = [str(environment.ROOT), str(environment.ROOT / "sdk")]
from tests.soak.faulty import FAULTS, Course, Report, run  # noqa: E402

PAGE = environment.ROOT / "docs" / "batch.md"
BEGIN, END = "<!-- faults -->", "<!-- end of faults -->"
COURSES = {
    "threads": {"workers": 32, "kills": 2},
    "processes": {"workers": 4, "worker_kills": 1},
    "dask": {"workers": 4, "worker_kills": 1},
}
TITLES = {
    "threads": "32 threads, driver killed twice",
    "processes": "4 processes, one killed",
    "dask": "Dask, 4 workers of 8 threads, one killed",
}


def main(arguments: list[str]) -> int:
    """Run all that is asked for; exit code 1 when one of them is not good."""
    parser = argparse.ArgumentParser(prog="bench/batch_faults.py", description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--only", action="append", default=[], choices=list(COURSES))
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    chose = parser.parse_args(arguments)
    reports = []
    for name in chose.only or COURSES:
        print(f"running: {name}", file=sys.stderr, flush=True)
        reports.append(run(Course(chose.items, name, **COURSES[name])))
    said = page(reports)
    print(said)
    if chose.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{said}\n\n{END}{after}", "utf-8")
    return int(not all(report.good for report in reports))


def page(reports: list[Report]) -> str:
    """The figures as a table, a column a run, and when they were taken."""
    rows = [["", *(TITLES[report.course.executor] for report in reports)]]
    rows.append(["---", *["--:"] * len(reports)])
    for title, values in {
        "items": [report.course.items for report in reports],
        "requests received": [report.requests for report in reports],
        **{
            f"answered with {_told(kind)}": [one.faults[kind] for one in reports]
            for kind in FAULTS
        },
        "killed (SIGKILL)": [one.killed + one.workers_killed for one in reports],
        "sent again because of that": [report.again for report in reports],
        "items with exactly one result": [
            one.rows - one.twice - one.failed - one.wrong for one in reports
        ],
        "lost": [report.lost for report in reports],
        "twice, failed, or another's": [
            one.twice + one.failed + one.wrong for one in reports
        ],
        "sent under two idempotency keys": [one.two_keys for one in reports],
        "seconds": [round(report.seconds) for report in reports],
    }.items():
        rows.append([title, *(f"{value:,}" for value in values)])
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return f"{table}\n\nTaken on {today}: {environment.machine()}, over the loopback."


def _told(kind: str) -> str:
    return "an answer cut off" if kind == "cut" else f"a {kind}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
