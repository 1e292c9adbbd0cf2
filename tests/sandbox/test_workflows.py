"""The workflow API's operations."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from specwire.sandbox import Sandbox

from .conftest import Caller

RUN = "/api/workflows/{}/execute"
ASYNC = {"X-Execution-Mode": "async"}


def frames(text: str) -> list[object]:
    """The data of a stream's frames."""
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n")[:-1]]


def test_a_run_answers_from_its_input(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """The output holds the input; a bare body is the input."""
    answer = call("POST", RUN.format("wf_1"), json={"message": "hi"}).json()
    assert problems("executeWorkflow", answer) == []
    assert answer["success"] is True
    assert answer["output"]["input"] == {"message": "hi"}
    assert answer["metadata"]["duration"] > 0


def test_input_is_unwrapped(call: Caller) -> None:
    """A body with the member input runs with its value."""
    answer = call("POST", RUN.format("wf_1"), json={"input": {"q": 1}}).json()
    assert answer["output"]["input"] == {"q": 1}


def test_a_run_needs_no_body(call: Caller) -> None:
    """A run without a body has an empty input."""
    answer = call("POST", RUN.format("wf_1")).json()
    assert answer["output"]["input"] == {}


def test_a_run_needs_no_key(box: Sandbox) -> None:
    """Workflows can be public: no key is fine, a wrong one is not."""
    call = Caller(box)
    call.session.headers.clear()
    path = RUN.format("wf_1")
    assert call("POST", path, headers={"x-api-key": None}).status_code == 200
    wrong = call("POST", path, headers={"x-api-key": "wrong"})
    assert (wrong.status_code, wrong.json()) == (
        401,
        {
            "error": "Unauthorized: Invalid API key",
            "code": "UNAUTHORIZED:_INVALID_API_KEY",
        },
    )


@pytest.mark.parametrize(
    ("workflow", "status", "code"),
    [
        ("wf_missing_1", 404, "WORKFLOW_NOT_FOUND"),
        ("wf_undeployed", 403, "WORKFLOW_IS_NOT_DEPLOYED"),
        ("wf_fail", 500, "EXECUTION_ERROR"),
    ],
)
def test_some_names_fail(call: Caller, workflow: str, status: int, code: str) -> None:
    """The names that the module gives fail with the API's codes."""
    answer = call("POST", RUN.format(workflow), json={})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("workflow", "deployed"), [("a", True), ("wf_undeployed", False)]
)
def test_the_status_says_whether_it_is_deployed(
    call: Caller,
    problems: Callable[..., list[str]],
    workflow: str,
    deployed: bool,
) -> None:
    """All workflows are deployed but those named otherwise."""
    status = call("GET", f"/api/workflows/{workflow}/status").json()
    assert problems("getWorkflowStatus", status) == []
    assert status["isDeployed"] is deployed


def test_a_background_run_moves_on_with_every_look(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """queued, processing, completed; the receipt links to the job."""
    answer = call("POST", RUN.format("wf_1"), json={"a": 1}, headers=ASYNC)
    receipt = answer.json()
    assert (answer.status_code, receipt["status"]) == (202, "queued")
    assert problems("executeWorkflow", receipt, "202") == []
    looks = [call("GET", receipt["links"]["status"]).json() for _ in range(3)]
    assert [look["status"] for look in looks] == ["queued", "processing", "completed"]
    assert [problems("getJob", look) for look in looks] == [[], [], []]
    assert "estimatedDuration" in looks[0]
    assert looks[2]["output"]["input"] == {"a": 1}
    assert looks[2]["metadata"]["duration"] > 0


def test_a_failed_background_run_says_why(call: Caller) -> None:
    """The job of a failing workflow ends failed, with an error and no output."""
    receipt = call("POST", RUN.format("wf_fail"), headers=ASYNC).json()
    for _ in range(3):
        job = call("GET", receipt["links"]["status"]).json()
    assert job["status"] == "failed"
    assert job["error"] and "output" not in job


def test_the_number_of_looks_is_configurable() -> None:
    """With job_steps=0 the first look finds the run completed."""
    with Sandbox(job_steps=0) as box:
        call = Caller(box)
        receipt = call("POST", RUN.format("wf_1"), headers=ASYNC).json()
        assert call("GET", receipt["links"]["status"]).json()["status"] == "completed"


def test_an_unknown_job_is_not_found(call: Caller) -> None:
    """A job nobody started is a 404 with the API's code."""
    answer = call("GET", "/api/jobs/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "TASK_NOT_FOUND")


def test_a_stream_has_chunks_a_result_and_a_mark(call: Caller) -> None:
    """Text in pieces, then the result, then the quoted [DONE]."""
    body = {"message": "hi", "stream": True}
    answer = call("POST", RUN.format("wf_1"), json=body)
    *chunks, final, mark = frames(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert final["event"] == "final"  # type: ignore[index]
    assert mark == "[DONE]"
    assert answer.text.endswith('data: "[DONE]"\n\n')
    text = "".join(chunk["chunk"] for chunk in chunks)  # type: ignore[index]
    assert text == final["data"]["output"]["content"]  # type: ignore[index]


def test_selected_outputs_are_streamed_by_block(call: Caller) -> None:
    """Each selected output has its block; the second begins with an empty line."""
    body = {"stream": True, "selectedOutputs": ["a.content", "b.content"]}
    *chunks, final, _ = frames(call("POST", RUN.format("wf_1"), json=body).text)
    second = next(c for c in chunks if c["blockId"] == "b")  # type: ignore[index]
    assert second["chunk"].startswith("\n\n")  # type: ignore[index]
    assert set(final["data"]["output"]) == {"a", "b"}  # type: ignore[index]


def test_a_failing_stream_ends_without_the_mark(call: Caller) -> None:
    """A failed run streams its error and nothing else."""
    answer = call("POST", RUN.format("wf_fail"), json={"stream": True})
    assert [frame["event"] for frame in frames(answer.text)] == ["error"]  # type: ignore[index]


def test_runs_count_against_the_limits(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Every run takes one from its kind and costs something."""
    path = "/api/users/me/usage-limits"
    before = call("GET", path).json()
    call("POST", RUN.format("wf_1"))
    call("POST", RUN.format("wf_1"), headers=ASYNC)
    after = call("GET", path).json()
    assert problems("getUsageLimits", after) == []
    for kind in ("sync", "async"):
        left = [limits["rateLimit"][kind]["remaining"] for limits in (before, after)]
        assert left[0] - left[1] == 1
    assert after["usage"]["currentPeriodCost"] > before["usage"]["currentPeriodCost"]


def test_the_limits_need_a_key(call: Caller) -> None:
    """Without a key the limits are a 401 with the API's code."""
    answer = call("GET", "/api/users/me/usage-limits", headers={"x-api-key": None})
    assert (answer.status_code, answer.json()["code"]) == (
        401,
        "AUTHENTICATION_REQUIRED",
    )
