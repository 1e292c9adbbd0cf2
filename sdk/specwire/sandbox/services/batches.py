"""The ``batches`` operations.

A batch is in progress for so many retrieves and then has ended, or is canceled with
the retrieve after the request to cancel it. Parameters that are invalid make an
errored result, not a refused batch, as with the API.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..shapes import error_body
from ..state import Batch, State
from ..values import Refused, Request, Response, dump_json, json_response
from . import betas
from .messages import message_of
from .paging import page

_DAY_S = 86400.0


def create_message_batch(request: Request, state: State) -> Response:
    """Start a batch; its requests are answered when it ends."""
    requests = request.json["requests"]
    names: set[str] = set()
    for index, entry in enumerate(requests):
        name = entry["custom_id"]
        if name in names:
            raise Refused(400, f"requests.{index}.custom_id: {name!r} is not unique")
        names.add(name)
    batch = Batch(
        id=state.ids.new("msgbatch_"),
        created_at=state.now(),
        expires_at=state.now(_DAY_S),
        requests=requests,
        betas=_betas(request),
    )
    with state.lock:
        state.batches[batch.id] = batch
    return json_response(_shown(batch, state))


def retrieve_message_batch(request: Request, state: State) -> Response:
    """The batch's state; looking at it moves it on."""
    with state.lock:
        batch = _batch(request, state)
        batch.retrieved += 1
        if batch.cancel_at is not None or batch.retrieved > state.batch_steps:
            _end(batch, state)
        return json_response(_shown(batch, state))


def list_message_batches(request: Request, state: State) -> Response:
    """One page of the batches, newest first."""
    with state.lock:
        items = [_shown(batch, state) for batch in reversed(state.batches.values())]
    return page(items, request)


def cancel_message_batch(request: Request, state: State) -> Response:
    """Ask the batch to stop; it does so before the next retrieve."""
    with state.lock:
        batch = _batch(request, state)
        if batch.ended_at is not None:
            raise Refused(400, f"Batch {batch.id} has ended and cannot be canceled")
        batch.cancel_at = batch.cancel_at or state.now()
        return json_response(_shown(batch, state))


def delete_message_batch(request: Request, state: State) -> Response:
    """Forget a batch that has ended."""
    with state.lock:
        batch = _batch(request, state)
        if batch.ended_at is None:
            raise Refused(
                400, f"Batch {batch.id} is in progress; cancel it before deleting it"
            )
        del state.batches[batch.id]
    return json_response({"id": batch.id, "type": "message_batch_deleted"})


def retrieve_message_batch_results(request: Request, state: State) -> Response:
    """One line of JSON per request; asking is the last look that the batch needs."""
    with state.lock:
        batch = _batch(request, state)
        batch.retrieved += 1
        if batch.retrieved >= state.batch_steps:
            _end(batch, state)
        if batch.ended_at is None:
            raise Refused(404, f"Batch {batch.id} has no results before it has ended")
        lines = b"".join(dump_json(result) + b"\n" for result in batch.results)
    return Response(body=lines, content_type="application/x-jsonl")


def _betas(request: Request) -> frozenset[str] | None:
    twin = ("beta", "true") in request.query_pairs
    names = betas.names_of(request.headers)
    return names if twin or names else None


def _batch(request: Request, state: State) -> Batch:
    wanted = request.path_args["message_batch_id"]
    try:
        return state.batches[wanted]
    except KeyError:
        raise Refused(404, f"Message batch not found: {wanted}") from None


def _end(batch: Batch, state: State) -> None:
    if batch.ended_at is None:
        batch.ended_at = state.now()
        batch.results = list(_results(batch, state))
        batch.counts = Counter(each["result"]["type"] for each in batch.results)


def _results(batch: Batch, state: State) -> Iterator[dict[str, Any]]:
    for entry in batch.requests:
        if batch.cancel_at is not None:
            result: dict[str, Any] = {"type": "canceled"}
        else:
            result = _result(entry["params"], batch.betas, state)
        yield {"custom_id": entry["custom_id"], "result": result}


def _result(params: Any, names: frozenset[str] | None, state: State) -> dict[str, Any]:
    problem = _unallowed(params, names or frozenset())
    if problem is None:
        problem = state.check_message(params, names is not None)
    if problem is None and params.get("stream"):
        problem = "stream: not supported in a batch"
    if problem is None:
        try:
            return {"type": "succeeded", "message": message_of(params, state)}
        except Refused as refused:
            problem = refused.message
    error = error_body(Refused(400, problem), state.ids.new("req_"))
    return {"type": "errored", "error": error}


def _unallowed(params: Any, names: frozenset[str]) -> str | None:
    try:
        betas.check(params, names)
    except Refused as refused:
        return refused.message
    return None


def _shown(batch: Batch, state: State) -> dict[str, Any]:
    ends = ("succeeded", "errored", "canceled", "expired")
    left = len(batch.requests) if batch.ended_at is None else 0
    counts = {"processing": left, **{each: batch.counts[each] for each in ends}}
    results_url = f"{state.base_url}/v1/messages/batches/{batch.id}/results"
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": batch.status,
        "request_counts": counts,
        "created_at": batch.created_at,
        "expires_at": batch.expires_at,
        "ended_at": batch.ended_at,
        "archived_at": None,
        "cancel_initiated_at": batch.cancel_at,
        "results_url": results_url if batch.ended_at else None,
    }


_OPERATIONS = {
    "create{}MessageBatch": create_message_batch,
    "retrieve{}MessageBatch": retrieve_message_batch,
    "list{}MessageBatches": list_message_batches,
    "cancel{}MessageBatch": cancel_message_batch,
    "delete{}MessageBatch": delete_message_batch,
    "retrieve{}MessageBatchResults": retrieve_message_batch_results,
}
HANDLERS = {
    name.format(twin): handler
    for twin in ("", "Beta")
    for name, handler in _OPERATIONS.items()
}
DEFERRED = {
    f"create{twin}MessageBatch": ("requests", "*", "params") for twin in ("", "Beta")
}
