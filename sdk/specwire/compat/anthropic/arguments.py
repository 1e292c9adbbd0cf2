"""How the drop-in reads the arguments of a call, before they become a request.

Everything in which the official call differs from ours is here: limits of a phase
instead of the whole call, the refusal of long requests that are not streamed, and an
Ellipsis where a message is left to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...core.errors import RequestValidationError
from ...core.types import UNSET
from ...core.types import Timeout as _Timeout
from ...core.warned import warn
from ..timeouts import Timeout
from .constants import (
    LONGEST_UNSTREAMED_S,
    MODEL_NONSTREAMING_TOKENS,
    TOKENS_AN_HOUR,
)

if TYPE_CHECKING:
    from ...core.resource import Operation

_CREATES = ("messages.create", "beta.messages.create")
_BATCHES = ("messages.batches.create", "beta.messages.batches.create", "batches.create")
_NONE = (UNSET, None)
Args = Mapping[str, Any]


class PlaceholderWarning(UserWarning):
    """An Ellipsis stood for a message; the turn ``...`` was sent in its place."""


def limit_of(value: Any, *, whole: bool) -> Timeout:
    """A time-out as the official client takes it: a number is each phase's limit.

    :param whole: the reply is read whole, so that the number bounds the attempt too: a
        reply that drips would never end otherwise.
    """
    if isinstance(value, Timeout):
        return value
    if isinstance(value, _Timeout):  # with a total, perhaps
        return Timeout(value, total=value.total, attempt=value.attempt, wait=value.wait)
    if not isinstance(value, (int, float)):
        return Timeout(value)
    return Timeout(value, attempt=value if whole else None, wait=value)


def refuse_long(operation: Operation[Any], args: Args) -> None:
    """Refuse what may take over ten minutes and is not streamed.

    :raises RequestValidationError: a ``ValueError``; nothing was sent.
    """
    if operation.name not in _CREATES or args.get("stream") is True:
        return
    tokens, model = args.get("max_tokens"), args.get("model")
    if isinstance(tokens, bool) or not isinstance(tokens, (int, float)):
        return
    most = int(LONGEST_UNSTREAMED_S * TOKENS_AN_HOUR / 3600)
    if isinstance(model, str):
        most = min(most, MODEL_NONSTREAMING_TOKENS.get(model, most))
    if tokens > most:
        raise RequestValidationError(
            f"{operation.name}: Streaming is required: max_tokens={tokens} may take "
            f"over ten minutes (up to {most} will not); use stream(...), pass a "
            'timeout, or make the client with long_requests="allow"',
            pointer="/max_tokens",
        )


def rewritten(operation: Operation[Any], args: Args) -> Args:
    """``args`` with what only programs for the official client write."""
    if operation.name in _BATCHES:
        return _replaced(args, "requests", lambda items: [_request(i) for i in items])
    if "messages" in args:
        args = _replaced(args, "messages", _turns)
    return args


def _replaced(args: Args, name: str, change: Callable[[Any], Any]) -> Args:
    value = args.get(name)
    # What is no list is read once, when it is written.
    changed = change(value) if isinstance(value, (list, tuple)) else value
    return args if changed is value else {**args, name: changed}


def _turns(messages: Any) -> Any:
    if not isinstance(messages, (list, tuple)) or ... not in messages:
        return messages
    warn(
        "messages holds an Ellipsis; the user's turn '...' is sent in its place",
        PlaceholderWarning,
    )
    said = {"role": "user", "content": "..."}
    return [said if message is ... else message for message in messages]


def _request(request: Any) -> Any:
    params = request.get("params") if isinstance(request, Mapping) else None
    if not isinstance(params, Mapping) or "messages" not in params:
        return request
    turns = _turns(params["messages"])
    if turns is params["messages"]:
        return request
    return {**request, "params": {**params, "messages": turns}}


def with_defaults(
    operation: Operation[Any], args: Args, defaults: Args, extra: Args | None
) -> Args:
    """``extra`` query parameters, and those defaults that the call says nothing of."""
    said = {
        wire for name, wire in operation.query.items() if args.get(name) not in _NONE
    }
    kept = {k: v for k, v in defaults.items() if k not in said}
    return {**kept, **(extra or {})}
