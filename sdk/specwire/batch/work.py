"""The work on one item: a call, and what came of it as plain data.

This is the side that runs in a thread, in another process or on another machine. It
never raises: what a call came to, an error too, is an :class:`Outcome`.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final

from attrs import frozen

from ..core.codec import dump
from ..core.errors import (
    APIStatusError,
    AuthenticationError,
    BudgetExceededError,
    CancelledError,
    MissingCredentialError,
    SpecwireError,
)
from ..ledger.asking import (
    SETTLED,
    UNHEARD,
    UNKNOWN,
    asked,
    failed_run,
    is_conflict,
)
from ..mixins.polling import wait_for
from .settings import Settings, client_of

_FOR_ALL: Final = (
    AuthenticationError,
    BudgetExceededError,
    CancelledError,
    MissingCredentialError,
)
"""Errors that the next item would have as well."""


@frozen
class Job:
    """An item as it travels to where the work is done; it pickles.

    :ivar key: what the call is sent with, each time it is sent.
    :ivar settings: of the client; ``None`` where the work is done in this process.
    """

    number: int
    custom_id: str
    position: int
    kind: str
    body: str
    key: str
    settings: Settings | None = None


@frozen
class Outcome:
    """What a call came to.

    :ivar body: the reply, or the failure, as JSON text.
    :ivar again: the failure may pass; the same call may succeed later.
    :ivar stops: an error that the next item would have as well.
    """

    success: bool
    body: str
    attempts: int = 0
    elapsed_s: float = 0.0
    again: bool = False
    stops: BaseException | None = None


def work(job: Job) -> Outcome:
    """Do the work in a process that has no client yet."""
    assert job.settings is not None
    try:
        client = client_of(job.settings)
    except Exception as error:  # a setting that cannot be used here
        return Outcome(False, "", stops=error)
    return perform(client, job)


def perform(client: Any, job: Job) -> Outcome:
    """Do the work with ``client``."""
    began = time.perf_counter()
    try:
        body, attempts = _CALLS[job.kind](client, json.loads(job.body), job.key)
    except Exception as error:
        elapsed_s = time.perf_counter() - began
        return _failed(error, elapsed_s)
    return Outcome(True, body, attempts, time.perf_counter() - began)


def _failed(error: Exception, elapsed_s: float) -> Outcome:
    again = isinstance(error, SpecwireError) and error.retryable
    stops = error if isinstance(error, _for_all()) else None
    attempts = getattr(error, "attempts", 0)
    return Outcome(False, json_of(told(error)), attempts, elapsed_s, again, stops)


def _for_all() -> tuple[type[BaseException], ...]:
    budgets = sys.modules.get("specwire.budgets")
    if budgets is None:  # who has no budget need not load what may be wrong with one
        return _FOR_ALL
    return (*_FOR_ALL, budgets.PriceUnknownError, budgets.UsageFileError)


def told(error: BaseException) -> dict[str, Any]:
    """The facts of ``error`` as plain data."""
    facts: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, SpecwireError):
        facts |= {
            "standard_code": str(error.standard_code),
            "retryable": error.retryable,
            "request_id": error.request_id,
        }
    if isinstance(error, APIStatusError):
        facts |= {
            "status_code": error.status_code,
            "code": error.code,
            "error_type": error.type,
        }
    return facts


def json_of(value: Any) -> str:
    """``value`` as JSON text; what is no JSON in it by its words."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


# -- one kind of request each ----------------------------------------------------------


def _message(client: Any, params: dict[str, Any], key: str) -> tuple[str, int]:
    reply = client.messages.create(**params, idempotency_key=key)._reply
    return json_of(json.loads(reply.body)), reply.attempts


_BY_METHOD: Final = frozenset(
    (
        *("tools", "tool_choice", "response_format", "candidates", "temperature"),
        *("max_tokens", "top_p", "top_k", "seed", "stop", "reasoning", "extra_body"),
        *("timeout", "max_retries"),
    )
)


def _chat(client: Any, params: dict[str, Any], key: str) -> tuple[str, int]:
    model = params.pop("model")
    # An AiClient is of one model.
    builder = client.chat() if hasattr(client, "model_id") else client.chat(model)
    if "system" in params:
        builder.system(params.pop("system"))
    builder.messages(params.pop("messages"))
    for name, value in params.items():
        if name in _BY_METHOD:
            getattr(builder, name)(value)
        else:
            builder.param(name, value)
    reply = builder.header("Idempotency-Key", key).execute()
    return json_of(_response(reply)), reply.stats.retry_count + 1


def _response(reply: Any) -> dict[str, Any]:
    usage = reply.usage
    return {
        "content": reply.content,
        "thinking": reply.thinking,
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in reply.tool_calls
        ],
        "finish_reason": reply.finish_reason,
        "usage": dict(usage) if hasattr(usage, "keys") else dump(usage),
        "model": reply.model,
        "provider": reply.provider,
        "raw": reply.raw,
    }


def _workflow(client: Any, params: dict[str, Any], key: str) -> tuple[str, int]:
    """A run under an identifier of its own: the server refuses a second one, and can be
    asked what the first came to."""
    where = params.pop("workflow_id")
    given = [params.pop(n) for n in ("input", "input_data") if n in params]
    params.pop("model", None)
    try:
        result = client.execute_workflow(where, *given[:1], run_id=key, **params)
    except SpecwireError as error:
        if is_conflict(error):
            return _known_run(client, where, key, error)
        if failed_run(error) is not None:
            error.retryable = False  # it was done: again would be another run
        raise
    reply = getattr(result, "_reply", None)
    return json_of(dump(result)), getattr(reply, "attempts", 1)


def _known_run(
    client: Any, where: str, key: str, conflict: SpecwireError
) -> tuple[str, int]:
    """The run that an earlier call began, once it has ended."""
    run = wait_for(
        client,
        "batch.run",
        lambda left: asked(client, where, key, left),
        lambda run: run["status"] in (*SETTLED, UNHEARD, UNKNOWN),
        timeout=client._timeout.total,
        on_progress=None,
        first_delay_s=0.5,
        max_delay_s=15.0,
    )
    if run["status"] in (UNHEARD, UNKNOWN):
        raise conflict
    if not run["success"]:
        raise SpecwireError(f"run {key} {run['status']}: {run['error']}", attempts=1)
    return json_of(run), conflict.attempts


_CALLS: Final = {"messages": _message, "chat": _chat, "workflow": _workflow}
