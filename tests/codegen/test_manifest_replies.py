"""What manifests say about replies and failures: paths, ends, reasons, classes."""

from __future__ import annotations

from typing import Any

import pytest

from .manifesting import compiled, dialects, manifest, record, said

ANTHROPIC = {"payload_format": "anthropic_style"}


def test_the_contracts_response_paths_come_first() -> None:
    """A manifest's path is kept where it leads elsewhere, behind the contract's."""
    made = record(
        response_paths={"content": "output.words", "thinking": "output.thoughts"}
    )["response"]
    usual = dialects()["openai"]["response"]
    assert made["content"] == [*usual["content"], [0, "output", "words"]]
    assert made["thinking"] == [*usual["thinking"], [0, "output", "thoughts"]]


def test_a_path_that_differs_only_in_the_choice_is_the_contracts() -> None:
    """``content[0].text`` is what the contract says better."""
    paths = {"content": "content[0].text", "stop_reason": "stop_reason"}
    made = record(**ANTHROPIC, response_paths=paths)["response"]
    assert made == dialects()["anthropic"]["response"]


def test_tool_calls_may_be_elsewhere() -> None:
    """``response_mapping.tool_calls`` says which elements are calls."""
    mapping = {
        "path": "output.items",
        "filter": "kind == 'call'",
        "fields": {"id": "_generate_uuid", "name": "fn.name", "args": "fn.args"},
    }
    made = record(features={"response_mapping": {"tool_calls": mapping}})["response"]
    assert made["tool_calls"][-1] == {
        "each": [0, "output", "items", ["?", ["==", [0, "kind"], "call"]]],
        "id": [["uuid"]],
        "name": [["$", [0, "fn", "name"]]],
        "arguments": [["$", [0, "fn", "args"]]],
    }


def test_calls_of_a_known_place_may_have_other_names_inside() -> None:
    """What the contract does not find in a call is where the manifest says."""
    fields = {"id": "_generate_uuid", "name": "name", "args": "parameters"}
    mapping = {"path": "choices[0].message.tool_calls", "fields": fields}
    made = record(features={"response_mapping": {"tool_calls": mapping}})["response"]
    (one,) = made["tool_calls"]
    assert one["id"] == [["$", [0, "id"]], ["uuid"]]
    assert one["name"] == [["$", [0, "function", "name"]], ["$", [0, "name"]]]
    assert one["arguments"][-1] == ["$", [0, "parameters"]]


def test_tooling_says_what_is_in_a_call() -> None:
    """``response_paths.tool_calls`` with ``tooling`` is a place of calls as well."""
    tooling = {"tool_use": {"id_path": "i", "name_path": "n", "input_path": "a"}}
    made = record(response_paths={"tool_calls": "out.calls"}, tooling=tooling)
    assert made["response"]["tool_calls"][-1] == {
        "each": [0, "out", "calls", None],
        "id": [["$", [0, "i"]]],
        "name": [["$", [0, "n"]]],
        "arguments": [["$", [0, "a"]]],
    }


@pytest.mark.parametrize(
    ("data", "done", "ends"),
    [
        ({}, ["[DONE]"], True),
        ({"decoder": {"done_signal": "[DONE]"}}, ["[DONE]"], False),
        ({"decoder": {"done_signal": "END"}}, ["END", "[DONE]"], False),
        ({"decoder": {"done_signal": ""}}, ["[DONE]"], True),
    ],
)
def test_a_declared_end_must_come(data: Any, done: list[str], ends: bool) -> None:
    """A manifest that declares a done signal means it; others end by a reason."""
    stream = record(streaming=data)["stream"]
    assert (stream["done"], stream["finish_ends"]) == (done, ends)


def test_anthropics_stream_ends_by_its_last_event() -> None:
    """The ``[DONE]`` that version 1.5 declares never comes."""
    stream = record(**ANTHROPIC, streaming={"decoder": {"done_signal": "[DONE]"}})
    assert stream["stream"]["done"] == []
    assert stream["stream"]["end"] == ["==", [0, "type"], "message_stop"]
    assert not stream["stream"]["finish_ends"]


def test_a_stop_condition_is_a_hint() -> None:
    """One that cannot be read is ignored with a warning; published files have some."""
    stop = "exists($.finish_reason) || length > 0 && !exists($.token)"
    (line,) = said(manifest(streaming={"stop_condition": stop}))
    assert "/streaming/stop_condition: warning M006" in line


def test_formats_of_frames() -> None:
    """Lines of JSON are told from events; every SSE is one."""
    for said_, expected in (
        ("sse", "sse"),
        ("gemini_sse", "sse"),
        ("ndjson", "json_lines"),
        ("json_lines", "json_lines"),
    ):
        made = record(streaming={"decoder": {"format": said_}})["stream"]
        assert made["format"] == expected


def test_candidates_may_have_another_name() -> None:
    """``candidate_id_path`` says which array they are and where their number is."""
    path = {"candidate": {"candidate_id_path": "$.out[*].no"}}
    stream = record(streaming=path)["stream"]
    assert stream["candidates"] == {"array": [0, "out"], "id": [0, "no"]}


def test_reasons_are_the_standards() -> None:
    """A manifest's reasons are added to the contract's; another word means other."""
    mapping = {"done": "end_turn", "ERROR": "error", "stop": "stop_sequence"}
    made = record(termination={"mapping": mapping})["termination"]
    assert (made["done"], made["ERROR"], made["stop"]) == (
        "end_turn",
        "other",
        "stop_sequence",
    )
    assert made["length"] == "max_tokens"
    lines = said(manifest(termination={"mapping": {"x": "max_token"}}))
    assert lines == [
        "m.yaml#/termination/mapping/x: warning M008 no turn ends by 'max_token'; it "
        "is read as 'other', did you mean 'max_tokens'?"
    ]


def test_counts_may_be_in_more_places() -> None:
    """``x-usage`` comes before the contract's places."""
    usage = record(**{"x-usage": {"reasoning_tokens": ["thoughts.n"]}})["usage"]
    assert usage["reasoning_tokens"][0] == [0, "thoughts", "n"]
    assert usage["prompt_tokens"] == dialects()["openai"]["usage"]["prompt_tokens"]


# -- failures ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("rate_limited", "E2001"),
        ("E2001", "E2001"),
        ("insufficient_quota", "E2002"),
        ("other", "E9999"),
        ("Overloaded", "E3002"),
        ("capability_not_declared", "E1005"),
    ],
)
def test_classes_become_codes(word: str, code: str) -> None:
    """Names, codes and what manifests write for a class are the standard's codes."""
    made = record(error_classification={"by_error_code": {"x": word}})["errors"]
    assert made["by_code"]["x"] == code


def test_an_unknown_class_is_a_warning() -> None:
    """It is left out, and the HTTP status decides."""
    lines = said(manifest(error_classification={"by_http_status": {"418": "teapots"}}))
    assert len(lines) == 1
    assert "/error_classification/by_http_status/418: warning M008" in lines[0]


def test_a_manifests_classes_and_paths_come_before_the_contracts() -> None:
    """What a provider says of its own errors counts first."""
    made = record(
        error_classification={
            "by_http_status": {"402": "rate_limited"},
            "by_error_status": {"BUSY": "overloaded"},
            "by_message_contains": {"Out Of Credit": "quota_exhausted"},
            "retry_after_extraction": {"pattern": "in ([0-9]+)s"},
        },
        features={"response_mapping": {"error": {"message_path": "fault.text"}}},
    )["errors"]
    assert made["by_http"]["402"] == "E2001"
    assert made["by_status"] == {"BUSY": "E3002"}
    assert made["by_message"][0] == ["out of credit", "E2002"]
    assert len(made["by_message"]) > 1
    assert made["retry_after"] == {"pattern": "in ([0-9]+)s", "unit": "seconds"}
    assert made["message"][:2] == [[0, "fault", "text"], [0, "error", "message"]]


@pytest.mark.parametrize("pattern", ["(", "a" * 201, "(?P<x"])
def test_a_pattern_that_cannot_be_used_is_an_error(pattern: str) -> None:
    """It is found when the manifest is read, not when a reply fails."""
    extraction = {"retry_after_extraction": {"pattern": pattern}}
    (line,) = said(manifest(error_classification=extraction))
    assert "/retry_after_extraction/pattern: error M006" in line


def test_retries() -> None:
    """Milliseconds are seconds, strategies are rules of growth, defaults are said."""
    assert record()["retry"] is None
    assert record(retry_policy={})["retry"] == {
        "max_retries": 3,
        "min_s": 1.0,
        "max_s": 30.0,
        "factor": 2.0,
        "growth": "exponential",
        "jitter": "full",
        "http": None,
        "status": [],
        "code": [],
    }
    policy = {
        "strategy": "linear_backoff",
        "max_retries": 0,
        "min_delay_ms": 500,
        "jitter": "none",
        "retry_on_http_status": [429, "503"],
        "retry_on_error_status": ["UNAVAILABLE"],
    }
    made = record(retry_policy=policy)["retry"]
    assert (made["growth"], made["max_retries"], made["min_s"]) == ("linear", 0, 0.5)
    assert (made["http"], made["status"]) == ([429, 503], ["UNAVAILABLE"])
    assert record(retry_policy={"strategy": "none"})["retry"]["max_retries"] == 0


def test_headers_of_limits_leave_out_what_is_null() -> None:
    """A provider that has no such header says null."""
    made = record(rate_limit_headers={"retry_after": None, "requests_limit": "x-l"})
    assert made["rate_limit_headers"] == {"requests_limit": "x-l"}


def test_a_rule_that_misreads_its_frame_is_mended() -> None:
    """Where match and contract agree, a path that leads nowhere is not all there is."""
    one = {
        "match": "$.type == 'tool-call-delta'",
        "emit": "PartialToolCall",
        "fields": {"arguments": "$.delta.message.tool_calls.parameters"},
    }
    made = compiled(
        manifest(payload_format="cohere_v2", streaming={"event_map": [one]})
    )
    (rule,) = made["stream"]["rules"]
    call = [0, "delta", "message", "tool_calls"]
    assert rule["fields"] == {
        "arguments": [
            ["$", [*call, "parameters"]],
            ["$", [*call, "function", "arguments"]],
        ],
        "index": [["$", [0, "index"]]],
    }
