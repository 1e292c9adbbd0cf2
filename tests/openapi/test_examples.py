"""Requests and replies as they are on the wire fit; wrong ones do not."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from .documents import SPECS, Document, schemas


def validator(document: Document, schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {
            "$ref": f"#/components/schemas/{schema}",
            "components": {"schemas": schemas(document)},
        }
    )


ASK: dict[str, Any] = {
    "model": "claude-opus-4-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"model": "one-of-tomorrow", "stream": True, "system": "Be brief."},
        {"system": [{"type": "text", "text": "Be brief."}], "stop_sequences": ["."]},
        {"tools": [{"name": "add", "input_schema": {"type": "object"}}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        {"tool_choice": {"type": "tool", "name": "add"}, "container": None},
    ],
)
def test_requests_that_the_api_takes_fit(more: dict[str, Any]) -> None:
    """A request as callers write it fits the body's schema."""
    check = validator(SPECS["anthropic"], "CreateMessageParams")
    assert [error.message for error in check.iter_errors({**ASK, **more})] == []


@pytest.mark.parametrize(
    "more",
    [
        {"max_token": 64},
        {"max_tokens": "64"},
        {"messages": [{"role": "robot", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]},
        {"thinking": {"type": "enabled", "budget_tokens": 1}},
    ],
)
def test_requests_that_the_api_refuses_do_not_fit(more: dict[str, Any]) -> None:
    """Unknown members, wrong types and values out of range do not fit."""
    check = validator(SPECS["anthropic"], "CreateMessageParams")
    assert not check.is_valid({**ASK, **more})


def test_a_batch_takes_the_same_parameters() -> None:
    """An item of a batch holds what a single message is made from, stream included."""
    check = validator(SPECS["anthropic"], "CreateMessageBatchParams")
    item = {"custom_id": "a-1", "params": {**ASK, "stream": False}}
    assert check.is_valid({"requests": [item]})
    assert not check.is_valid({"requests": [{**item, "custom_id": "no spaces"}]})


FRAMES = [
    ("WorkflowChunk", {"blockId": "b", "chunk": "Hi"}),
    (
        "WorkflowStreamBlockError",
        {"event": "stream_error", "blockId": "b", "error": "x"},
    ),
    ("WorkflowThinking", {"event": "thinking", "blockId": "b", "data": "hm"}),
    ("WorkflowTool", {"event": "tool", "blockId": "b", "phase": "start", "id": "t"}),
    ("WorkflowFinal", {"event": "final", "data": {"success": True, "output": {}}}),
    ("WorkflowDone", {"event": "done", "success": True, "output": "Hi"}),
    ("WorkflowError", {"event": "error", "error": "boom"}),
    ("WorkflowChunkReset", {"event": "chunk_reset", "blockId": "b"}),
]


@pytest.mark.parametrize(("schema", "frame"), FRAMES, ids=[name for name, _ in FRAMES])
def test_a_frame_fits_one_member_only(schema: str, frame: dict[str, Any]) -> None:
    """Each frame of a workflow's stream fits exactly one member of the union."""
    members = schemas(SPECS["sim"])["WorkflowStreamEvent"]["anyOf"]
    names = [member["$ref"].rsplit("/", 1)[-1] for member in members]
    assert [
        name for name in names if validator(SPECS["sim"], name).is_valid(frame)
    ] == [schema]


@pytest.mark.parametrize(
    ("schema", "reply"),
    [
        ("AsyncExecutionResult", {"success": True, "taskId": "t", "status": "queued"}),
        ("AsyncExecutionResult", {"success": True, "async": True, "jobId": "j"}),
        ("JobStatus", {"status": "failed", "error": "boom"}),
        ("JobStatus", {"status": "failed", "error": {"message": "boom"}}),
        ("JobStatus", {"status": "pending", "metadata": {"workflowId": "w"}}),
        ("WorkflowStatus", {"isDeployed": False, "deployedAt": None}),
        ("WorkflowExecutionResult", {"success": False, "output": None, "error": "x"}),
        (
            "UsageLimits",
            {"success": True, "rateLimit": {"sync": {"requestsPerMinute": 10}}},
        ),
    ],
)
def test_replies_of_servers_of_all_dates_fit(schema: str, reply: Any) -> None:
    """The older and the newer form of a reply both fit."""
    assert validator(SPECS["sim"], schema).is_valid(reply)
