"""Rules of an event map: from wildcards in paths to arrays that are gone through.

``$.choices[*].delta.tool_calls[*].id`` says that a frame holds one event for each call
of each choice. A compiled rule names the arrays once (``each``), and its paths count
from their elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .manifest_expressions import TRUE, Expr, Path
from .manifest_reading import unique

KINDS = {
    "PartialContentDelta": "text",
    "ThinkingDelta": "thinking",
    "ToolCallStarted": "tool_start",
    "PartialToolCall": "tool_delta",
    "ToolCallEnded": "tool_end",
    "Metadata": "usage",
    "UsageReport": "usage",
    "FinalCandidate": "finish",
    "StreamEnd": "finish",
    "StreamError": "error",
}
"""What an ``emit`` is about."""
_SAME = (
    ("content", "text"),
    ("thinking", "reasoning"),
    ("arguments", "partial_json", "input"),
    ("tool_call_id", "id"),
    ("tool_name", "name"),
    ("finish_reason", "stop_reason"),
)
_WHOLE = frozenset({"tool_call", "tool_calls"})
"""Fields that hold a whole call, whatever else a rule could say about it."""
_WHICH = frozenset({"index", "candidate_index", "type"})
_Array = tuple[tuple[Any, ...], Any]
"""The steps to an array from the level before, and the wildcard or filter after."""


@frozen
class Rule:
    """A rule as it was written, its paths read: every path counts from the frame."""

    emit: str
    when: Expr
    fields: Mapping[str, Sequence[list[Any]]]


@frozen
class Lists:
    """Where an index 0 means every element, and which array the candidates are.

    ``fan`` are paths of arrays with ``None`` for the wildcards before them, outermost
    first; ``guards`` are conditions by kind that every rule of the kind has as well.
    """

    fan: Sequence[Path] = ()
    candidates: Mapping[str, Path] | None = None
    guards: Mapping[str, Expr] = field(factory=dict)


def placed(rule: Rule, lists: Lists) -> dict[str, Any]:
    """A rule of a record."""
    when = fanned(rule.when, lists.fan)
    fields = {
        name: [_fanned_alt(alt, lists.fan) for alt in alts]
        for name, alts in rule.fields.items()
    }
    arrays = _arrays(when, fields)
    guard = lists.guards.get(KINDS[rule.emit])
    if guard is not None and _reaches(guard, arrays):
        when = _all(when, guard)
    filters = [
        [*_levelled(step[1], number)]
        for number, (_, step) in enumerate(arrays, 1)
        if step is not None
    ]
    moved = _moved(when, arrays)
    return {
        "emit": rule.emit,
        "when": _all(*filters, moved) if filters else moved,
        "each": [[level, *steps] for level, (steps, _) in enumerate(arrays)],
        "fields": {
            name: [
                ["$", _from(alt[1], arrays)] if alt[0] == "$" else alt for alt in alts
            ]
            for name, alts in fields.items()
        },
        "candidate": _candidate(arrays, lists.candidates),
    }


def completed(rule: dict[str, Any], others: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """``rule`` with what the contract's rules about the same place say beyond it.

    What the wire says comes before what was made up: a literal is the last resort.
    """
    fields = {name: list(alts) for name, alts in rule["fields"].items()}
    if not _WHOLE & fields.keys():
        for other in others:
            if other["each"] == rule["each"] and about_same(rule, other):
                for name, alts in other["fields"].items():
                    known = fields.setdefault(_called(name, fields), [])
                    known += [alt for alt in alts if alt not in known]
    order = ["$", "uuid", "="]
    for alts in fields.values():
        alts.sort(key=lambda alt: order.index(alt[0]))
    return {**rule, "fields": fields}


def about_same(rule: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rules are of one kind and read one place, or answer one question."""
    if KINDS[rule["emit"]] != KINDS[other["emit"]]:
        return False
    return rule["when"] == other["when"] or any(
        place in _places(other) for place in _places(rule)
    )


def _places(rule: Mapping[str, Any]) -> list[Path]:
    """Where the fields are, but for what only says which part of a reply is meant."""
    named = ((name, alt) for name, alts in rule["fields"].items() for alt in alts)
    return [alt[1] for name, alt in named if alt[0] == "$" and name not in _WHICH]


def _called(name: str, fields: Mapping[str, Any]) -> str:
    """The name under which ``fields`` have the same thing."""
    if name in fields:
        return name
    for group in _SAME:
        if name in group:
            return next((other for other in group if other in fields), name)
    return name


def fanned(expr: Expr, fan: Sequence[Path]) -> Expr:
    """``expr`` where an index 0 into one of the arrays means every element."""
    return _mapped(expr, lambda path: fanned_path(path, fan))


def fanned_path(path: Path, fan: Sequence[Path]) -> Path:
    """The same for a path."""
    for array in fan:
        size = len(array)
        if path[:size] == array and path[size : size + 1] == [0]:
            path = [*path[:size], None, *path[size + 1 :]]
    return path


def _fanned_alt(alt: list[Any], fan: Sequence[Path]) -> list[Any]:
    return ["$", fanned_path(alt[1], fan)] if alt[0] == "$" else alt


# -- which arrays ------------------------------------------------------------------


def _arrays(when: Expr, fields: Mapping[str, Sequence[list[Any]]]) -> list[_Array]:
    """The longest chain of wildcards of the fields; without any path, of the match."""
    paths = [alt[1] for alts in fields.values() for alt in alts if alt[0] == "$"]
    return max(map(_split, paths or _paths(when)), key=len, default=[])


def _split(path: Path) -> list[_Array]:
    found: list[_Array] = []
    steps: list[Any] = []
    for step in path[1:]:
        if step is None or isinstance(step, list):
            found.append((tuple(steps), step))
            steps = []
        else:
            steps.append(step)
    return found


def _paths(expr: Expr) -> list[Path]:
    found: list[Path] = []

    def keep(path: Path) -> Path:
        found.append(path)
        return path

    _mapped(expr, keep)
    return found


def _reaches(expr: Expr, arrays: Sequence[_Array]) -> bool:
    """Whether the arrays are gone through that the expression asks about."""
    return all(
        _split(path) == list(arrays)[: len(_split(path))] for path in _paths(expr)
    )


def _from(path: Path, arrays: Sequence[_Array]) -> Path:
    """``path`` from the innermost element that is on its way."""
    rest = path[1:]
    for level, (steps, wild) in enumerate(arrays):
        size = len(steps)
        if tuple(rest[:size]) != steps or rest[size : size + 1] != [wild]:
            return [level, *rest]
        rest = rest[size + 1 :]
    return [len(arrays), *rest]


def _moved(expr: Expr, arrays: Sequence[_Array]) -> Expr:
    return _mapped(expr, lambda path: _from(path, arrays))


def _levelled(expr: Expr, level: int) -> Expr:
    """A filter's expression, which counts from an element, in a rule."""
    return _mapped(expr, lambda path: [level, *path[1:]])


def _mapped(expr: Expr, change: Any) -> Expr:
    kind = expr[0]
    if kind == "true":
        return expr
    if kind in ("and", "or", "not"):
        return [kind, *(_mapped(part, change) for part in expr[1:])]
    return [kind, change(expr[1]), *expr[2:]]


def _all(*parts: Expr) -> Expr:
    flat: list[Expr] = []
    for part in parts:
        flat += part[1:] if part[0] == "and" else [part] if part != TRUE else []
    return ["and", *flat] if len(flat) > 1 else flat[0] if flat else TRUE


def any_of(*parts: Expr) -> Expr:
    """One of them; each is asked once."""
    flat = unique(
        one for part in parts for one in (part[1:] if part[0] == "or" else [part])
    )
    return ["or", *flat] if len(flat) > 1 else list(flat[0])


def _candidate(
    arrays: Sequence[_Array], candidates: Mapping[str, Path] | None
) -> Path | None:
    if candidates is None or not arrays or arrays[0][1] is not None:
        return None
    if [0, *arrays[0][0]] != candidates["array"]:
        return None
    return [1, *candidates["id"][1:]]
