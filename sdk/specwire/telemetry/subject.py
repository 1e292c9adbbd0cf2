"""Whom a call asks, for what, and of which model: the labels of all telemetry.

Read off the call, never off the bytes that are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..core.standard_codes import UNKNOWN, StandardErrorCode

if TYPE_CHECKING:
    from ..core.wire import Call

_LONGEST: Final = 120
"""No model has a longer name; what has is cut."""
_BESIDE: Final = "chat."
"""Before a provider's id, where a client asks it in another way as well."""


class Subject(NamedTuple):
    """``model`` is empty where a call asks none."""

    provider: str
    model: str
    operation: str


def subject(call: Call) -> Subject:
    """Whom ``call`` asks."""
    return Subject(*key_of(call))


def key_of(call: Call) -> tuple[str, str, str]:
    """The members of its subject, for who only looks them up."""
    asked = call.scratch.get("chat")
    if asked is not None:
        model = asked.model
    else:
        model = call.args.get("model")
        if model is None:
            model = _within(call.args.get("body"))
    if model.__class__ is not str:
        model = str(model) if isinstance(model, str) else ""
    if len(model) > _LONGEST:
        model = model[:_LONGEST]
    operation = call.operation
    service = operation.service
    if service.startswith(_BESIDE):
        service = service[len(_BESIDE) :]
    return service, model, operation.name


def provider_of(call: Call) -> str:
    """Whom it asks, whichever part of a client it comes from."""
    return call.service.removeprefix(_BESIDE)


def _within(body: Any) -> Any:
    return body.get("model") if isinstance(body, Mapping) else None


def code_of(error: BaseException) -> StandardErrorCode:
    """The standard code of what a call ended in."""
    found = getattr(error, "standard_code", UNKNOWN)
    return found if isinstance(found, StandardErrorCode) else UNKNOWN


def status_of(error: BaseException) -> str:
    """The HTTP status that is the error; empty where it is something else."""
    status = getattr(error, "status_code", 0)
    return str(status) if isinstance(status, int) and status >= 400 else ""
