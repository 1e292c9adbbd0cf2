"""Threads, processes, forks and deaths: no line is crossed together."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from specwire.budgets import Budget, UsageFileError, UsageLedger
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from ..house.modules import ROOT, SDK
from .asking import ASKED, asking, ok, spent
from .spend import LIMIT


def spending(path: str, box: Sandbox, how: str) -> subprocess.Popen[str]:
    words = ("tests.budgets.spend", path, box.base_urls["anthropic"], how)
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{SDK}{os.pathsep}{ROOT}",
            "ANTHROPIC_API_KEY": box.api_keys["anthropic"],
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_and_threads_never_cross_it_together(path: str, box: Sandbox) -> None:
    """Three processes of eight threads spend what there is: every call is written
    down once, nothing stays reserved, and not one is too many."""
    jobs = [spending(path, box, "8") for _ in range(3)]
    said = [job.communicate(timeout=60)[0] for job in jobs]
    assert [job.returncode for job in jobs] == [0, 0, 0]
    ledger = UsageLedger(path)
    entries = list(ledger.each())
    assert len(entries) == sum(map(int, said)) > 100
    total = Decimal(sum(entry.nano or 0 for entry in entries)).scaleb(-9)
    status = Budget(LIMIT, ledger=ledger).status()
    assert status.reserved == 0
    assert Decimal("0.018") < status.spent == total <= Decimal(str(LIMIT))


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_what_a_killed_process_reserved_lapses(path: str, box: Sandbox) -> None:
    """It counts until the call's time is over, and then no more."""
    job = spending(path, box, "die")
    job.communicate(timeout=60)
    assert job.returncode == -signal.SIGKILL
    budget = Budget(LIMIT, ledger=path)
    assert list(budget.ledger.each()) == []
    assert budget.status().reserved > 0
    clock = FakeClock()
    clock.now = budget._clock.time() - clock.time() + clock.now + 700
    later = Budget(LIMIT, ledger=path, clock=clock)
    assert later.status().reserved == 0
    with asking(later, ok()) as client:
        client.messages.create(**ASKED)
    assert len(spent(later)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_its_own_connection(path: str) -> None:
    """What parent and child spend adds up; the parent's stream is the parent's."""
    budget = Budget(1, ledger=path)
    with asking(budget, ok(), ok(), ok()) as client:
        client.messages.create(**ASKED)
        pid = os.fork()
        if pid == 0:
            try:
                with budget.ledger.writing() as db:
                    db.execute("UPDATE usage SET key = 'child'")
                os._exit(0)
            except BaseException:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        client.messages.create(**ASKED)
    assert [entry.key for entry in budget.ledger.each()] == ["child", ""]


def test_threads_make_the_file_together(path: str) -> None:
    """Sixteen at once, none of which finds half a file."""
    failed: list[BaseException] = []
    start = threading.Barrier(16)

    def make() -> None:
        ledger = UsageLedger(path)
        start.wait()
        try:
            with ledger.writing() as db:
                db.execute("SELECT COUNT(*) FROM usage, reserved")
        except BaseException as error:
            failed.append(error)
        ledger._files.close()

    threads = [threading.Thread(target=make) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_only_the_owner_may_read_it(path: str) -> None:
    """The file is made with the rights 0600, whatever the umask."""
    old = os.umask(0)
    try:
        with asking(Budget(1, ledger=path), ok()) as client:
            client.messages.create(**ASKED)
    finally:
        os.umask(old)
    modes = {file.stat().st_mode & 0o777 for file in Path(path).parent.glob("usage*")}
    assert modes == {0o600}


def test_a_file_that_was_removed_is_made_again(path: str) -> None:
    """The sum begins at nothing, as the file does."""
    budget = Budget(1, ledger=path)
    with asking(budget, ok(), ok(), ok()) as client:
        client.messages.create(**ASKED)
        client.messages.create(**ASKED)
        for name in Path(path).parent.glob("usage.db*"):
            name.unlink()
        client.messages.create(**ASKED)
    assert len(spent(budget)) == 1
    assert budget.status().tokens == 30


def test_the_file_of_another_program_is_left_alone(path: str) -> None:
    """Neither read nor written."""
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    before = Path(path).read_bytes()
    ledger = UsageLedger(path)
    with pytest.raises(UsageFileError, match="another program"), ledger.writing():
        pass
    with pytest.raises(UsageFileError, match="another program"):
        list(ledger.each())
    assert Path(path).read_bytes() == before
