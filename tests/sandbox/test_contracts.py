"""The second contract of the workflow API, and how a server has one or both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from specwire.sandbox import Sandbox
from specwire.sandbox.contracts import Served

from .conftest import NOW, Caller

Problems = Callable[..., list[str]]
V2 = "/api/v2"
WORKFLOWS = f"{V2}/workflows"
FIRST = "/api/workflows/wf_1/execute"
SECOND = f"{WORKFLOWS}/wf_1/execute"


def run(call: Caller, workflow: str = "wf_1", **body: Any) -> Any:
    return call("POST", f"{WORKFLOWS}/{workflow}/execute", json=body)


def frames(text: str) -> list[Any]:
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n")[:-1]]


@pytest.mark.parametrize(
    ("served", "statuses"),
    [("v1", (200, 404)), ("v2", (404, 200)), ("both", (200, 200))],
)
def test_a_server_has_one_contract_or_both(
    served: Served, statuses: tuple[int, int]
) -> None:
    """On the other's paths it answers as on any page that is not there."""
    with Sandbox(sim=served) as box:
        call = Caller(box)
        answers = [call("POST", path, json={}) for path in (FIRST, SECOND)]
        assert tuple(answer.status_code for answer in answers) == statuses
        kinds = {a.headers["content-type"] for a in answers if a.status_code == 404}
        assert kinds <= {"text/html; charset=utf-8"}


def test_a_run_is_enveloped(call: Caller, problems: Problems) -> None:
    """The value is the member data; the run's id is a header too."""
    answer = run(call, input={"q": 1})
    assert problems("startWorkflowRun", answer.json()) == []
    data = answer.json()["data"]
    assert (data["status"], data["output"]["input"]) == ("completed", {"q": 1})
    assert answer.headers["x-run-id"] == data["runId"]


def test_a_failed_run_is_no_error(call: Caller, problems: Problems) -> None:
    """The status is 200, the run's is failed."""
    answer = run(call, "wf_fail")
    assert (answer.status_code, problems("startWorkflowRun", answer.json())) == (
        200,
        [],
    )
    assert answer.json()["data"]["error"]["code"] == "BLOCK_EXECUTION_FAILED"


@pytest.mark.parametrize(
    ("workflow", "status", "code"),
    [("wf_missing", 404, "NOT_FOUND"), ("wf_undeployed", 403, "FORBIDDEN")],
)
def test_errors_have_a_code_a_status(
    call: Caller, workflow: str, status: int, code: str
) -> None:
    """An error is an object with a code and a message."""
    answer = run(call, workflow)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message"]


def test_a_run_s_name_can_be_used_once(call: Caller) -> None:
    """A second run of the same id is a conflict, not the first one again."""
    for status in (200, 409):
        answer = call("POST", SECOND, json={}, headers={"X-Run-Id": "mine"})
        assert answer.status_code == status
    assert answer.json()["error"]["details"]["code"] == "RUN_ID_CONFLICT"


@pytest.mark.parametrize("workflow", ["wf_1", "wf_fail"])
def test_a_stream_ends_with_the_mark_in_any_case(call: Caller, workflow: str) -> None:
    """By this contract a failed run's stream has it too."""
    *_, last, mark = frames(run(call, workflow, stream=True).text)
    assert last["event"] == ("error" if workflow == "wf_fail" else "final")
    assert mark == "[DONE]"


def test_thoughts_need_their_protocol(call: Caller) -> None:
    """Without the header a 400, with it frames of every kind that was asked for."""
    body = {"stream": True, "includeThinking": True}
    refused = run(call, "wf_think", **body)
    assert refused.status_code == 400
    headers = {"X-Sim-Stream-Protocol": "agent-events-v1"}
    path = f"{WORKFLOWS}/wf_think/execute"
    found = frames(call("POST", path, json=body, headers=headers).text)
    kinds = {frame["event"] for frame in found if "event" in frame}
    assert kinds == {"thinking", "chunk_reset", "final"}


def test_one_block_may_lose_its_stream(call: Caller) -> None:
    """The run goes on to its result."""
    kinds = [
        frame.get("event")
        for frame in frames(run(call, "wf_block_error", stream=True).text)[:-1]
    ]
    assert kinds[-2:] == ["stream_error", "final"]


def test_a_run_in_the_background_moves_on(call: Caller, problems: Problems) -> None:
    """queued, running, completed; the receipt has the whole address."""
    answer = run(call, **{"async": True})
    assert (answer.status_code, problems("startWorkflowRun", answer.json(), "202")) == (
        202,
        [],
    )
    path = answer.json()["data"]["statusUrl"].removeprefix(call.box.url)
    looks = [
        call("GET", path, params={"includeOutput": "true"}).json() for _ in range(3)
    ]
    assert [look["data"]["status"] for look in looks] == [
        "queued",
        "running",
        "completed",
    ]
    assert [problems("getWorkflowRun", look) for look in looks] == [[], [], []]
    assert [look["data"]["output"] is None for look in looks] == [True, True, False]


def test_a_paused_run_goes_on_as_another(call: Caller, problems: Problems) -> None:
    """The first attempt comes too early, the second starts a new run."""
    paused = run(call, "wf_pause").json()["data"]
    path = f"{WORKFLOWS}/wf_pause/runs/{paused['runId']}"
    found = call("GET", path).json()
    assert problems("getWorkflowRun", found) == []
    body = {"contextId": found["data"]["paused"]["contextId"], "input": {"ok": True}}
    early, answer, late = (call("POST", f"{path}/resume", json=body) for _ in range(3))
    assert [a.status_code for a in (early, answer, late)] == [404, 200, 409]
    assert problems("resumeWorkflowRun", answer.json()) == []
    assert answer.json()["data"]["runId"] != paused["runId"]


def test_cancelling_says_what_became_of_it(call: Caller, problems: Problems) -> None:
    """A run that goes on ends, one that has ended is left alone."""
    run_id = run(call, **{"async": True}).json()["data"]["runId"]
    path = f"{WORKFLOWS}/wf_1/runs/{run_id}/cancel"
    answers = [call("POST", path).json() for _ in range(2)]
    assert [problems("cancelWorkflowRun", each) for each in answers] == [[], []]
    reasons = [each["data"]["reason"] for each in answers]
    assert reasons == ["recorded", "already_cancelled"]


def test_a_response_block_makes_the_reply(call: Caller) -> None:
    """Its status and headers by the first contract, in the output by the second."""
    said = {"status": 201, "headers": {"X-Own": "1"}, "data": [1, 2]}
    first = call("POST", "/api/workflows/wf_response/execute", json=said)
    assert (first.status_code, first.headers["x-own"], first.json()) == (
        201,
        "1",
        [1, 2],
    )
    second = run(call, "wf_response", input=said)
    assert (second.status_code, second.json()["data"]["output"]) == (200, said)


@pytest.mark.parametrize(
    ("query", "word"),
    [("limt=1", "Unrecognized"), ("status=", "blank"), ("limit=1&limit=2", "repeated")],
)
def test_queries_are_strict(call: Caller, query: str, word: str) -> None:
    """What is unknown, blank or repeated is a 400 that says so."""
    answer = call("GET", f"{WORKFLOWS}/wf_1/runs?{query}")
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]


def test_lists_go_on_where_the_cursor_says(call: Caller, problems: Problems) -> None:
    """Pages hold all items once; the last one has no cursor."""
    made = [run(call).json()["data"]["runId"] for _ in range(3)]
    found: list[str] = []
    asked = {"limit": "2"}
    for _ in range(2):
        page = call("GET", f"{WORKFLOWS}/wf_1/runs", params=asked).json()
        assert problems("listWorkflowRuns", page) == []
        found += [each["runId"] for each in page["data"]]
        asked = {"limit": "2", "cursor": page["nextCursor"]}
    assert (found, page["nextCursor"]) == (made[::-1], None)


@pytest.mark.parametrize(
    ("status", "code"), [(429, "RATE_LIMITED"), (503, "SERVICE_UNAVAILABLE")]
)
def test_ordered_faults_have_its_shape(call: Caller, status: int, code: str) -> None:
    """What fails on order says so as this contract does."""
    call.box.fail("POST /api/v2/workflows/*/execute", status, retry_after=2)
    answer = run(call)
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "2")
    assert answer.json()["error"]["code"] == code


def test_an_input_of_more_than_10_mb_is_refused(call: Caller) -> None:
    """Files of a workspace may be larger."""
    text = "x" * (10 << 20)
    large = run(call, input={"text": text})
    assert (large.status_code, large.json()["error"]["code"]) == (
        413,
        "PAYLOAD_TOO_LARGE",
    )
    body = {"workspaceId": "ws", "name": "a", "content": text}
    assert call("POST", f"{V2}/files", json=body).status_code == 201


# -- limits ------------------------------------------------------------------------


@pytest.fixture
def few() -> Iterator[Caller]:
    """A server that allows three runs a minute, at a time that the test sets."""
    now = [NOW]
    with Sandbox(clock=lambda: now[0], sim_limits={"runs": 3, "cost": 0.025}) as box:
        caller = Caller(box)
        caller.now = now  # type: ignore[attr-defined]
        yield caller


def test_headers_count_down(few: Caller) -> None:
    """The second contract says with every answer what is left and until when."""
    left = [run(few).headers["x-ratelimit-remaining"] for _ in range(3)]
    refused = run(few)
    assert left == ["2", "1", "0"]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["error"]["code"] == "RATE_LIMITED"


def test_both_contracts_count_the_same_runs(few: Caller) -> None:
    """The first one has no headers for it, and says it in words."""
    answers = [few("POST", FIRST, json={}) for _ in range(3)]
    assert not [a for a in answers if "x-ratelimit-remaining" in a.headers]
    limits = few("GET", "/api/users/me/usage-limits").json()["rateLimit"]["sync"]
    assert (limits["remaining"], limits["isLimited"]) == (0, True)
    refused = few("POST", FIRST, json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert "retry-after" not in refused.headers
    assert run(few).status_code == 429


def test_a_minute_later_there_is_more(few: Caller) -> None:
    """Until the money is spent."""
    statuses = [run(few).status_code for _ in range(4)]
    few.now[0] += 60  # type: ignore[attr-defined]
    statuses += [run(few).status_code for _ in range(3)]
    assert statuses == [200, 200, 200, 429, 200, 200, 402]
    assert few("POST", FIRST).json()["code"] == "USAGE_LIMIT_EXCEEDED"
    assert (
        few("GET", f"{V2}/billing/status").json()["data"]["status"] == "limit_exceeded"
    )
