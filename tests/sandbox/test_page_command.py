"""``specwire sandbox --ui``: where the page is, and the runs that it shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from specwire import Client
from specwire.batch import BatchRunner
from specwire.budgets import UsageLedger
from specwire.budgets.counts import Counts
from specwire.budgets.ledger import Entry
from specwire.cli.sandbox import main
from specwire.cli.watched_runs import WatchedRuns
from specwire.sandbox import Sandbox

from .conftest import message
from .test_life import SDK


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of the test's own, which is not there yet."""
    path = tmp_path / "usage.db"
    monkeypatch.setenv("SPECWIRE_LEDGER", str(path))
    return path


@pytest.fixture
def journal(tmp_path: Path, box: Sandbox) -> Path:
    """The journal of a run of three, one of which failed."""
    path = tmp_path / "out.jsonl.journal"
    box.fail("POST /v1/messages", 400)
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        runner = BatchRunner(client, journal=str(path), max_in_flight=1)
        requests = [{"custom_id": f"r{n}", "params": message()} for n in range(3)]
        assert len(list(runner.run(requests))) == 3
    return path


def test_the_page_is_told_on_both_outputs(tmp_path: Path) -> None:
    """JSON has ``page_url``, and the talk says where to watch."""
    started = subprocess.Popen(
        [sys.executable, "-m", "specwire", "sandbox", "--ui", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(SDK)},
    )
    assert started.stdout is not None and started.stderr is not None
    facts = json.loads(started.stdout.readline())
    talk = started.stderr.readline()
    started.terminate()
    started.communicate(timeout=20)
    assert facts["page_url"] == facts["base_urls"]["anthropic"] + "/_specwire/"
    assert f"watch at {facts['page_url']}" in talk


def test_journals_need_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """--journal alone would do nothing, which is a usage error."""
    with pytest.raises(SystemExit) as caught:
        main(["--journal", "x"])
    assert caught.value.code == 2
    assert "--ui" in capsys.readouterr().err


def test_the_journals_of_a_folder_are_runs(journal: Path) -> None:
    """Each with what is done, failed and left."""
    (run,) = WatchedRuns([str(journal.parent)])()
    assert (run.name, run.succeeded, run.failed) == (str(journal), 2, 1)
    assert (run.left, run.complete, run.cost_usd) == (0, True, None)
    assert run.running is False
    assert run.changed_at is not None and run.changed_at > journal.stat().st_ctime - 1


def test_the_tokens_of_a_run_are_added_up(box: Sandbox, journal: Path) -> None:
    """What was read once is not read again, and what failed counts once it is done."""
    from specwire.batch.stored import Stored

    watched = WatchedRuns([str(journal)])
    before = watched()[0]
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        runner = BatchRunner(client, journal=str(journal))
        more = [{"custom_id": "more", "params": message("a few more words")}]
        list(runner.run(more))
        between = watched()[0]
        list(runner.retry_failed())
    usages = [r.result["usage"] for r in Stored(str(journal)).results()]
    assert len(usages) == 4
    after = watched()[0]
    assert after.input_tokens == sum(usage["input_tokens"] for usage in usages)
    assert after.output_tokens == sum(usage["output_tokens"] for usage in usages)
    told = [run.input_tokens or 0 for run in (before, between, after)]
    assert 0 < told[0] < told[1] < told[2]


def test_a_run_of_another_process_is_running(
    tmp_path: Path, box: Sandbox, journal: Path
) -> None:
    """While its runner is at work; it is stopped once that is closed."""
    watched = WatchedRuns([str(journal)])
    requests = [{"custom_id": f"n{n}", "params": message()} for n in range(3)]
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        results = BatchRunner(client, journal=str(journal)).run(requests)
        next(results)
        assert watched()[0].running is True
        results.close()
    assert watched()[0].running is False


def test_what_a_run_has_cost_is_by_the_ledger(journal: Path, ledger: Path) -> None:
    """Entries of its budget are added up; those of other runs are left out."""
    from specwire.batch.stored import Stored

    watched = WatchedRuns([str(journal)])
    assert watched()[0].cost_usd is None
    usage = UsageLedger(ledger)
    mark = Stored(str(journal)).mark()
    for run, nano in ((f"batch-{mark}", 250_000_000), ("batch-other", 10**9)):
        with usage.writing() as db:
            usage.add(db, Entry(1.0, "anthropic", "m", Counts(), nano, run=run))
    assert watched()[0].cost_usd == 0.25


def test_a_journal_is_read_again_where_it_has_changed(journal: Path) -> None:
    """What is the same is the same object; a file that is gone is told."""
    watched = WatchedRuns([str(journal)])
    (before,) = watched()
    assert watched()[0] is before
    journal.unlink()
    assert "no such file" in watched()[0].problem


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    """It does not keep the others from being shown."""
    (tmp_path / "x.journal").write_text("hello")
    (run,) = WatchedRuns([str(tmp_path)])()
    assert "x.journal" in run.problem
