"""A run of a workflow, whichever contract asks for it, and the frames of its stream.

A workflow does what its name begins with: ``wf_fail`` fails, ``wf_pause`` waits for a
person, ``wf_response`` ends in a block that makes the whole reply, ``wf_think`` thinks,
uses a tool and starts over, ``wf_block_error`` loses the stream of one block. The
output of all others is derived from the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..shapes import sse
from ..state import Run, State
from ..values import Response, dump_json, json_response
from . import allowance, deploying

FAILURE = "Block agent1 failed: the sandbox was asked to"
_TERMINAL = ("completed", "failed", "cancelled")


def begin(
    workflow_id: str,
    given: Any,
    state: State,
    *,
    kind: str,
    second: bool = False,
    run_id: str | None = None,
) -> Run:
    """Run a workflow that is deployed, and pay for it.

    :raises values.Refused: where it is not there, not deployed, or too much was run.
    """
    workflow = deploying.deployed(workflow_id, state)
    allowance.take_run(state, kind, second=second)
    run = made(workflow_id, given, state, run_id=run_id)
    with state.lock:
        state.runs[run.id] = run
        if run.error is None:
            workflow.facts["runCount"] += 1
            workflow.facts["lastRunAt"] = run.ended_at
    return run


def made(
    workflow_id: str,
    given: Any,
    state: State,
    *,
    run_id: str | None = None,
    pauses: bool = True,
) -> Run:
    """The run that comes of it, without paying."""
    random = state.random(workflow_id, given)
    duration_ms = random.randint(100, 900)
    run = Run(
        id=run_id or state.ids.new("run_"),
        workflow_id=workflow_id,
        status="completed",
        output=_output(workflow_id, given),
        error=None,
        started_at=state.now(milliseconds=True),
        ended_at=state.now(duration_ms / 1000, milliseconds=True),
        duration_ms=duration_ms,
        given=given,
        cost=allowance.COST,
    )
    if workflow_id.startswith("wf_fail"):
        run.status, run.output, run.error = "failed", None, {"message": FAILURE}
    elif pauses and workflow_id.startswith("wf_pause"):
        run.status, run.early = "paused", 1
        run.paused = {
            "contextId": state.ids.new("ctx_"),
            "pausedAt": run.ended_at,
            "resumeAt": None,
            "pauseKind": "human",
            "blockedOnBlockId": "approve1",
            "automaticResumeWaitingReason": None,
            "pausePointCount": 1,
            "resumedCount": 0,
        }
    return run


def _output(workflow_id: str, given: Any) -> Any:
    if workflow_id.startswith("wf_response"):
        told = given if isinstance(given, dict) else {}
        return {
            "data": told.get("data", {"received": given}),
            "status": told.get("status", 200),
            "headers": told.get("headers", {"x-workflow": workflow_id}),
        }
    words = dump_json(given).decode()
    content = f"Workflow {workflow_id} received {words} and has come to its end."
    return {"content": content, "input": given}


def authored(run: Run) -> Response | None:
    """The reply that a Response block makes, where the workflow ends in one."""
    if not run.workflow_id.startswith("wf_response"):
        return None
    said = run.output
    headers = tuple((str(k), str(v)) for k, v in dict(said["headers"]).items())
    return json_response(said["data"], status=int(said["status"]), headers=headers)


def look(run: Run, state: State, words: tuple[str, str] = ("queued", "running")) -> str:
    """The status of a run in the background; each look moves it on."""
    if run.steps and run.status not in _TERMINAL and run.paused is None:
        run.looked += 1
        first = run.looked == 1 and run.steps > 1
        ended = "completed" if run.error is None else "failed"
        run.status = ended if run.looked > run.steps else words[0 if first else 1]
        if run.looked > run.steps:
            run.ended_at = state.now(milliseconds=True)
    return run.status


def in_background(run: Run, state: State) -> None:
    """Let a run go on; only looks at it end it."""
    run.steps, run.looked = state.job_steps, 0
    if run.steps and run.paused is None:
        run.status, run.ended_at = "queued", None


# -- streams ---------------------------------------------------------------------


def frames(
    run: Run, selected: list[str], asked: Mapping[str, bool], *, second: bool = False
) -> Iterator[bytes]:
    """Chunks of text per block, the result, and the mark that ends the stream.

    A failed run ends with its error; by the first contract without the mark.
    """
    if run.error is not None:
        yield sse({"event": "error", "error": run.error["message"]})
        if second:
            yield sse("[DONE]")
        return
    output: dict[str, Any] = {}
    if run.workflow_id.startswith("wf_think"):
        yield from _thoughts(asked)
    for index, name in enumerate(selected or ["agent1.content"]):
        block, _, path = name.partition(".")
        text = _at(run.output, path)
        output.setdefault(block, {})[path or "content"] = text
        gap = "\n\n" if index else ""
        for piece in _pieces(text):
            yield sse({"blockId": block, "chunk": gap + piece})
            gap = ""
    if run.workflow_id.startswith("wf_block_error"):
        lost = {"event": "stream_error", "blockId": "agent2", "error": "stream lost"}
        yield sse(lost)
    final: dict[str, Any] = {
        "success": True,
        "output": output if selected else run.output,
    }
    if run.paused is not None:
        final["status"] = "paused"
    yield sse({"event": "final", "data": final})
    yield sse("[DONE]")


def _thoughts(asked: Mapping[str, bool]) -> Iterator[bytes]:
    block = {"blockId": "agent1"}
    if asked.get("includeThinking"):
        yield sse({**block, "event": "thinking", "data": "What was asked?"})
    if asked.get("includeToolCalls"):
        call = {**block, "event": "tool", "id": "call_1", "name": "search"}
        yield sse({**call, "phase": "start"})
        yield sse({**call, "phase": "end", "status": "success"})
    if asked:
        yield sse({**block, "chunk": "Let me begin"})
        yield sse({**block, "event": "chunk_reset"})


def _at(output: Any, path: str) -> str:
    usual = output.get("content", output)
    value = output.get(path, usual)
    return value if isinstance(value, str) else dump_json(value).decode()


def _pieces(text: str) -> Iterator[str]:
    for index, word in enumerate(text.split(" ")):
        yield f" {word}" if index else word
