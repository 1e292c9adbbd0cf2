"""As much of a conversation as fits: ``fit(messages, limit)``.

What goes first is what was said first. The system's words and the last turn stay, a
tool's result is never without its call nor a call without its result, and what is left
does not begin with the model speaking.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from ..chat.messages import Message
from ..core.errors import RequestValidationError
from .counters import TokenCounter

T = TypeVar("T")
_SYSTEM: Final = ("system", "developer")


def fit(
    messages: Iterable[T],
    limit: int,
    *,
    model: str = "",
    counter: TokenCounter | None = None,
    tools: Iterable[Any] = (),
    system: Any = None,
) -> list[T]:
    """The messages that fit into ``limit`` tokens, in their order; as they are.

    Whole turns are left out, the oldest first: a user's message with all that was
    answered to it. Where the last turn alone is too long, its oldest calls go, each
    with its results; its question and its end stay.

    :param limit: for the request: a context window less what the answer needs.
    :param model: whose tokens are counted, where no ``counter`` is given.
    :param tools: sent along, and counted; so is ``system``.
    :raises RequestValidationError: where what has to stay is more than ``limit``.
    """
    given = list(messages)
    counter = counter or TokenCounter.for_model(model or "gpt-4o")
    sizes = [counter.count_message(message) for message in given]
    base = int(counter.count_messages([], tools=tools, system=system))
    views = [Message.of(message) for message in given]
    kept = [at for at, view in enumerate(views) if view.role in _SYSTEM]
    turns = _turns(views)
    room = limit - base - sum(sizes[at] for at in kept)
    last = _last(turns[-1], sizes, room) if turns else []
    room -= sum(sizes[at] for at in last)
    if room < 0:
        raise _refused(limit, limit - room)
    kept += last
    for turn in reversed(turns[:-1]):
        size = sum(sizes[at] for unit in turn for at in unit)
        if size > room:
            break
        room -= size
        kept += [at for unit in turn for at in unit]
    return [given[at] for at in sorted(kept)]


def _turns(views: list[Message]) -> list[list[list[int]]]:
    """The turns, each as units that must not be parted, by the messages' places."""
    turns: list[list[list[int]]] = []
    for at, view in enumerate(views):
        if view.role in _SYSTEM:
            continue
        if _answers(view):
            if turns:
                turns[-1][-1].append(at)
        elif view.role == "user":
            turns.append([[at]])
        elif turns:
            turns[-1].append([at])
        # What the model said before anybody asked cannot come first.
    return turns


def _answers(view: Message) -> bool:
    """Whether this is a tool's result, in either of the ways to say it."""
    if view.role in ("tool", "function"):
        return True
    blocks = view.content if isinstance(view.content, list) else ()
    return any(block.type == "tool_result" for block in blocks)


def _last(turn: list[list[int]], sizes: list[Any], room: int) -> list[int]:
    """What stays of the last turn: its question, its end, and what fits between."""
    first, *between = turn
    end = [between.pop()] if between else []
    kept = [*first, *(at for unit in end for at in unit)]
    room -= sum(sizes[at] for at in kept)
    for unit in reversed(between):
        size = sum(sizes[at] for at in unit)
        if size > room:
            break
        room -= size
        kept += unit
    return kept


def _refused(limit: int, needed: int) -> RequestValidationError:
    return RequestValidationError(
        f"fit: the system's words and the last turn have {needed} tokens, which is "
        f"more than the limit of {limit}; shorten them, or take a model with a larger "
        "window",
        pointer="/messages",
    )
