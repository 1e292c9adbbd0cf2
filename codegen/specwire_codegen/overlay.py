"""OpenAPI Overlay documents (1.0, and ``copy`` of 1.1) applied to a description.

Actions run in order on a copy. ``remove`` takes out what the target selects, ``update``
is merged into it: objects member by member, lists by adding to them, anything else by
replacing. Every defect is a problem of the overlay's file and the other actions go on.
"""

from __future__ import annotations

import math
import re
from typing import Any

from .grammar import step
from .jsonpath import Match, PathError, find
from .problems import Problems, did_you_mean, shown
from .source import Source
from .yamltree import DEPTH

_ACTION = ("target", "description", "update", "remove", "copy")
_DOCUMENT = ("overlay", "info", "extends", "actions")
_NOTHING = object()

COPIES = 250_000
"""Values that the actions of one overlay may add."""


class _TooMuch(Exception):
    """An action would make the document deeper or larger than anyone can want."""


def apply(data: Any, overlay: Source, problems: Problems) -> Any:
    """``data`` with ``overlay`` applied; ``data`` itself stays as it is."""
    copy = _Copies(math.inf).of(data, 0)
    copies = _Copies(COPIES)
    for index, action in enumerate(_actions(overlay, problems)):
        at = step(f"{overlay.file}#/actions", index)
        if _is_action(action, at, problems):
            try:
                _act(copy, action, at, problems, copies)
            except _TooMuch as error:
                problems.error("O004", at, str(error))
                break
    return copy


class _Copies:
    """Deep copies, within a budget that all actions of an overlay share."""

    def __init__(self, left: float) -> None:
        self._left = left

    def of(self, value: Any, depth: int) -> Any:
        """A copy of ``value``, to stand ``depth`` levels below the root."""
        self._left -= 1
        if self._left < 0:
            raise _TooMuch(f"the overlay adds more than {COPIES:,} values")
        if not isinstance(value, (dict, list)):
            return value
        if depth > DEPTH:
            raise _TooMuch(f"the overlay nests more than {DEPTH} levels deep")
        if isinstance(value, dict):
            return {key: self.of(inner, depth + 1) for key, inner in value.items()}
        return [self.of(inner, depth + 1) for inner in value]


def _actions(overlay: Source, problems: Problems) -> list[Any]:
    document, at = overlay.data, f"{overlay.file}#"
    if not isinstance(document, dict) or "overlay" not in document:
        message = "expected an object with 'overlay: 1.0.0'; is this an overlay?"
        problems.error("O001", at, message)
        return []
    version = document["overlay"]
    if not re.fullmatch(r"1\.[0-9]+(\.[0-9]+)?\S*", str(version)):
        message = f"overlay version '{shown(version)}' cannot be read, expected 1.0.0"
        problems.error("O001", step(at, "overlay"), message)
        return []
    if not isinstance(document.get("info"), dict):
        problems.warning("O001", at, "an overlay has an 'info' with title and version")
    _known(document, _DOCUMENT, at, problems)
    actions = document.get("actions")
    if not isinstance(actions, list):
        problems.error("O001", at, "expected a list in 'actions'")
        return []
    if not actions:
        problems.error("O001", step(at, "actions"), "expected at least one action")
    return actions


def _is_action(action: Any, at: str, problems: Problems) -> bool:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        problems.error("O001", at, "expected an object with a 'target' (a JSONPath)")
        return False
    _known(action, _ACTION, at, problems)
    if not isinstance(action.get("remove", False), bool):
        problems.error("O001", step(at, "remove"), "expected true or false")
        return False
    if not action.get("remove") and not {"update", "copy"} & action.keys():
        problems.error("O001", at, "an action has an 'update' or a 'remove: true'")
        return False
    return True


def _known(
    value: dict[str, Any], members: tuple[str, ...], at: str, problems: Problems
) -> None:
    for key in value:
        if key not in members and not key.startswith("x-"):
            hint = did_you_mean(key, members)
            message = f"'{shown(key)}' means nothing in an overlay"
            problems.warning("O001", step(at, key), message, hint)


def _act(
    data: Any, action: dict[str, Any], at: str, problems: Problems, copies: _Copies
) -> None:
    matches = _matches(data, action["target"], step(at, "target"), problems)
    if not matches:
        return
    if action.get("remove"):
        _remove(matches, at, problems)
        return
    update = action.get("update", _NOTHING)
    if "copy" in action:
        found = _original(data, action["copy"], step(at, "copy"), problems)
        update = found if found is _NOTHING else copies.of(found, 0)
    for match in matches if update is not _NOTHING else ():
        _update(match, update, step(at, "update"), problems, copies)


def _matches(data: Any, target: Any, at: str, problems: Problems) -> list[Match]:
    try:
        found = find(data, str(target))
    except PathError as error:
        problems.error("O002", at, f"'{shown(target)}' is not a JSONPath: {error}")
        return []
    if not found:
        problems.warning("O003", at, f"'{shown(target)}' matches nothing")
    return found


def _original(data: Any, source: Any, at: str, problems: Problems) -> Any:
    found = _matches(data, source, at, problems)
    if len(found) > 1:
        message = f"'{shown(source)}' matches {len(found)} parts, expected one to copy"
        problems.error("O004", at, message)
    return found[0].value if len(found) == 1 else _NOTHING


def _remove(matches: list[Match], at: str, problems: Problems) -> None:
    # From the end, so that indexes of a list stay right.
    for match in sorted(matches, key=_place, reverse=True):
        if match.parent is None:
            problems.error("O004", at, "the whole document cannot be removed")
        else:
            del match.parent[match.tokens[-1]]


def _place(match: Match) -> tuple[tuple[bool, int, str], ...]:
    """Sorts by position within one list, and what holds before what is held."""
    return tuple(
        (isinstance(token, str), token if isinstance(token, int) else 0, str(token))
        for token in match.tokens
    )


def _update(
    match: Match, update: Any, at: str, problems: Problems, copies: _Copies
) -> None:
    value, depth = match.value, len(match.tokens)
    if isinstance(value, list):
        added = update if isinstance(update, list) else [update]
        value += copies.of(added, depth)
    elif isinstance(value, dict) and isinstance(update, dict):
        _merge(value, update, depth, copies)
    elif isinstance(value, dict):
        message = "the target is an object, so the update must be one too"
        problems.error("O004", at, message)
    else:
        message = f"the target is a single value ('{shown(value)}') and has no members"
        problems.error("O004", at, message, "update the object that holds it")


def _merge(
    into: dict[str, Any], update: dict[str, Any], depth: int, copies: _Copies
) -> None:
    for key, value in update.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, depth + 1, copies)
        elif isinstance(old, list) and isinstance(value, list):
            old += copies.of(value, depth + 1)
        else:
            into[key] = copies.of(value, depth + 1)
