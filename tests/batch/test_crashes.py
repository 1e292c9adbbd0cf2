"""SIGKILL at any commit, a torn journal, a full disk: no result lost, none twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ..house.modules import ROOT, SDK
from .asked import Asked

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
COUNT = 60


def start(asked: Asked, path: Path, *words: object) -> tuple[int, list[str]]:
    """Run a driver to its end; how it ended, and which results it gave."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.batch.start", str(path), asked.url, str(COUNT)]
        + [str(word) for word in words],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{SDK}{os.pathsep}{ROOT}",
            "ANTHROPIC_API_KEY": "k",
        },
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout.splitlines()


def check(asked: Asked, path: Path) -> None:
    """The next run ends; each item has one result; what was sent again had its key."""
    code, given = start(asked, path)
    assert code == 0
    assert sorted(given) == sorted(f"item-{number}" for number in range(COUNT))
    runner = asked.runner(path)
    found = list(runner.results())
    assert [each.custom_id for each in found] == [f"item-{n}" for n in range(COUNT)]
    assert all(each.text == f"HI {n}" for n, each in enumerate(found))
    assert all(len(set(keys)) == 1 for keys in asked.keys.values())


@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("point", [4])
def test_a_killed_run_goes_on(
    point: int, how: str, asked: Asked, tmp_path: Path
) -> None:
    """Killed before or after a commit: every item has one result in the end, and what
    had been given is not sent again."""
    path = tmp_path / "run.db"
    code, given = start(asked, path, point, how)
    assert code == -signal.SIGKILL
    done = [asked.runner(path).result(name) for name in given]
    assert all(result is not None for result in done)
    before = {each.custom_id: len(asked.keys[f"hi {each.position}"])
              for each in asked.runner(path).results()}  # fmt: skip
    check(asked, path)
    assert all(len(asked.keys[f"hi {n[5:]}"]) == had for n, had in before.items())


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_killed_again_and_again(seed: int, asked: Asked, tmp_path: Path) -> None:
    """Runs that die at points of chance, three times: it comes out the same."""
    chance, path = random.Random(seed), tmp_path / "run.db"
    for _ in range(3):
        start(asked, path, chance.randint(1, 15), chance.choice(["before", "after"]))
    check(asked, path)


@pytest.mark.parametrize(
    "cut", [500, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 10_000))]
)
def test_a_torn_tail_is_left_out(cut: int, asked: Asked, tmp_path: Path) -> None:
    """Bytes missing at the end of what was written last: those items are sent again
    with whatever key they had, the others are as they were."""
    path = tmp_path / "run.db"
    start(asked, path, 4, "after")
    tail = path.with_name("run.db-wal")
    os.truncate(tail, max(tail.stat().st_size - cut, 0))
    code, given = start(asked, path)
    assert (code, len(given)) == (0, COUNT)
    assert asked.runner(path).status().succeeded == COUNT


def test_a_full_disk_ends_the_run(asked: Asked, tmp_path: Path) -> None:
    """What was given is kept; with room again the run goes on."""
    path = tmp_path / "run.db"
    code, given = start(asked, path, 100_000, "size")
    assert code == 0
    assert given[-1].startswith("journal error")
    kept = {each.custom_id for each in asked.runner(path).results()}
    assert kept >= set(given[:-1])
    check(asked, path)
