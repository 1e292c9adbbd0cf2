"""A key is run once; what is open is looked up, what failed is kept."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from specwire import Hook, errors
from specwire.ledger import LedgerBusyError, LedgerError, RunLedger, RunUnknownError
from specwire.ledger.lock import held
from specwire.testing import FakeClock

from ..scripted import Received, ScriptedServer, reply, serving
from .runs import CLOSE, Runs, client_of, script


@pytest.fixture
def ledger(tmp_path: Path) -> RunLedger:
    return RunLedger(tmp_path / "runs.db")


def broken(conn: Any, request: Received) -> None:
    """A server that dies when it has read the request."""


def left_open(ledger: RunLedger, server: ScriptedServer, **options: Any) -> str:
    """Make an entry without a result: its first answer never came."""
    server.script.insert(0, broken)
    with pytest.raises(errors.APIConnectionError):
        ledger.run("k", client_of(server.url, **options), "wf_1", {"a": 1})
    entry = ledger.get("k")
    assert entry is not None and entry.status == "sent"
    return entry.run_id


def test_a_key_is_run_once(ledger: RunLedger) -> None:
    """The second call gives what the first one wrote down, and sends nothing."""
    runs = Runs()
    with serving(*script(runs)) as server:
        client = client_of(server.url)
        first = ledger.run("k", client, "wf_1", {"a": 1})
        second = ledger.run("k", client, "wf_1", {"a": 2})
        other = ledger.run("k2", client, "wf_1", {"a": 1})
    assert (first.success, first.output, first.recorded) == (True, {"n": 1}, False)
    assert (second.output, second.recorded) == ({"n": 1}, True)
    assert second.run_id == first.run_id == first.given_id
    assert (runs.began, len(server.received)) == (2, 2)
    assert [entry.key for entry in ledger.entries()] == ["k", "k2"]
    assert other.run_id != first.run_id


@pytest.mark.parametrize(
    ("kind", "name"), [("today", "x-execution-id"), ("v2", "x-run-id")]
)
def test_the_identifier_is_sent(ledger: RunLedger, kind: str, name: str) -> None:
    """Under the name that the server's contract has, beside the caller's headers."""
    with serving(*script(Runs(kind))) as server:
        options: Any = {"extra_headers": {"X-Mine": "1"}, "max_retries": 0}
        entry = ledger.run("k", client_of(server.url), "wf_1", **options)
    headers = server.received[-1].headers
    assert headers[name] == entry.run_id == entry.given_id
    assert headers["x-mine"] == "1"


@pytest.mark.parametrize("kind", ["today", "v2"])
def test_a_failed_run_is_kept(ledger: RunLedger, kind: str) -> None:
    """It is an entry with its error, and is run again only when that is asked for."""
    runs = Runs(kind)
    runs.now = "failed"
    with serving(*script(runs)) as server:
        client = client_of(server.url)
        first = ledger.run("k", client, "wf_1")
        assert (first.success, first.status, first.error) == (
            False,
            "failed",
            "block broke",
        )
        assert ledger.run("k", client, "wf_1").run_id == first.run_id
        runs.now = "completed"
        again = ledger.run("k", client, "wf_1", retry_failed=True)
    assert (again.success, again.attempts, runs.began) == (True, 2, 2)
    assert again.run_id != first.run_id


def test_a_failure_with_status_200_is_a_failure(ledger: RunLedger) -> None:
    """``success: false`` says it, whatever the status."""
    body = {"success": False, "output": {}, "error": "block broke"}
    with serving(reply(200, body)) as server:
        entry = ledger.run("k", client_of(server.url), "wf_1")
    assert (entry.status, entry.error) == ("failed", "block broke")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "Unauthorized: Invalid API key", "code": "X"}),
        (402, {"error": "Usage limit exceeded", "code": "USAGE_LIMIT_EXCEEDED"}),
        (403, {"error": "Workflow is not deployed"}),
        (404, "<html>no such page</html>"),
        (429, {"error": {"code": "RATE_LIMITED", "message": "slow down"}}),
        (503, {"error": "overloaded", "code": "SERVICE_OVERLOADED"}),
    ],
)
def test_a_refusal_leaves_no_entry(ledger: RunLedger, status: int, body: Any) -> None:
    """What was refused has not run, so the next call sends it."""
    with serving(*[reply(status, body, CLOSE)] * 2) as server:
        with pytest.raises(errors.APIStatusError):
            ledger.run("k", client_of(server.url), "wf_1", max_retries=0)
    assert ledger.get("k") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"reason": "my own Response block"}),
        (404, [1]),
        (409, {"error": "Workflow is locked"}),
        (502, "<html>bad gateway</html>"),
        (503, {"error": "enqueued or not", "code": "ASYNC_ENQUEUE_AMBIGUOUS"}),
    ],
)
def test_what_may_have_run_stays_open(
    ledger: RunLedger, status: int, body: Any
) -> None:
    """An answer that may come from the workflow or after it is looked up next time."""
    with serving(reply(status, body, CLOSE)) as server:
        with pytest.raises(errors.APIStatusError):
            ledger.run("k", client_of(server.url), "wf_1", max_retries=0)
    assert [entry.status for entry in ledger.entries()] == ["sent"]


def test_a_refused_repetition_keeps_the_failure(ledger: RunLedger) -> None:
    """Asking again for a failed run does not lose it where the server refuses."""
    runs = Runs()
    runs.now = "failed"
    refusal = reply(429, {"error": "slow down"}, CLOSE)
    with serving(runs, refusal) as server:
        client = client_of(server.url)
        first = ledger.run("k", client, "wf_1")
        with pytest.raises(errors.RateLimitError):
            ledger.run("k", client, "wf_1", retry_failed=True, max_retries=0)
    kept = ledger.get("k")
    assert kept is not None and (kept.run_id, kept.error) == (
        first.run_id,
        "block broke",
    )


def test_a_server_that_is_down_leaves_no_entry(ledger: RunLedger) -> None:
    """A refused connection has run nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(errors.APIConnectionError):
        ledger.run("k", client_of(url), "wf_1", max_retries=0)
    assert ledger.get("k") is None


@pytest.mark.parametrize(
    "options", [{"stream": True}, {"run_id": "r1"}, {"max_retrys": 1}]
)
def test_a_wrong_option_leaves_no_entry(ledger: RunLedger, options: Any) -> None:
    """What cannot be called is a TypeError before anything is written down."""
    with serving() as server, pytest.raises(TypeError):
        ledger.run("k", client_of(server.url), "wf_1", **options)
    assert ledger.get("k") is None


class Stops(Hook):
    """Ends the call at its first attempt, before it or after it."""

    def __init__(self, when: str) -> None:
        self.when = when

    def before_attempt(self, call: Any) -> None:
        if self.when == "before":
            raise KeyboardInterrupt

    def after_attempt(self, call: Any, outcome: Any) -> None:
        if self.when == "after":
            raise KeyboardInterrupt


@pytest.mark.parametrize(("when", "left"), [("before", []), ("after", ["sent"])])
def test_ctrl_c(ledger: RunLedger, when: str, left: list[str]) -> None:
    """Before anything was sent it leaves no entry; after that it leaves one open."""
    with serving(*script(Runs())) as server, pytest.raises(KeyboardInterrupt):
        client = client_of(server.url, hooks=[Stops(when)])
        ledger.run("k", client, "wf_1")
    assert [entry.status for entry in ledger.entries()] == left


@pytest.mark.parametrize("kind", ["today", "v2"])
def test_an_unheard_run_is_sent_under_its_identifier(
    ledger: RunLedger, kind: str
) -> None:
    """The server has not heard of it, so it is sent; once more under the same name,
    so that the server refuses it if the first one comes through after all."""
    runs = Runs(kind)
    with serving(*script(runs)) as server:
        run_id = left_open(ledger, server)
        entry = ledger.run("k", client_of(server.url), "wf_1", {"a": 1})
    assert (entry.run_id, entry.success, entry.recorded) == (run_id, True, False)
    assert (entry.attempts, runs.began) == (1, 1)


def test_a_running_run_is_waited_for(ledger: RunLedger) -> None:
    """It is asked for with growing pauses until it has ended."""
    runs, clock = Runs(), FakeClock()
    with serving(*script(runs)) as server:
        runs.known[left_open(ledger, server)] = "completed"
        runs.left = 3
        client = client_of(server.url, _clock=clock)
        entry = ledger.run("k", client, "wf_1")
    assert (entry.success, entry.recorded, runs.began) == (True, True, 0)
    assert clock.slept == [0.5, 0.75, 1.125]


def test_a_run_that_goes_on_is_a_timeout(ledger: RunLedger) -> None:
    """The wait ends with the limit; the entry stays open for the next call."""
    runs, clock = Runs(), FakeClock()
    with serving(*script(runs)) as server:
        runs.known[left_open(ledger, server)] = "completed"
        runs.left = 99
        client = client_of(server.url, _clock=clock)
        with pytest.raises(errors.APITimeoutError, match="goes on at the server"):
            ledger.run("k", client, "wf_1", timeout=3)
    assert clock.now < 1_003
    assert ledger.get("k").status == "sent"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["today", "v2"])
def test_an_identifier_in_use_is_looked_up(ledger: RunLedger, kind: str) -> None:
    """A request that came through after all is found by the second one's 409."""
    runs = Runs(kind)

    def late(conn: Any, request: Received) -> None:
        for name in ("x-execution-id", "x-run-id"):
            if name in request.headers:
                runs.known[request.headers[name]] = "completed"
        runs(conn, request)

    with serving(late, *script(runs)) as server:
        version: Any = "v2" if kind == "v2" else "auto"
        client = client_of(server.url, api_version=version)
        entry = ledger.run("k", client, "wf_1")
    assert (entry.success, runs.began) == (True, 0)


@pytest.mark.parametrize("kind", ["today", "v2"])
def test_a_paused_run_is_looked_up_each_time(ledger: RunLedger, kind: str) -> None:
    """A pause is neither success nor failure, and nothing is sent meanwhile."""
    runs = Runs(kind)
    with serving(*script(runs)) as server:
        run_id = left_open(ledger, server)
        client = client_of(server.url)
        runs.known[run_id] = "paused"
        assert ledger.run("k", client, "wf_1").status == "paused"
        runs.known[run_id] = "completed"
        assert ledger.run("k", client, "wf_1").success is True
    assert runs.began == 0


def test_an_old_server_leaves_the_run_unknown(ledger: RunLedger) -> None:
    """Nothing is sent, the error says what to do, and forgetting lets it run."""
    runs = Runs("old")
    with serving(*script(runs)) as server:
        run_id = left_open(ledger, server)
        client = client_of(server.url)
        with pytest.raises(RunUnknownError, match=r"ledger.forget\('k'\)") as caught:
            ledger.run("k", client, "wf_1")
        assert (caught.value.key, caught.value.run_id) == ("k", run_id)
        assert runs.began == 0
        assert ledger.forget("k") is True
        assert ledger.run("k", client, "wf_1").success is True
    assert ledger.forget("other") is False


def test_a_server_that_names_runs_itself_is_not_believed(ledger: RunLedger) -> None:
    """One that gave an earlier run another name would not know this one's."""
    named = {"success": True, "output": 1, "executionId": "its-own"}
    with serving(reply(200, named, CLOSE), *script(Runs())) as server:
        ledger.run("before", client_of(server.url), "wf_1")
        left_open(ledger, server)
        with pytest.raises(RunUnknownError, match="names runs itself"):
            ledger.run("k", client_of(server.url), "wf_1")


def test_another_server_is_not_asked(ledger: RunLedger) -> None:
    """It would know nothing of the run, which is no reason to run it there."""
    with serving(*script(Runs())) as one, serving(*script(Runs())) as two:
        left_open(ledger, one)
        with pytest.raises(RunUnknownError, match="not to this server"):
            ledger.run("k", client_of(two.url), "wf_1")
    assert two.received == []


@pytest.mark.parametrize("jump_s", [90_000, -90_000])
def test_after_a_day_unheard_may_be_forgotten(ledger: RunLedger, jump_s: int) -> None:
    """A day later, or before (the clock was set), "no such run" is not believed."""
    runs, clock = Runs(), FakeClock()
    with serving(*script(runs)) as server:
        left_open(ledger, server, _clock=clock)
        clock.now += jump_s
        with pytest.raises(RunUnknownError, match="forgotten"):
            ledger.run("k", client_of(server.url, _clock=clock), "wf_1")
    assert runs.began == 0


@pytest.mark.parametrize("jump_s", [3_600, -3_600])
def test_a_clock_that_is_set_changes_nothing(ledger: RunLedger, jump_s: int) -> None:
    """An hour forth or back, as at the end of summer time, sends and keeps as ever."""
    runs, clock = Runs(), FakeClock()
    with serving(*script(runs)) as server:
        left_open(ledger, server, _clock=clock)
        clock.now += jump_s
        client = client_of(server.url, _clock=clock)
        assert ledger.run("k", client, "wf_1").success is True
    assert (runs.began, clock.slept) == (1, [])


def test_a_run_in_the_background_is_waited_for(ledger: RunLedger) -> None:
    """Its receipt is written down, so that even an old server's run is found again."""
    receipt = {"success": True, "taskId": "t1", "status": "queued"}
    job = {"success": True, "taskId": "t1", "metadata": {}}
    done = {**job, "status": "completed", "output": {"n": 1}}
    gone = {"error": "Unauthorized"}
    with serving(
        reply(202, receipt, CLOSE), reply(401, gone, CLOSE), reply(200, done, CLOSE)
    ) as server:
        client = client_of(server.url)
        with pytest.raises(errors.AuthenticationError):
            ledger.run("k", client, "wf_1", async_execution=True)
        entry = ledger.run("k", client, "wf_1", async_execution=True)
    assert (entry.success, entry.output, entry.task_id) == (True, {"n": 1}, "t1")
    assert [r.method for r in server.received] == ["POST", "GET", "GET"]


def test_a_background_run_is_found_by_another_client(ledger: RunLedger) -> None:
    """The newer contract knows a job by its run only, and the ledger knows both."""
    runs = Runs("v2")
    gone = reply(401, {"error": {"code": "UNAUTHORIZED", "message": "no"}}, CLOSE)

    def receipt(conn: Any, request: Received) -> None:
        run_id = request.headers["x-run-id"]
        runs.known[run_id] = "completed"
        body = {"data": {"runId": run_id, "statusUrl": "/x"}}
        conn.sendall(reply(202, body, CLOSE))

    with serving(receipt, gone, *script(runs)) as server:
        options: Any = {"async_execution": True}
        with pytest.raises(errors.AuthenticationError):
            client = client_of(server.url, api_version="v2")
            ledger.run("k", client, "wf_1", **options)
        entry = ledger.run("k", client_of(server.url), "wf_1", **options)
    assert (entry.success, entry.output, runs.began) == (True, {"n": 0}, 0)


def test_a_key_belongs_to_one_workflow(ledger: RunLedger) -> None:
    """The same key for another workflow is an error, not the wrong result."""
    with serving(*script(Runs())) as server:
        ledger.run("k", client_of(server.url), "wf_1")
        with pytest.raises(LedgerError, match="use another key"):
            ledger.run("k", client_of(server.url), "wf_2")


def test_a_key_that_is_being_run_is_busy(ledger: RunLedger, tmp_path: Path) -> None:
    """Another holder of the key is waited for within the limit; forgetting is not."""
    with serving(*script(Runs())) as server:
        ledger.run("k", client_of(server.url), "wf_1")
        clock = FakeClock()
        with held(ledger._lock_of("k"), lambda: None):
            with pytest.raises(LedgerBusyError, match="another process"):
                client = client_of(server.url, _clock=clock)
                ledger.run("k", client, "wf_1", timeout=5)
            with pytest.raises(LedgerBusyError, match="being run"):
                ledger.forget("k")
        assert 4 < sum(clock.slept) <= 5
        assert ledger.forget("k") is True
    assert [path.name for path in tmp_path.glob("*.lock")] == []
