"""What limits ten million items on fifty workers: the plans, compared by simulation.

``python bench/scale.py [--items N] [--seed N] [--write]``. The queues stand in
``scale_model.py``, what their parts cost in ``scale_constants.json``, which
``scale_constants.py`` measures. ``--write`` puts the tables into ``docs/scale.md`` and
the picture beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import scale_picture
from scale_model import ALL_ITEMS, Outcome, Plan, capacity, sent_again, simulate

HERE = Path(__file__).resolve().parent
CONSTANTS = HERE / "scale_constants.json"
PAGE = HERE.parent / "docs" / "scale.md"
PICTURE = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- simulated -->", "<!-- end of simulated -->"
FLEETS = (1, 2, 5, 10, 20, 50, 100, 200)
STATIONS = ("driver", "journal", "limiter", "threads")
CHUNK = 16
"""Items a task, and calls a lease, where there is more than one."""


def constants() -> dict[str, float]:
    """What was measured, in seconds; sizes as they are."""
    known = json.loads(CONSTANTS.read_text("utf-8"))
    return {name: v / 1e6 for name, v in known.items() if name.endswith("_us")}


def plans(cost: dict[str, float]) -> list[Plan]:
    """From one machine to a fleet; each mends what held the one before it back."""
    redis = {
        "limiter_service": cost["redis_us"],
        "limiter_trip": cost["redis_trip_us"] + cost["network_us"],
    }
    one = Plan(
        "one machine, 32 threads",
        workers=1,
        send=cost["read_us"] + cost["thread_send_us"],
        take=cost["result_us"] + cost["thread_take_us"],
        commit=cost["commit_us"],
        note=cost["note_us"],
        row=cost["row_us"],
        cpu=cost["call_us"] + cost["told_us"],
    )
    file = replace(
        one, name="its limit in a file", limiter_service=cost["sqlite_limiter_us"]
    )
    dask = {"send": cost["dask_send_us"], "take": cost["dask_take_us"]}
    own = {"send": cost["read_us"], "take": cost["result_us"]}
    alone = {name: own[name] + value for name, value in dask.items()}
    far = replace(one, name="50 workers, one driver, Dask", workers=50, **alone)
    shared = replace(far, name="its limit in Redis", **redis)
    wide = replace(shared, name="128 threads a worker", threads=128)
    chunk = {name: own[name] + value / CHUNK for name, value in dask.items()}
    tasks = replace(wide, name=f"tasks of {CHUNK} items", **chunk)
    lease = replace(tasks, name=f"leases of {CHUNK} calls", lease=CHUNK)
    ten = replace(wide, name="10 drivers instead, 5 workers each", shards=10)
    fifty = replace(
        *(wide,),
        name="50 drivers, threads, no Dask",
        shards=50,
        send=one.send,
        take=one.take,
    )
    both = replace(fifty, name=f"and leases of {CHUNK} calls", lease=CHUNK)
    return [one, file, far, shared, wide, tasks, lease, ten, fifty, both]


def strains(plan: Plan, cost: dict[str, float]) -> list[Plan]:
    """The same plan where the world is worse."""
    slow = replace(plan, name="a disk that takes 10 ms to sync", commit=0.010)
    fast = replace(plan, name="calls of 0.5 s", latency=0.5)
    file = cost["sqlite_limiter_us"]
    return [
        replace(plan, name="a commit for each item", group=1),
        slow,
        replace(slow, name="both", group=1),
        replace(slow, name="both, 10 journals", group=1, shards=10),
        fast,
        replace(fast, name="calls of 0.5 s, limit in one file", limiter_service=file),
        replace(fast, name="calls of 0.5 s, 10 drivers", shards=10),
        replace(plan, name="calls of 10 s", latency=10.0),
        replace(plan, name="a provider that allows 400 calls/s", limit=400.0),
        replace(plan, name="a third of all calls fails", failing=1 / 3),
    ]


def table(outcomes: list[Outcome]) -> list[str]:
    """One line a plan."""
    head = ["plan", "items/s", "10⁷ items", "held back by", "its bound"]
    head += [
        "driver",
        "journal",
        "limiter",
        "threads",
        "wait for the commit, p50 / p99",
    ]
    rows = [head, ["---", *["--:"] * 2, "---", *["--:"] * 6]]
    for one in outcomes:
        bound = capacity(one.plan)[one.limit]
        waits = " / ".join(f"{1000 * wait:.1f}" for wait in one.waits)
        speed = [f"{one.rate:,.0f}", lasting(one.hours), one.limit, f"{bound:,.0f}"]
        shares = [f"{one.busy[name]:.0%}" for name in STATIONS]
        rows.append([one.plan.name, *speed, *shares, f"{waits} ms"])
    return ["| " + " | ".join(row) + " |" for row in rows]


def lasting(hours: float) -> str:
    """Hours as a reader says them."""
    return f"{hours:.1f} h" if hours < 100 else f"{hours / 24:.1f} days"


def losses(outcomes: list[Outcome]) -> list[str]:
    """What is sent twice where machines die."""
    rows = [
        "| plan | under way | sent again, a death a day | an hour |",
        "| --- | --: | --: | --: |",
    ]
    for one in outcomes:
        again = [sent_again(one.plan, one.hours, every) for every in (24.0, 1.0)]
        cells = [f"{count:,} ({count / ALL_ITEMS:.2%})" for count in again]
        held = one.plan.under_way * one.plan.shards
        rows.append(f"| {one.plan.name} | {held:,} | {cells[0]} | {cells[1]} |")
    return rows


def fleets(
    chosen: list[Plan], items: int, seed: int
) -> dict[str, list[tuple[float, float]]]:
    """How many items a second each plan reaches with how many workers."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for plan in chosen:
        for workers in FLEETS:
            shards = (
                plan.shards if plan.shards == 1 else max(1, workers * plan.shards // 50)
            )
            made = replace(plan, workers=workers, shards=shards)
            rate = simulate(
                made, max(items // 4, 8 * made.under_way * shards), seed
            ).rate
            lines.setdefault(plan.name, []).append((workers, rate))
    return lines


def main(arguments: list[str]) -> int:
    """Simulate all plans and print the tables."""
    parser = argparse.ArgumentParser(prog="bench/scale.py", description=__doc__)
    parser.add_argument("--items", type=int, default=40_000, help="a plan's, simulated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    chose = parser.parse_args(arguments)
    cost = constants()
    layouts = plans(cost)
    outcomes = [simulate(plan, chose.items, chose.seed) for plan in layouts]
    strained = strains(layouts[5], cost)
    worse = [simulate(plan, chose.items, chose.seed) for plan in strained]
    said = [*table(outcomes), "", *table(worse), "", *losses(outcomes[2:])]
    print(*said, sep="\n")
    if chose.write:
        drawn = fleets([layouts[n] for n in (3, 4, 6, 9)], chose.items, chose.seed)
        PICTURE.write_text(scale_picture.drawn(drawn), "utf-8")
        write(PAGE, said)
    return 0


def write(page: Path, said: list[str]) -> None:
    """Replace what is simulated in the page."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = "\n".join(said)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
