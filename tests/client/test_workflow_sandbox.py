"""The same program against servers of both contracts, which check each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from specwire import Client, errors, models
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock


@pytest.fixture(params=["v1", "v2", "both"])
def client(request: Any) -> Iterator[Client]:
    """A client that finds out what its server speaks, and checks what it sends."""
    with (
        Sandbox(sim=request.param) as box,
        Client(
            api_keys=box.api_keys,
            base_urls=box.base_urls,
            strict=True,
            _clock=FakeClock(),
        ) as made,
    ):
        yield made


def test_a_run_is_the_same_by_both_contracts(client: Client) -> None:
    """Result, stream, receipt and status, whichever server is asked."""
    result = client.execute_workflow("wf_1", {"message": "Hello", "file": b"x"})
    assert (result.success, result.status) == (True, "completed")
    assert "Hello" in str(result.output)
    with client.execute_workflow("wf_1", {"message": "Hello"}, stream=True) as stream:
        assert "".join(stream.text_stream) == stream.text != ""
    assert (stream.success, stream.status) == (True, "completed")
    receipt = client.execute_workflow("wf_1", {"a": 1}, async_execution=True)
    assert receipt.task_id is not None
    assert client.get_job_status(receipt.task_id)["status"] in ("queued", "processing")
    job = client.jobs.wait(receipt.task_id)
    assert (job.status, job.task_id) == ("completed", receipt.task_id)
    assert client.get_workflow_status("wf_1").is_deployed is True
    assert client.validate_workflow("wf_undeployed") is False
    assert client.validate_workflow("wf_missing") is False


def test_usage_limits_are_the_older_contracts() -> None:
    """A server without its paths is a 404 that says where to look instead."""
    with Sandbox(sim="v2") as box:
        client = Client(api_keys=box.api_keys, base_urls=box.base_urls)
        with pytest.raises(errors.NotFoundError, match=r"billing\.status"):
            client.get_usage_limits()
        assert client.billing.status().plan


def test_a_run_that_fails_says_so(client: Client) -> None:
    """An error by the first contract, a result with ``success`` false by the second."""
    try:
        result = client.execute_workflow("wf_fail")
    except errors.APIStatusError as error:
        assert error.status_code == 500
    else:
        assert (result.success, result.status) == (False, "failed")
        assert result.error


def test_a_workflow_that_is_not_there_is_asked_for_once(client: Client) -> None:
    """Its 404 is the API's own, whichever it is."""
    client.validate_workflow("wf_1")
    with pytest.raises(errors.NotFoundError) as caught:
        client.execute_workflow("wf_missing")
    assert caught.value.attempts == 1


def test_a_paused_run_is_waited_for_and_resumed() -> None:
    """wait gives it with its context; resume outlasts the moment it is not found."""
    with (
        Sandbox(sim="v2") as box,
        Client(
            api_keys=box.api_keys, base_urls=box.base_urls, _clock=FakeClock()
        ) as client,
    ):
        receipt = client.execute_workflow("wf_pause", async_execution=True)
        assert receipt.task_id is not None
        job: Any = client.jobs.wait(receipt.task_id)
        assert job.status == "paused"
        resumed = client.workflows.runs.resume(
            "wf_pause", receipt.task_id, context_id=job.paused["contextId"]
        )
        assert resumed.run_id != receipt.task_id
        runs = {run.run_id for run in client.workflows.runs.list("wf_pause")}
        assert {receipt.task_id, resumed.run_id} <= runs


def test_thoughts_and_tool_calls_are_streamed_to_who_asks() -> None:
    """A server of both contracts is asked by the second one for them."""
    with (
        Sandbox() as box,
        Client(api_keys=box.api_keys, base_urls=box.base_urls) as client,
    ):
        stream = client.execute_workflow(
            "wf_think", stream=True, include_thinking=True, include_tool_calls=True
        )
        kinds = {type(event) for event in stream}
    assert {models.WorkflowThinking, models.WorkflowTool} <= kinds
    assert stream.success is True
    assert "".join(stream.blocks.values()) == stream.text


def test_the_quota_counts_down() -> None:
    """Each result of the second contract has the quota that came with it."""
    with (
        Sandbox(sim="v2") as box,
        Client(api_keys=box.api_keys, base_urls=box.base_urls) as client,
    ):
        quotas = [
            client.execute_workflow("wf_1")._reply.rate_limit  # type: ignore[union-attr]
            for _ in range(3)
        ]
    left = [quota.remaining for quota in quotas if quota is not None]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 3
