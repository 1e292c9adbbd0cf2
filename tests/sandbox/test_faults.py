"""Failures on order: by rule and by header, in each API's own shape."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from specwire.sandbox import Sandbox
from specwire.sandbox.faults import Fault, Faults, from_header, many
from specwire.sandbox.values import Refused

from .conftest import Caller, events, message


def send(call: Caller, **options: Any) -> requests.Response:
    """One message request."""
    stream = bool(options.pop("events", False))
    return call("POST", "/v1/messages", json=message(stream=stream), **options)


def test_the_next_calls_fail_and_then_no_more(call: Caller) -> None:
    """One call per status fails, in order, with the header that says when to retry."""
    call.box.fail("POST /v1/messages", [429, 529], retry_after=0.2)
    answers = [send(call) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 529, 200]
    assert [a.headers.get("retry-after") for a in answers] == ["0.2", "0.2", None]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (529, "overloaded_error"),
    ],
)
def test_a_failure_has_the_messages_apis_shape(
    call: Caller, status: int, kind: str
) -> None:
    """type, error.type, error.message and the request's id."""
    call.box.fail("POST /v1/messages", status)
    answer = send(call)
    body = answer.json()
    assert (answer.status_code, body["type"], body["error"]["type"]) == (
        status,
        "error",
        kind,
    )
    assert body["request_id"] == answer.headers["request-id"]


def test_a_failure_has_the_workflow_apis_shape(call: Caller) -> None:
    """error and code, and the id in another header."""
    call.box.fail("GET /api/jobs/*", 429)
    answer = call("GET", "/api/jobs/x")
    assert answer.json() == {
        "error": "Rate limit exceeded",
        "code": "RATE_LIMIT_EXCEEDED",
    }
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("GET /v1/models/{model_id}", True),
        ("GET /v1/models/*", True),
        ("* /v1/models/a", True),
        ("/v1/models/a", True),
        ("get /v1/models/a", True),
        ("POST /v1/models/a", False),
        ("GET /v1/models", False),
        ("GET /v1/*", False),
    ],
)
def test_a_pattern_matches_segments(pattern: str, hit: bool) -> None:
    """A star and a placeholder stand for one segment, a star for any method."""
    faults = Faults()
    faults.add(pattern, [Fault(status=500)])
    assert (faults.take("GET", "/v1/models/a", None) is not None) is hit


def test_a_pattern_needs_a_path() -> None:
    """A pattern without a path is refused at once."""
    with pytest.raises(ValueError, match="expected 'METHOD /path'"):
        Faults().add("messages.create", [])


def test_an_answer_is_late(call: Caller) -> None:
    """latency_s passes before the answer."""
    call.box.fail("POST /v1/messages", latency_s=0.05)
    started = time.monotonic()
    assert send(call).status_code == 200
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("size", [0, 120])
def test_an_answer_is_cut(call: Caller, streamed: bool, size: int) -> None:
    """The connection is cut after so many bytes of the body."""
    call.box.fail("POST /v1/messages", cut_after=size)
    answer = send(call, events=streamed, stream=True)
    got = b""
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        for piece in answer.iter_content(1):
            got += piece
    assert len(got) == size


def test_an_answer_drips(call: Caller) -> None:
    """drip_s passes after every byte."""
    call.box.fail("GET /v1/models/*", drip_s=0.0002)
    started = time.monotonic()
    answer = call("GET", "/v1/models/claude-opus-4-8")
    assert time.monotonic() - started >= 0.0002 * len(answer.content)
    assert answer.json()["id"] == "claude-opus-4-8"


def test_a_stream_drips_whole(call: Caller) -> None:
    """A dripping stream is complete in the end."""
    call.box.fail("POST /v1/messages", drip_s=0.00001)
    assert events(send(call, events=True))[-1][0] == "message_stop"


def test_a_connection_is_dropped(call: Caller) -> None:
    """With drop there is no answer at all."""
    call.box.fail("POST /v1/messages", drop=True)
    with pytest.raises(requests.exceptions.ConnectionError):
        send(call)
    assert send(call).status_code == 200


def test_json_comes_where_a_stream_was_asked(call: Caller) -> None:
    """as_json answers a stream's request with whole JSON."""
    call.box.fail("POST /v1/messages", as_json=True)
    answer = send(call, events=True)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["type"] == "message"


def test_a_stream_breaks_with_an_error_event(call: Caller) -> None:
    """stream_error ends a stream with an error event of that type."""
    call.box.fail("POST /v1/messages", stream_error="overloaded_error")
    name, data = events(send(call, events=True))[-1]
    assert (name, data["error"]["type"]) == ("error", "overloaded_error")


def test_a_workflows_stream_breaks_in_its_shape(call: Caller) -> None:
    """The workflow API's error event has no name and a text."""
    call.box.fail("* /api/workflows/*/execute", stream_error="boom")
    path = "/api/workflows/w/execute"
    answer = call("POST", path, json={"stream": True})
    assert events(answer)[-1] == ("", {"event": "error", "error": "boom"})


@pytest.mark.parametrize(
    ("body", "text"), [({"a": 1}, '{"a":1}'), (b"<html>", "<html>")]
)
def test_a_body_is_replaced(call: Caller, body: Any, text: str) -> None:
    """A body of one's own comes with the status, as JSON or as it is."""
    call.box.fail("POST /v1/messages", 502, body=body, headers={"X-Proxy": "1"})
    answer = send(call)
    assert (answer.status_code, answer.text) == (502, text)
    assert answer.headers["x-proxy"] == "1"


def test_a_body_can_come_with_200(call: Caller) -> None:
    """Nonsense with a good status is possible, its type included."""
    kind = {"content-type": "text/html"}
    call.box.fail("POST /v1/messages", 200, body=b"<html>", headers=kind)
    answer = send(call)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")


def test_a_redirect_can_be_ordered(call: Caller) -> None:
    """A status below 400 comes without an error body."""
    call.box.fail("POST /v1/messages", 301, headers={"location": "/elsewhere"})
    answer = send(call, allow_redirects=False)
    assert (answer.status_code, answer.content) == (301, b"")


def test_none_in_a_row_lets_a_call_pass(call: Caller) -> None:
    """None among the statuses is a call that succeeds."""
    call.box.fail("POST /v1/messages", [500, None], times=2)
    codes = [send(call).status_code for _ in range(5)]
    assert codes == [500, 200, 500, 200, 200]


def test_a_header_fails_its_own_request(call: Caller) -> None:
    """The header works for its request and leaves the rules alone."""
    call.box.fail("POST /v1/messages", 500)
    fault = {"x-sandbox-fault": "status=529; retry-after=0.1; latency=0.01"}
    answer = send(call, headers=fault)
    assert (answer.status_code, answer.headers["retry-after"]) == (529, "0.1")
    assert send(call).status_code == 500


def test_a_header_is_read_part_by_part() -> None:
    """Each part sets its member; flags need no value."""
    text = "status=529; retry-after=0.1; latency=0.05; cut=120; drip=0.01; json"
    assert from_header(text) == Fault(
        status=529,
        retry_after=0.1,
        latency_s=0.05,
        cut_after=120,
        drip_s=0.01,
        as_json=True,
    )


@pytest.mark.parametrize("text", ["status=x", "explode"])
def test_an_unknown_part_is_refused(text: str) -> None:
    """A part that is not understood is a 400 that lists the known ones."""
    with pytest.raises(Refused, match="retry-after") as caught:
        from_header(text)
    assert caught.value.status == 400


def test_a_rule_may_be_made_before_the_start() -> None:
    """A failure ordered before the sandbox listens is not forgotten."""
    box = Sandbox()
    box.fail("GET /v1/models", 500)
    with box:
        assert Caller(box)("GET", "/v1/models").status_code == 500


def test_reset_forgets_the_rules(call: Caller) -> None:
    """After a reset nothing fails and nothing was received."""
    call.box.fail("POST /v1/messages", 500)
    send(call, headers={"x-sandbox-fault": "status=500"})
    call.box.reset()
    assert call.box.requests == []
    assert send(call).status_code == 200


def test_a_failed_request_is_received_all_the_same(box: Sandbox, call: Caller) -> None:
    """The list of requests has what failed, with the status it got."""
    box.fail("POST /v1/messages", 529)
    answer = send(call)
    received = box.requests[-1]
    assert (received.method, received.path, received.status) == (
        "POST",
        "/v1/messages",
        529,
    )
    assert received.request_id == answer.headers["request-id"]
    assert received.json() == json.loads(answer.request.body or "")


def test_faults_of_several_kinds_come_in_the_order_they_are_given() -> None:
    """A status, nothing, and a fault made by hand."""
    cut = Fault(cut_after=5)
    assert many([429, None, cut], retry_after=1.0) == [
        Fault(status=429, retry_after=1.0),
        Fault(retry_after=1.0),
        cut,
    ]
