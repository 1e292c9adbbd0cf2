"""What the operations do: one module per resource, one function per operation.

A handler takes a request and the state and returns a response. It knows no sockets,
no routing and no validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..state import State
from ..values import Request, Response
from . import allowance as allowance
from . import (
    batches,
    deploying,
    files,
    folders,
    logs,
    messages,
    models,
    runs,
    workflows,
    workspace_files,
)
from . import betas as betas
from . import uploads as uploads

Handler = Callable[[Request, State], Response]

HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    "anthropic": {
        **messages.HANDLERS,
        **batches.HANDLERS,
        **files.HANDLERS,
        **models.HANDLERS,
    },
    "sim": {
        **workflows.HANDLERS,
        **deploying.HANDLERS,
        **runs.HANDLERS,
        **folders.HANDLERS,
        **logs.HANDLERS,
        **workspace_files.HANDLERS,
        **uploads.HANDLERS,
    },
}
"""Handlers by service and operationId."""

DEFERRED: Mapping[str, tuple[str, ...]] = batches.DEFERRED
"""Parts of a body whose problems the handler reports itself, by operationId."""

GUARDED = frozenset(messages.HANDLERS)
"""Operations whose bodies may hold what only a beta allows."""
