"""``docs/cron.md`` is true: its Python runs, its exit codes are the job's."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from specwire.ledger import RunLedger
from specwire.sandbox import Sandbox

from ..house.modules import ROOT
from .loading import example

PAGE = (ROOT / "docs/cron.md").read_text("utf-8")


def test_its_ledger_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second block of Python leaves a ledger with its run in it."""
    _, block = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with Sandbox() as box:
        monkeypatch.setenv("SIM_API_KEY", box.api_keys["sim"])
        monkeypatch.setenv("SIM_BASE_URL", box.base_urls["sim"])
        exec(compile(block, "cron.md", "exec"), {})
    assert capsys.readouterr().out.startswith("True {")
    assert RunLedger("runs.db").get("report-2026-11-21") is not None


@pytest.mark.skipif(os.name == "nt", reason="cron")
def test_its_exit_codes_are_the_jobs() -> None:
    """The table names each code of the job, in order."""
    (row,) = re.findall(r"^\| exit codes \| (.*) \|$", PAGE, re.MULTILINE)
    job = example("nightly")
    assert [int(code) for code in re.findall(r"\b\d+\b", row)] == [
        *(job.DONE, job.FAILED, job.AT_LIMIT, job.OUT_OF_TIME, job.INTERRUPTED),
    ]
