"""Background runs in both contracts: asking, waiting, resuming; and the quota."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from specwire import Client, errors
from specwire.core.rate_limits import RateLimitInfo, rate_limit_info
from specwire.testing import FakeClock

from ..scripted import Step, reply, serving

OK = {"success": True, "output": {}}
RECEIPT = reply(202, {"data": {"runId": "run_1", "statusUrl": "https://h/run_1"}})
RUN_PATH = "/api/v2/workflows/wf_1/runs/run_1"


def run(status: str, **more: Any) -> Step:
    data = {
        "runId": "run_1",
        "workflowId": "wf_1",
        "status": status,
        "trigger": "api",
        "startedAt": "2026-08-11T12:00:00.000Z",
        "endedAt": None,
        "durationMs": None,
        "paused": None,
        "cost": None,
        "error": None,
        "output": None,
        "blockOutputs": None,
    }
    return reply(200, {"data": {**data, **more}})


def asked(url: str, **options: Any) -> Client:
    options.setdefault("_clock", FakeClock())
    return Client(api_keys={"sim": "sk-1"}, base_urls={"sim": url}, **options)


# -- how far a run is -------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("queued", "queued"),
        ("pending", "queued"),
        ("running", "processing"),
        ("redacting", "processing"),
        ("paused", "paused"),
        ("completed", "completed"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_a_run_of_v2_reads_like_a_job(status: str, word: str) -> None:
    """The receipt told whose run it is; its status has the guide's words."""
    with serving(RECEIPT, run(status, output={"x": 1}, durationMs=9)) as server:
        client = asked(server.url, api_version="v2")
        receipt = client.execute_workflow("wf_1", async_execution=True)
        assert receipt.task_id is not None
        job = client.get_job_status(receipt.task_id)
    assert server.received[1].target == f"{RUN_PATH}?includeOutput=true"
    assert job["status"] == word
    assert (job["taskId"], job["output"]) == ("run_1", {"x": 1})
    assert job["metadata"]["duration"] == 9
    assert job._raw["status"] == status


def test_what_a_job_does_not_tell_is_none() -> None:
    """The guide's own loop reads ``error`` of a run that has none."""
    sent = {"success": True, "taskId": "t", "status": "cancelled",
            "metadata": {"startedAt": None}}  # fmt: skip
    with serving(reply(200, sent)) as server:
        job = asked(server.url).get_job_status("t")
    assert job == sent
    assert (job["error"], job["output"]) == (None, None)
    assert job["metadata"]["duration"] is None
    with pytest.raises(KeyError):
        job["colour"]


@pytest.mark.parametrize("error", [{"message": "boom", "name": "Error"}, "boom", None])
def test_an_error_of_a_job_stays_what_it_is(error: Any) -> None:
    """Servers say it as text or as an object."""
    sent = {"success": True, "taskId": "t", "status": "failed", "metadata": {},
            "error": error}  # fmt: skip
    with serving(reply(200, sent)) as server:
        assert asked(server.url).get_job_status("t") == sent


def test_a_run_that_is_found_by_no_name_says_how_to_find_it() -> None:
    """Without a receipt the old path is asked, and its 404 says what would help."""
    absent = reply(404, {"error": "Task not found"})
    with serving(absent, absent) as server:
        with pytest.raises(errors.NotFoundError, match=r"runs\.get\(workflow_id"):
            asked(server.url, api_version="v2").get_job_status("run_9")
        with pytest.raises(errors.NotFoundError) as caught:
            asked(server.url, api_version="v1").get_job_status("run_9")
    assert server.received[0].target == "/api/jobs/run_9"
    assert "runs.get" not in str(caught.value)


def test_receipts_of_very_many_runs_do_not_pile_up() -> None:
    """The oldest are forgotten; the newest are known."""
    contracts = asked("http://127.0.0.1:1")._contracts
    for number in range(10_010):
        contracts.started(f"run_{number}", "wf_1")
    assert contracts.workflow_of("run_0") is None
    assert contracts.workflow_of("run_10009") == "wf_1"


def test_a_run_of_v2_is_waited_for() -> None:
    """jobs.wait asks for the run with growing pauses until it has ended."""
    clock = FakeClock()
    steps = [run("queued"), reply(503, {}), run("running"), run("completed", output=1)]
    with serving(RECEIPT, *steps) as server:
        client = asked(server.url, api_version="v2", _clock=clock, max_retries=0)
        receipt = client.execute_workflow("wf_1", async_execution=True)
        seen: list[str] = []
        job = client.jobs.wait(
            receipt.task_id,  # type: ignore[arg-type]
            on_progress=lambda job: seen.append(job.status),
        )
    assert (job.status, job.output) == ("completed", 1)
    assert seen == ["queued", "processing", "completed"]
    assert clock.slept == [0.5, 0.75, 1.125]


def test_waiting_has_a_limit() -> None:
    """A run that does not end in time is an APITimeoutError; nothing is cancelled."""
    steps = [run("running")] * 20
    with serving(RECEIPT, *steps) as server:
        client = asked(server.url, api_version="v2")
        client.execute_workflow("wf_1", async_execution=True)
        with pytest.raises(errors.APITimeoutError, match="goes on"):
            client.jobs.wait("run_1", timeout=10)


def test_a_run_that_waits_for_somebody_is_not_waited_for() -> None:
    """It is given as paused, with its contextId; one that waits for a time goes on."""
    timed = {"pauseKind": "time", "contextId": "c0"}
    human = {"pauseKind": "human", "contextId": "ctx_1"}
    steps = run("paused", paused=timed), run("paused", paused=human)
    with serving(RECEIPT, *steps) as server:
        client = asked(server.url, api_version="v2")
        client.execute_workflow("wf_1", async_execution=True)
        job: Any = client.jobs.wait("run_1")
    assert job.status == "paused"
    assert job.paused["contextId"] == "ctx_1"


# -- resume, cancel, list ----------------------------------------------------------


def not_yet(status: int = 404) -> Step:
    error = {"code": "NOT_FOUND", "message": "Paused execution not found"}
    return reply(status, {"error": error})


def test_the_moment_before_a_pause_is_on_record_is_waited_out() -> None:
    """resume asks again while the server cannot find the pause."""
    clock = FakeClock(chance=0.5)
    resumed = reply(202, {"data": {"runId": "run_2", "statusUrl": "https://h/2"}})
    with serving(not_yet(), not_yet(409), resumed) as server:
        result: Any = asked(server.url, _clock=clock).workflows.runs.resume(
            "wf_1", "run_1", context_id="ctx_1", input={"ok": True}
        )
    assert result.run_id == "run_2"
    assert clock.slept == [0.25, 0.5]
    assert server.received[2].json() == {"contextId": "ctx_1", "input": {"ok": True}}


def test_a_pause_that_is_never_found_is_an_error() -> None:
    """After some seconds the server's answer is raised; so is any other at once."""
    clock = FakeClock()
    with serving(*[not_yet()] * 9) as server:
        with pytest.raises(errors.NotFoundError):
            asked(server.url, _clock=clock).workflows.runs.resume(
                "wf_1", "run_1", context_id="c"
            )
        assert len(server.received) == 5
    assert sum(clock.slept) < 6
    gone = reply(404, {"error": {"code": "NOT_FOUND", "message": "Run not found"}})
    with serving(gone, gone) as server:
        with pytest.raises(errors.NotFoundError):
            asked(server.url).workflows.runs.resume("wf_1", "run_1", context_id="c")
        assert len(server.received) == 1


def test_a_run_is_cancelled_by_its_name() -> None:
    """What the server says of it comes back, also that nothing was stopped."""
    said = {"success": False, "runId": "run_1", "redisAvailable": False,
            "durablyRecorded": False, "locallyAborted": False,
            "pausedCancelled": False, "reason": "redis_unavailable"}  # fmt: skip
    with serving(reply(200, {"data": said})) as server:
        done = asked(server.url).workflows.runs.cancel("wf_1", "run_1")
    assert server.received[0].target == f"{RUN_PATH}/cancel"
    assert (done.success, done.reason) == (False, "redis_unavailable")


# -- the quota --------------------------------------------------------------------


def test_a_quota_is_named_by_its_request() -> None:
    """The client's belongs to the last reply; each result has its own."""
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "5"}
    with serving(
        reply(200, OK, {**headers, "x-request-id": "req_1"}),
        reply(429, {"error": "slow"}, {"retry-after": "3", "x-request-id": "req_2"}),
    ) as server:
        client = asked(server.url, max_retries=0)
        result = client.execute_workflow("wf_1")
        with pytest.raises(errors.RateLimitError):
            client.get_workflow_status("wf_1")
    assert result._reply is not None
    assert result._reply.rate_limit == RateLimitInfo(60, 5, 0, None, "req_1")
    assert client.get_rate_limit_info() == RateLimitInfo(0, 0, 0, 3, "req_2")


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        ("1700000000", 1_700_000_000),
        ("1700000000.5", 1_700_000_000),
        ("1700000000123", 1_700_000_000),
        ("1700000000123456", 1_700_000_000),
        ("60", 1_700_000_060),
        ("2023-11-14T22:13:20.000Z", 1_700_000_000),
        ("2023-11-14T22:13:20.1Z", 1_700_000_000),
        ("2023-11-14T22:13:20.123456789+00:00", 1_700_000_000),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000),
        ("2023-11-14 22:13:20", 1_700_000_000),
        ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000),
        ("0", 0),
        ("-5", 0),
        ("²", 0),
        ("1e400", 0),
        ("9" * 400, 0),
        ("0001-01-01T00:00:00+23:59", 0),
        ("nonsense", 0),
    ],
)
def test_a_reset_is_seconds_since_the_epoch(reset: str, expected: int) -> None:
    """Whatever the spelling; what cannot be read is 0."""
    info = rate_limit_info({"x-ratelimit-reset": reset}, 1_700_000_000.0)
    assert info is not None
    assert info.reset == expected


def test_threads_do_not_read_each_others_quota() -> None:
    """8 threads, 320 calls: each result tells of the quota it came with."""
    lock = threading.Lock()
    count = 0

    def answer(conn: Any, request: Any) -> None:
        number = request.json()["n"]
        headers = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": str(number),
                   "x-request-id": f"req_{number}", "connection": "close"}  # fmt: skip
        conn.sendall(reply(200, OK, headers))

    def call(number: int) -> bool:
        nonlocal count
        quota = client.execute_workflow("wf_1", {"n": number})._reply.rate_limit  # type: ignore[union-attr]
        last = client.get_rate_limit_info()
        with lock:
            count += 1
        assert last is not None
        assert last.request_id == f"req_{last.remaining}"
        return quota == RateLimitInfo(1000, number, 0, None, f"req_{number}")

    with serving(*[answer] * 320) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(call, range(320)))
    assert count == 320


def test_newer_usage_limits_have_the_guides_names() -> None:
    """``limit`` is there where a server counts bursts."""
    kind = {"isLimited": False, "requestsPerMinute": 50, "maxBurst": 100,
            "remaining": 90, "resetAt": "2026-01-01T00:00:00Z"}  # fmt: skip
    kinds = {"sync": kind, "async": kind, "authType": "api"}
    sent = {"success": True, "rateLimit": kinds,
            "usage": {"currentPeriodCost": 1.5, "limit": 10, "plan": "pro"},
            "storage": {"usedBytes": 1}}  # fmt: skip
    with serving(reply(200, sent)) as server:
        limits = asked(server.url).get_usage_limits()
    assert limits.rate_limit["sync"]["limit"] == 100
    assert limits.rate_limit["authType"] == "api"
    assert limits.storage == {"usedBytes": 1}
