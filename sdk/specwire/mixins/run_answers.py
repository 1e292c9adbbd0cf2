"""What the answer to a run means: a result, a receipt, or a stream.

Both contracts give the same objects, and so do the answers that are none of theirs: a
workflow may answer with any JSON of its author's. ``_raw`` of each is what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve

from ..core.replies import reply_error
from ..core.results import ByStatus, Either, Json, Result, decoded, known

if TYPE_CHECKING:
    from ..core.resource import Operation
    from ..core.results import Arrived
    from ..core.wire import Call, Reply

_EVENTS: Final = "text/event-stream"
_GOOD: Final = frozenset({"completed", "paused"})
_NAMES: Final = ("taskId", "jobId", "runId", "executionId")
_Kinds: TypeAlias = Mapping[str, "type | tuple[type, ...]"]
_OF_RESULTS: Final[_Kinds] = {
    "error": str,
    "logs": list,
    "metadata": dict,
    "traceSpans": list,
    "totalDuration": (int, float),
    "executionId": str,
    "status": str,
}
_OF_RECEIPTS: Final[_Kinds] = {
    "jobId": str,
    "createdAt": str,
    "statusUrl": str,
    "executionId": str,
    "async": bool,
    "message": str,
}
_USUAL: Final = frozenset({"success", "output", *_OF_RESULTS})


class RunAnswer(Result):
    """Whatever comes after a run was asked for."""

    __slots__ = ("_usual", "_wrapped")

    def __init__(self, usual: Result, *, wrapped: bool) -> None:
        self._usual = usual
        self._wrapped = wrapped

    def accepts(self, args: Mapping[str, Any]) -> str:
        return self._usual.accepts(args)

    def opens(self, call: Call, reply: Reply) -> bool:
        return self._usual.opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        from .workflow_stream import WorkflowStream

        call, reply = arrived.call, arrived.reply
        asked = bool(call.args.get("stream"))
        if arrived.opened is not None or reply.content_type == _EVENTS:
            stream = WorkflowStream(_events(self._usual).value(arrived))
            return stream if asked else known(stream.until_done().result(), reply)
        nothing = reply.status_code in (204, 205) and not self._wrapped
        data = None if nothing else decoded(call, reply, Any)
        if self._wrapped and not _in_envelope(data):
            raise reply_error(call, reply, "is of another shape: expected data")
        answer = known(self._read(data, call), reply)
        return WorkflowStream.of_result(answer) if asked else answer

    def _read(self, data: Any, call: Call) -> Any:
        raw = data
        background = call.args.get("async_") or call.args.get("execution_mode")
        if self._wrapped and "data" in data:
            data = data["data"]
        told = data if isinstance(data, dict) else {}
        if background and "output" not in told and any(map(told.get, _NAMES)):
            answer: Any = receipt(told)
        elif self._wrapped and "status" in told and "success" not in told:
            answer = run_result(told)
        else:
            answer = result(data)
        answer._raw = raw
        return answer


def _in_envelope(data: Any) -> bool:
    """Whether one of the APIs wrote it; what a gateway writes says nothing of a run."""
    if not isinstance(data, dict):
        return False
    told = data.get("data", data)
    said = told is not data or isinstance(data.get("success"), bool)
    return said and (told is None or isinstance(told, dict))


def _events(usual: Result) -> Result:
    if isinstance(usual, ByStatus):
        return _events(usual.table["200"])
    return usual.on if isinstance(usual, Either) else usual


@cache
def V1() -> Operation[Any]:
    """The older contract's operation that starts a run."""
    from ..resources.workflows import _EXECUTE

    answer = RunAnswer(_EXECUTE.result, wrapped=False)
    # No input is an empty object: servers of some dates read JSON whatever comes.
    return evolve(_EXECUTE, result=answer, optional_body=None)


@cache
def V2() -> Operation[Any]:
    """The newer contract's operation that starts a run."""
    from ..resources.workflows_runs import _CREATE

    answer = RunAnswer(_CREATE.result, wrapped=True)
    return evolve(_CREATE, name="workflows.execute", result=answer)


@cache
def deployment() -> Operation[Any]:
    """The newer contract's operation that says what the older one's status says."""
    from ..models import WorkflowStatus
    from ..resources.workflows import _DEPLOYMENT

    return evolve(_DEPLOYMENT, result=Json(lambda: WorkflowStatus, member="data"))


def receipt(data: Mapping[str, Any]) -> Any:
    """The receipt of a run in the background, whichever server wrote it."""
    from ..core.codec import load
    from ..models import AsyncExecutionResult

    links = data.get("links")
    if not isinstance(links, dict):
        links = {"status": data["statusUrl"]} if data.get("statusUrl") else {}
    status = data.get("status")
    return load(
        AsyncExecutionResult,
        {
            **_clean(data, _OF_RECEIPTS),
            "success": data.get("success") is not False,
            "taskId": next(str(data[name]) for name in _NAMES if data.get(name)),
            "status": "queued" if status in (None, "pending") else str(status),
            "links": {name: str(link) for name, link in links.items()},
        },
    )


def result(data: Any) -> Any:
    """The result of a run, or the answer that its author designed as its output."""
    from ..core.codec import load
    from ..models import WorkflowExecutionResult

    success = data.get("success") if isinstance(data, dict) else None
    if not isinstance(success, bool):
        success, members = True, {"output": data}
    elif "output" in data or _USUAL.issuperset(data):
        members = _clean(data, _OF_RESULTS)
    else:
        members = {"output": data}
    members.setdefault("status", "completed" if success else "failed")
    return load(WorkflowExecutionResult, {**members, "success": success})


def run_result(data: Mapping[str, Any]) -> Any:
    """The result of a run as the newer contract tells of it."""
    times = {
        "duration": data.get("durationMs"),
        "startTime": data.get("startedAt"),
        "endTime": data.get("endedAt"),
    }
    told = {name: value for name, value in times.items() if value is not None}
    return result(
        {
            **data,
            "success": data["status"] in _GOOD,
            "output": data.get("output"),
            "metadata": told or None,
            "totalDuration": data.get("durationMs"),
            "executionId": data.get("runId"),
        }
    )


def _clean(data: Mapping[str, Any], kinds: _Kinds) -> dict[str, Any]:
    """``data`` without members that are of another kind than they should be."""
    members = dict(data)
    for name, kind in kinds.items():
        if name in members and not isinstance(members[name], kind):
            odd = members.pop(name)
            if name == "error" and odd is not None:
                members[name] = error_text(odd)
    return members


def error_text(error: Any) -> str:
    """What an error says, whatever it is made of."""
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return str(error["message"])
    return error if isinstance(error, str) else str(error)
