"""Results as files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from .asked import Asked


def test_json_lines_in_the_order_of_the_input(asked: Asked, journal: Path) -> None:
    """A line a result, failed ones with their error; none of them on demand."""
    runner = asked.runner(journal)
    list(runner.run(["hi", "bad", "ho"]))
    path = journal.with_name("out.jsonl")
    assert runner.export_jsonl(path) == 3
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [row["status"] for row in rows] == ["succeeded", "failed", "succeeded"]
    assert rows[1]["error"]["status_code"] == 400
    stream = io.StringIO()
    assert runner.export_jsonl(stream, failed=False) == 2
    assert "bad" not in stream.getvalue()


def test_parquet_in_groups(asked: Asked, journal: Path) -> None:
    """Columns for what is asked for most, the reply as JSON; groups of a thousand."""
    parquet = pytest.importorskip("pyarrow.parquet")
    runner = asked.runner(journal)
    list(runner.run([*(f"hi {n}" for n in range(5)), "bad"]))
    path = journal.with_name("out.parquet")
    assert runner.export_parquet(path) == 6
    rows = parquet.read_table(path).to_pylist()
    assert [row["text"] for row in rows] == [*(f"HI {n}" for n in range(5)), None]
    assert rows[0]["output_tokens"] == 2
    assert json.loads(rows[0]["result"])["id"] == "msg_1"
    assert json.loads(rows[5]["error"])["status_code"] == 400


def test_an_export_that_fails_leaves_the_old_file(asked: Asked, journal: Path) -> None:
    """A file is in place when it is whole, or not at all."""
    path = journal.with_name("out.jsonl")
    path.write_text("before")
    runner = asked.runner(journal.with_name("none.db"))
    with pytest.raises(Exception, match="no such file"):
        runner.export_jsonl(path)
    assert path.read_text() == "before"
    assert list(journal.parent.iterdir()) == [path]
