"""The workflow calls through the front door."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import Client, errors, models
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from ..scripted import chunked, reply, serving

OK = {"success": True, "output": {"content": "hi"}, "metadata": {"duration": 610}}


def asked(url: str, **options: Any) -> Client:
    options.setdefault("api_keys", {"sim": "sk-1"})
    return Client(base_urls={"sim": url}, **options)


def test_a_run_returns_its_result(client: Client) -> None:
    """execute_workflow waits for the run and gives output and metadata."""
    result: Any = client.execute_workflow("wf_1", {"message": "Hello"})
    assert isinstance(result, models.WorkflowExecutionResult)
    assert result.success is True
    assert "Hello" in str(result.output)
    assert result._reply.attempts == 1


def test_input_is_spread_at_the_root() -> None:
    """The members of a mapping are the body's; control members stand beside them."""
    with serving(reply(200, OK), reply(200, OK)) as server:
        client = asked(server.url)
        client.execute_workflow("wf_1", input_data={"message": "x"})
        client.execute_workflow("wf_1", [1, 2])
    assert server.received[0].json() == {"message": "x"}
    assert server.received[1].json() == {"input": [1, 2]}


def test_input_with_a_control_name_is_not_lost() -> None:
    """An input that has a control member's name travels as a whole."""
    with serving(reply(200, OK)) as server:
        asked(server.url).execute_workflow("wf_1", {"stream": "of data"})
    assert server.received[0].json() == {"input": {"stream": "of data"}}


def test_a_streamed_run_reads_like_a_result_at_its_end(client: Client) -> None:
    """Text arrives piece by piece; afterwards success and output are there."""
    stream: Any = client.execute_workflow("wf_1", {"message": "Count"}, stream=True)
    assert stream.success is None
    text = "".join(stream.text_stream)
    assert text and stream.text == text
    assert stream.success is True
    assert stream.output is not None


@pytest.mark.parametrize("mark", [b'"[DONE]"', b"[DONE]"])
@pytest.mark.parametrize("kind", ["final", "done"])
def test_both_ends_of_a_stream_are_known(mark: bytes, kind: str) -> None:
    """``final`` and ``done``, quoted and bare end marks: each ends a stream."""
    last = {
        "final": b'{"event":"final","data":{"success":true,"output":{"a":1}}}',
        "done": b'{"event":"done","success":true,"output":{"a":1},"metadata":{"d":1}}',
    }[kind]
    frames = b"".join(
        b"data: " + data + b"\n\n" for data in (b'{"blockId":"b","chunk":"One"}', last)
    )
    with serving(chunked(frames, b"data: " + mark + b"\n\n")) as server:
        stream: Any = asked(server.url).execute_workflow(
            "wf_1", {"m": 1}, stream=True, selected_outputs=["a.content"]
        )
        assert list(stream.text_stream) == ["One"]
    assert (stream.success, stream.output) == (True, {"a": 1})
    assert server.received[0].json() == {
        "m": 1,
        "stream": True,
        "selectedOutputs": ["a.content"],
    }


def test_a_cut_run_is_a_stream_error() -> None:
    """A stream that ends before its last frame is never a quiet success."""
    with serving(chunked(b'data: {"blockId":"b","chunk":"x"}\n\n')) as server:
        stream: Any = asked(server.url).execute_workflow("wf_1", stream=True)
        with pytest.raises(errors.StreamError):
            stream.until_done()
    assert stream.text == "x"
    assert stream.success is None


def test_an_error_frame_is_raised() -> None:
    """A run that fails while it streams raises with the server's words."""
    with serving(chunked(b'data: {"event":"error","error":"Agent 1: boom"}\n\n')) as s:
        stream: Any = asked(s.url).execute_workflow("wf_1", stream=True)
        with pytest.raises(errors.APIStatusError, match="boom"):
            stream.until_done()


def test_an_asynchronous_run_is_followed_to_its_end(client: Client) -> None:
    """The receipt has a task id; jobs.wait gives the finished job."""
    receipt: Any = client.execute_workflow("wf_1", {"a": 1}, async_execution=True)
    assert receipt.status == "queued"
    assert receipt.links["status"].endswith(receipt.task_id)
    states: list[str] = []
    job = client.jobs.wait(
        receipt.task_id, first_delay=0.01, on_progress=lambda j: states.append(j.status)
    )
    assert states[-1] == job.status == "completed"
    assert client.get_job_status(receipt.task_id)["status"] == "completed"


def test_newer_receipts_read_the_same() -> None:
    """``jobId`` and ``statusUrl`` of newer servers are task_id and links."""
    receipt = {"success": True, "jobId": "job_1", "statusUrl": "https://h/api/jobs/1"}
    with serving(reply(202, receipt), reply(200, {"status": "pending"})) as server:
        client = asked(server.url)
        result: Any = client.execute_workflow("wf_1", async_execution=True)
        assert (result.task_id, result.status) == ("job_1", "queued")
        assert result.links["status"] == "https://h/api/jobs/1"
        assert client.get_job_status("job_1")["status"] == "queued"
    assert server.received[0].headers["x-execution-mode"] == "async"


@pytest.mark.parametrize("body", [{"greeting": "hi"}, [1, 2], "text", 7])
def test_an_authors_own_answer_is_the_output(body: Any) -> None:
    """A workflow may answer with any JSON; it is the output of a run that succeeded."""
    import json

    with serving(reply(200, json.dumps(body))) as server:
        result: Any = asked(server.url).execute_workflow("wf_1")
    assert (result.success, result.output) == (True, body)


def test_html_is_still_an_error() -> None:
    """A page of HTML is nobody's answer."""
    with serving(reply(200, b"<html>", content_type="text/html")) as server:
        with pytest.raises(errors.DecodeError, match="text/html"):
            asked(server.url).execute_workflow("wf_1")


def test_a_run_that_may_have_begun_is_not_sent_again() -> None:
    """After 500 there is one request, unless the caller gave an idempotency key."""
    with serving(reply(500, {"error": "boom"})) as server:
        with pytest.raises(errors.InternalServerError, match="boom"):
            asked(server.url).execute_workflow("wf_1")
        assert len(server.received) == 1
    with serving(reply(500, {}), reply(200, OK)) as server:
        client = asked(server.url, _clock=FakeClock())
        result: Any = client.execute_workflow("wf_1", idempotency_key="day-1")
        assert result._reply.attempts == 2
    assert [r.headers["idempotency-key"] for r in server.received] == ["day-1"] * 2


def test_execute_with_retry_waits_as_it_is_told() -> None:
    """Backoff doubles up to its cap; Retry-After is a floor."""
    clock = FakeClock(chance=0.5)
    failures = [reply(429, {}), reply(429, {}, {"retry-after": "20"}), reply(429, {})]
    with serving(*failures, reply(200, OK)) as server:
        client = asked(server.url, _clock=clock)
        result: Any = client.execute_with_retry(
            "wf_1", initial_delay=1.0, max_delay=3.0, backoff_multiplier=2.0
        )
    assert result._reply.attempts == 4
    assert clock.slept[0] == 1.0
    assert 20.0 <= clock.slept[1] <= 20.5
    assert clock.slept[2] == 3.0


def test_a_wait_that_does_not_fit_is_an_error_at_once() -> None:
    """A Retry-After beyond the time limit is not slept through."""
    clock = FakeClock()
    with serving(reply(429, {}, {"retry-after": "600"})) as server:
        client = asked(server.url, _clock=clock)
        with pytest.raises(errors.RateLimitError) as caught:
            client.execute_with_retry("wf_1", timeout=30)
    assert caught.value.retry_after_s == 600
    assert clock.slept == []


def test_status_and_validation(client: Client, box: Sandbox) -> None:
    """A deployed workflow is ready, an undeployed or missing one is not."""
    assert client.get_workflow_status("wf_1").is_deployed is True
    assert client.validate_workflow("wf_1") is True
    assert client.validate_workflow("wf_undeployed_1") is False
    assert client.validate_workflow("wf_missing_1") is False


def test_validation_does_not_guess() -> None:
    """A server that is down is an error, not a "no"."""
    client = asked("http://127.0.0.1:1", max_retries=0)
    with pytest.raises(errors.APIConnectionError):
        client.validate_workflow("wf_1")


def test_usage_limits_read_as_documented(client: Client) -> None:
    """rate_limit and usage are mappings with the server's own names."""
    limits = client.get_usage_limits()
    assert limits.success is True
    assert limits.rate_limit["sync"]["remaining"] >= 0
    assert isinstance(limits.usage["plan"], str)
    assert client.usage.limits().rate_limit.sync.remaining >= 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ratelimit-limit": "100.0", "x-ratelimit-remaining": "5"}, (100, 5, 0)),
        ({"x-ratelimit-limit": "60;w=60"}, (60, 0, 0)),
        ({"x-ratelimit-limit": "unlimited"}, (0, 0, 0)),
        ({"x-ratelimit-reset": "1700000000"}, (0, 0, 1700000000)),
        ({"x-ratelimit-reset": "1700000000123"}, (0, 0, 1700000000)),
        ({"x-ratelimit-reset": "2023-11-14T22:13:20Z"}, (0, 0, 1700000000)),
        ({"x-ratelimit-reset": "soon"}, (0, 0, 0)),
    ],
)
def test_a_bad_quota_header_harms_nothing(
    headers: dict[str, str], expected: tuple[int, int, int]
) -> None:
    """Whatever the headers say, the result is returned and the quota is readable."""
    with serving(reply(200, OK, headers)) as server:
        client = asked(server.url)
        assert client.get_rate_limit_info() is None
        client.execute_workflow("wf_1")
    info = client.get_rate_limit_info()
    assert info is not None
    assert (info.limit, info.remaining, info.reset) == expected


def test_key_and_url_can_be_replaced() -> None:
    """set_api_key and set_base_url count from the next call on."""
    with serving(reply(200, OK)) as first, serving(reply(200, OK)) as second:
        client = asked(first.url)
        client.execute_workflow("wf_1")
        client.set_api_key("sk-2")
        client.set_base_url(second.url + "/")
        client.execute_workflow("wf_1")
    assert first.received[0].headers["x-api-key"] == "sk-1"
    assert second.received[0].headers["x-api-key"] == "sk-2"


def test_a_public_workflow_needs_no_key() -> None:
    """Without a key the run is asked for anonymously."""
    with serving(reply(200, OK)) as server:
        Client(base_urls={"sim": server.url}).execute_workflow("wf_1")
    assert "x-api-key" not in server.received[0].headers


def test_a_redirect_to_another_host_is_refused() -> None:
    """301 to another origin is an error; the run and its key go nowhere."""
    with serving() as other:
        moved = reply(
            301, b"", {"Location": other.url.replace("127.0.0.1", "localhost")}
        )
        with serving(moved) as server:
            with pytest.raises(errors.APIStatusError, match="redirect"):
                asked(server.url).execute_workflow("wf_1")
        assert other.received == []


def test_with_closes_the_client(box: Sandbox) -> None:
    """After ``with`` a call is refused with a clear error."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as client:
        client.execute_workflow("wf_1")
    with pytest.raises(errors.CancelledError, match="closed"):
        client.execute_workflow("wf_1")
