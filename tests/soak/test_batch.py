"""A run of items whose driver or workers are killed: each item has one result."""

from __future__ import annotations

import importlib.util

import pytest

from .faulty import Course, run

ITEMS = 2_000


@pytest.mark.soak
@pytest.mark.parametrize(
    "course",
    [
        Course(ITEMS, "threads", 32, kills=4),
        Course(ITEMS, "tasks", 32, kills=4),
        Course(ITEMS, "processes", 4, kills=1, worker_kills=1),
        Course(ITEMS, "dask", 2, kills=1, worker_kills=1),
    ],
    ids=lambda course: course.executor,
)
def test_each_item_has_exactly_one_result(course: Course) -> None:
    """Through 429s, cut answers, 500s and SIGKILL, and under one key each."""
    if course.executor == "dask" and not importlib.util.find_spec("distributed"):
        pytest.skip("no dask here: pip install 'specwire[dask]'")
    report = run(course)
    assert report.good, report
    assert (report.killed, report.workers_killed) == (
        course.kills,
        course.worker_kills,
    )
    assert report.faults["429"] and report.faults["cut"] and report.faults["500"]
