"""One surface over the two contracts of the workflow API."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import Client, errors, models
from specwire.testing import FakeClock

from ..scripted import Step, reply, serving

OK = {"success": True, "output": {"content": "hi"}, "metadata": {"duration": 610}}
RUN = {
    "runId": "run_1",
    "workflowId": "wf_1",
    "status": "completed",
    "output": {"content": "hi"},
    "error": None,
    "startedAt": "2026-08-11T12:00:00.000Z",
    "endedAt": "2026-08-11T12:00:00.042Z",
    "durationMs": 42,
}
DONE = reply(200, {"data": RUN})
PAGE = reply(404, b"<!DOCTYPE html><title>404</title>", content_type="text/html")
V2_404 = reply(404, {"error": {"code": "NOT_FOUND", "message": "Workflow not found"}})


def asked(url: str, **options: Any) -> Client:
    options.setdefault("api_keys", {"sim": "sk-1"})
    return Client(base_urls={"sim": url}, **options)


def paths(server: Any) -> list[str]:
    return [f"{r.method} {r.target}" for r in server.received]


V1_RUN = "POST /api/workflows/wf_1/execute"
V2_RUN = "POST /api/v2/workflows/wf_1/execute"


@pytest.mark.parametrize(
    "absent",
    [
        PAGE,
        reply(404, b""),
        reply(404, b"404 page not found", content_type="text/plain"),
        V2_404,
        reply(404, {"detail": "Not Found"}),
        reply(404, {"message": "no Route matched with those values"}),
        reply(404, {}),
    ],
)
def test_a_server_without_the_older_paths_is_asked_by_the_newer_ones(
    absent: Step,
) -> None:
    """A 404 that is not the older API's own leads to v2, and that is remembered."""
    with serving(absent, DONE, DONE) as server:
        client = asked(server.url)
        result = client.execute_workflow("wf_1", {"m": 1})
        client.execute_workflow("wf_1", {"m": 2})
    assert paths(server) == [V1_RUN, V2_RUN, V2_RUN]
    assert server.received[1].json() == {"input": {"m": 1}}
    assert result.success is True
    assert result._reply is not None
    assert result._reply.attempts == 2


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Workflow not found", "code": "WORKFLOW_NOT_FOUND"},
        {"error": "Workflow not found"},
        {"message": "Ticket 7 not found in the archive"},
        {"detail": "bad ticket"},
        {"message": {"de": "Kein Ticket"}},
        [1, 2],
    ],
)
def test_a_404_of_the_older_api_or_of_a_workflow_is_raised(body: Any) -> None:
    """The API's own 404, and one that a workflow's author made, are not sent on."""
    with serving(reply(404, body), DONE) as server:
        with pytest.raises(errors.NotFoundError):
            asked(server.url).execute_workflow("wf_1")
    assert paths(server) == [V1_RUN]


def test_after_an_answer_by_v1_no_other_is_tried() -> None:
    """A server that answered by v1 has its paths: a page of HTML is an error then."""
    with serving(reply(200, OK), PAGE) as server:
        client = asked(server.url)
        client.execute_workflow("wf_1")
        with pytest.raises(errors.NotFoundError):
            client.execute_workflow("wf_1")
    assert paths(server) == [V1_RUN, V1_RUN]


def test_another_base_url_is_found_out_anew() -> None:
    """What one server speaks says nothing of another, nor of itself set again."""
    with serving(PAGE, DONE, reply(200, OK)) as server:
        client = asked(server.url)
        client.execute_workflow("wf_1")
        client.set_base_url(server.url)
        client.execute_workflow("wf_1")
    assert paths(server) == [V1_RUN, V2_RUN, V1_RUN]


def test_a_copy_knows_what_the_client_found_out() -> None:
    """with_options shares what was found, as it shares the connections."""
    with serving(PAGE, DONE, DONE) as server:
        client = asked(server.url)
        client.execute_workflow("wf_1")
        client.with_options(timeout=5).execute_workflow("wf_1")
    assert paths(server) == [V1_RUN, V2_RUN, V2_RUN]


@pytest.mark.parametrize(("version", "path"), [("v1", V1_RUN), ("v2", V2_RUN)])
def test_a_forced_contract_is_the_only_one(version: Any, path: str) -> None:
    """``api_version`` forces: one request, whatever comes."""
    with serving(PAGE, DONE) as server:
        with pytest.raises(errors.NotFoundError):
            asked(server.url, api_version=version).execute_workflow("wf_1")
    assert paths(server) == [path]


def test_an_unknown_contract_is_refused() -> None:
    """A typo in api_version is found when the client is made."""
    with pytest.raises(ValueError, match="api_version"):
        Client(api_version="v3")  # type: ignore[arg-type]


def test_both_contracts_share_one_time_limit() -> None:
    """The second request has what the first one left of ``timeout``."""
    with serving(PAGE, reply(429, {}, {"retry-after": "20"}), DONE) as server:
        client = asked(server.url, _clock=FakeClock(chance=0.0))
        result = client.execute_with_retry("wf_1", timeout=30)
        assert result.success
    with serving(
        reply(429, {}, {"retry-after": "20"}),
        PAGE,
        reply(429, {}, {"retry-after": "20"}),
    ) as server:
        client = asked(server.url, _clock=FakeClock(chance=0.0))
        with pytest.raises(errors.RateLimitError):
            client.execute_with_retry("wf_1", timeout=30)
    assert paths(server) == [V1_RUN, V1_RUN, V2_RUN]


# -- results ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "success"),
    [("completed", True), ("paused", True), ("failed", False), ("cancelled", False)],
)
def test_a_run_of_v2_reads_like_one_of_v1(status: str, success: bool) -> None:
    """Failed runs are results, not errors; what was sent is in ``_raw``."""
    error = {"code": "TIMEOUT", "message": "timed out"} if status == "failed" else None
    sent = {"data": {**RUN, "status": status, "error": error}}
    with serving(reply(200, sent)) as server:
        result: Any = asked(server.url, api_version="v2").execute_workflow("wf_1")
    assert isinstance(result, models.WorkflowExecutionResult)
    assert (result.success, result.status) == (success, status)
    assert result.error == ("timed out" if error else None)
    assert result.total_duration == 42
    assert result.metadata == {
        "duration": 42,
        "startTime": RUN["startedAt"],
        "endTime": RUN["endedAt"],
    }
    assert result.execution_id == result.runId == "run_1"
    assert result._raw == sent


@pytest.mark.parametrize(
    ("version", "sent"),
    [
        ("v2", {"data": None}),
        ("v2", {"data": {"status": "completed"}}),
        ("v2", {"success": True, "output": 1}),
        ("v1", {"success": True, "output": None, "error": None, "logs": None}),
        ("v1", {"success": True, "output": 1, "metadata": [], "logs": "none"}),
        ("v1", None),
    ],
)
def test_odd_results_of_a_run_that_was_made_are_results(
    version: Any, sent: Any
) -> None:
    """A run that is done and billed is no error because of its answer's shape."""
    import json

    with serving(reply(200, json.dumps(sent))) as server:
        result = asked(server.url, api_version=version).execute_workflow("wf_1")
    assert result.success is True


def test_a_failure_at_status_200_keeps_its_words() -> None:
    """An error that is an object reads as its message."""
    sent = {"success": False, "output": {}, "error": {"message": "Agent 1: boom"}}
    with serving(reply(200, sent)) as server:
        result = asked(server.url).execute_workflow("wf_1")
    assert (result.success, result.status) == (False, "failed")
    assert result.error == "Agent 1: boom"


def test_an_authors_answer_with_a_success_of_its_own_is_not_torn() -> None:
    """``success`` beside members that no server sends is the author's answer."""
    with serving(reply(200, {"success": True, "ticket": 7})) as server:
        result = asked(server.url).execute_workflow("wf_1")
    assert (result.success, result.output) == (True, {"success": True, "ticket": 7})


@pytest.mark.parametrize(
    ("version", "sent", "task_id", "link"),
    [
        (
            "v1",
            {"success": True, "taskId": "t", "status": "queued", "links": {"status": "/s"}},  # noqa: E501
            "t",
            "/s",
        ),
        ("v1", {"success": True, "jobId": "t", "statusUrl": "https://h/s"}, "t", "https://h/s"),
        ("v2", {"data": {"runId": "t", "statusUrl": "https://h/s"}}, "t", "https://h/s"),
    ],
)  # fmt: skip
def test_receipts_of_all_servers_read_the_same(
    version: Any, sent: Any, task_id: str, link: str
) -> None:
    """task_id, status and links, whichever names the server has for them."""
    with serving(reply(202, sent)) as server:
        client = asked(server.url, api_version=version)
        receipt = client.execute_workflow("wf_1", async_execution=True)
    assert isinstance(receipt, models.AsyncExecutionResult)
    assert (receipt.success, receipt.status) == (True, "queued")
    assert (receipt.task_id, receipt.links) == (task_id, {"status": link})


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "open", "ticket": 7},
        {"taskId": 5, "title": "Buy milk"},
        {"jobId": "j", "statusUrl": "https://h"},
        {"data": {"status": "failed"}},
    ],
)
def test_an_authors_answer_is_not_taken_for_the_apis(answer: Any) -> None:
    """Members that the API uses elsewhere are an author's own in a run's answer."""
    with serving(reply(200, answer)) as server:
        result = asked(server.url).execute_workflow("wf_1")
    assert (result.success, result.output) == (True, answer)


def test_a_server_that_ran_it_at_once_gives_its_result() -> None:
    """Some servers take no notice of the wish to run in the background."""
    with serving(reply(200, OK)) as server:
        result: Any = asked(server.url).execute_workflow("wf_1", async_execution=True)
    assert isinstance(result, models.WorkflowExecutionResult)
    assert not hasattr(result, "task_id")


def test_an_odd_receipt_still_names_the_run() -> None:
    """The name of a run that was started is not lost because of other members."""
    sent = {"taskId": 7, "createdAt": 1_700_000_000, "links": {"status": 3},
            "message": None}  # fmt: skip
    with serving(reply(202, sent)) as server:
        receipt = asked(server.url).execute_workflow("wf_1", async_execution=True)
    assert (receipt.task_id, receipt.links) == ("7", {"status": "3"})


# -- options ----------------------------------------------------------------------


def test_options_travel_where_each_contract_reads_them() -> None:
    """Headers in the older contract, members of the body in the newer one."""
    receipt = reply(202, {"success": True, "jobId": "j"})
    options: Any = {
        "async_execution": True,
        "execution_timeout_seconds": 90,
        "run_id": "mine-1",
        "selected_outputs": ["a.b"],
    }
    with serving(receipt, reply(202, {"data": {"runId": "mine-1"}})) as server:
        asked(server.url, api_version="v1").execute_workflow("wf_1", **options)
        asked(server.url, api_version="v2").execute_workflow("wf_1", **options)
    v1, v2 = server.received
    assert v1.headers["x-execution-mode"] == "async"
    assert v1.headers["x-execution-id"] == "mine-1"
    assert v1.headers["x-execution-timeout-seconds"] == "90"
    assert v1.json() == {"selectedOutputs": ["a.b"]}
    assert v2.headers["x-run-id"] == "mine-1"
    assert "x-execution-mode" not in v2.headers
    assert v2.json() == {
        "input": {},
        "async": True,
        "executionTimeoutSeconds": 90,
        "selectedOutputs": ["a.b"],
    }


@pytest.mark.parametrize(
    "options",
    [
        {"execution_timeout_seconds": 90},
        {"execution_timeout_seconds": 604_801, "async_execution": True},
        {"execution_timeout_seconds": 0, "async_execution": True},
        {"execution_timeout_seconds": 1.5, "async_execution": True},
        {"execution_timeout_seconds": True, "async_execution": True},
    ],
)
def test_a_server_time_limit_that_cannot_be_is_not_sent(options: Any) -> None:
    """Only runs in the background have one, of 1 to 604,800 whole seconds."""
    with serving() as server:
        with pytest.raises(errors.RequestValidationError) as caught:
            asked(server.url).execute_workflow("wf_1", **options)
    assert caught.value.code == "INVALID_EXECUTION_TIMEOUT"  # type: ignore[attr-defined]
    assert server.received == []


def test_what_only_v2_has_goes_there_at_once() -> None:
    """Thinking and tool calls are asked of v2, with the header that they need."""
    with serving(DONE) as server:
        client = asked(server.url)
        client.execute_workflow("wf_1", stream=True, include_thinking=True)
    assert paths(server) == [V2_RUN]
    assert server.received[0].headers["x-sim-stream-protocol"] == "agent-events-v1"
    assert server.received[0].json()["includeThinking"] is True
    with pytest.raises(errors.RequestValidationError, match="v2"):
        asked(server.url, api_version="v1").execute_workflow(
            "wf_1", stream=True, include_tool_calls=True
        )


# -- looking up -------------------------------------------------------------------


def test_a_workflows_status_is_found_in_either_contract() -> None:
    """The older server's status, or the newer one's deployment."""
    v1 = {"isDeployed": True, "deployedAt": None, "needsRedeployment": True}
    v2 = {"data": {"id": "wf_1", "isDeployed": True, "deployedAt": "2026-01-01T00:00:00Z",  # noqa: E501
                   "needsRedeployment": False, "warnings": []}}  # fmt: skip
    with serving(reply(200, v1), PAGE, reply(200, v2)) as server:
        older = asked(server.url).get_workflow_status("wf_1")
        newer = asked(server.url).get_workflow_status("wf_1")
    assert (older.is_deployed, older.needs_redeployment) == (True, True)
    assert (newer.is_deployed, newer.needs_redeployment) == (True, False)
    assert newer.deployed_at == "2026-01-01T00:00:00Z"
    assert paths(server)[1:] == [
        "GET /api/workflows/wf_1/status",
        "GET /api/v2/workflows/wf_1/deployment",
    ]


def test_a_workflow_that_neither_contract_knows_is_not_ready() -> None:
    """The newer API's 404 is a "no"; a page of HTML in both places is an error."""
    with serving(PAGE, V2_404, PAGE, PAGE) as server:
        assert asked(server.url).validate_workflow("wf_1") is False
        with pytest.raises(errors.NotFoundError):
            asked(server.url).validate_workflow("wf_1")


# -- sending again ----------------------------------------------------------------


@pytest.mark.parametrize(
    "retry_on",
    [
        503,
        [500, 503],
        "BUSY",
        errors.InternalServerError,
        lambda error: error.status_code == 503,
    ],
)
def test_a_run_is_sent_again_where_the_caller_says_so(retry_on: Any) -> None:
    """Statuses, codes, classes and functions choose failures beyond the safe ones."""
    busy = reply(503, {"error": "busy", "code": "BUSY"})
    with serving(busy, reply(200, OK)) as server:
        client = asked(server.url, _clock=FakeClock())
        assert client.execute_workflow("wf_1", retry_on=retry_on).success
        assert len(server.received) == 2
    with serving(busy, reply(200, OK)) as server:
        client = asked(server.url, _clock=FakeClock())
        with pytest.raises(errors.InternalServerError):
            client.execute_with_retry("wf_1", retry_on=[408])
        assert len(server.received) == 1


def test_retry_on_takes_only_what_it_can_tell() -> None:
    """Another kind of choice is refused before anything is sent."""
    with pytest.raises(TypeError, match="retry_on"):
        asked("http://127.0.0.1:1").execute_workflow("wf_1", retry_on=[1.5])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (reply(503, {}, {"retry-after": "1"}), 2),
        (reply(429, {}), 2),
        (reply(503, {}), 1),
        (reply(500, {}), 1),
        (reply(408, {}), 1),
        (reply(409, {}), 1),
        (reply(502, {}, {"retry-after": "1"}), 1),
        (lambda conn, _: None, 1),
    ],
)
def test_only_refusals_are_sent_again(failure: Step, sent: int) -> None:
    """429 and 503 with Retry-After began nothing; after anything else a run may be."""
    with serving(failure, reply(200, OK)) as server:
        client = asked(server.url, _clock=FakeClock())
        try:
            client.execute_with_retry("wf_1")
        except errors.SpecwireError:
            assert sent == 1
        assert len(server.received) == sent


def test_unknown_options_are_refused() -> None:
    """A typo in an option's name is a TypeError, not ignored."""
    with pytest.raises(TypeError, match="inputs"):
        asked("http://127.0.0.1:1").execute_workflow("wf_1", inputs={})  # type: ignore[call-overload]
