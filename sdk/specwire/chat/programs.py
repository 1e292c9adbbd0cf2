"""Paths and expressions of a record, made into functions.

A record holds them parsed (``["==", [0, "type"], "ping"]``); here each becomes a
closure over one frame, specialised for the shapes that manifests have: chains of
members, ``type == 'x'``, a conjunction of two. What a frame holds cannot make one fail:
where it is of another shape than the path expects, the path leads to nothing.

A closure takes an *env*: the frame, then the element of each array that a rule goes
through. A path's first item is the place in it. Semantics, where AI-Protocol says
nothing: a wildcard looks at each element of an array; ``==`` and ``!=`` hold where they
do for any of the values a path leads to; what is absent is null; true is not 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Env: TypeAlias = "tuple[Any, ...]"
"""The frame, and the elements gone into."""
Path: TypeAlias = "Sequence[Any]"
"""``[level, step, ...]``; a step is a name, an index, ``None`` or ``["?", expr]``."""
Expr: TypeAlias = "Sequence[Any]"
Get: TypeAlias = "Callable[[Env], Any]"
Test: TypeAlias = "Callable[[Env], Any]"
"""Its result counts as true or false."""


class Literal(str):
    """A text that stands in a rule, not in the frame: it yields to what was sent."""

    __slots__ = ()


NEW_ID: Any = object()
"""The value of ``["uuid"]``: the mapper knows which parts share one."""


def getter(path: Path) -> Get:
    """One value: what the path leads to, or ``None``.

    Of several values the texts are joined; else it is the first that is not null.
    """
    if _single(path):
        return _chain(path)
    values = several(path)

    def joined(env: Env) -> Any:
        found = [value for value in values(env) if value is not None]
        if len(found) > 1 and all(value.__class__ is str for value in found):
            return "".join(found)
        return found[0] if found else None

    return joined


def several(path: Path) -> Callable[[Env], list[Any]]:
    """All values that the path leads to, nulls among them."""
    level, *steps = path
    if _single(path):
        one = _chain(path)
        return lambda env: [one(env)]
    moves = [_move(step) for step in steps]

    def values(env: Env) -> list[Any]:
        found = [env[level]]
        for move in moves:
            found = [inner for value in found for inner in move(value)]
        return found

    return values


def source(alternatives: Sequence[Sequence[Any]]) -> Get:
    """A field's value: the first alternative that gives one."""
    gets = [_alternative(one) for one in alternatives]
    if len(gets) == 1:
        return gets[0]

    def first(env: Env) -> Any:
        for get in gets:
            value = get(env)
            if value is not None:
                return value
        return None

    return first


def test(expr: Expr) -> Test:
    """What an expression says of a frame."""
    kind = expr[0]
    if kind == "exists":
        return _exists(expr[1])
    if kind in ("==", "!=", "in"):
        return _compared(kind, expr[1], expr[2])
    if kind == "not":
        negated = test(expr[1])
        return lambda env: not negated(env)
    if kind in ("and", "or"):
        return _both([test(part) for part in expr[1:]], kind == "and")
    if kind == "true":
        return lambda env: True
    raise ValueError(f"expression: expected a known kind, got {kind!r}")


def optional_test(expr: Expr | None) -> Test | None:
    """The same, where a record may have none."""
    return None if expr is None else test(expr)


# -- paths -------------------------------------------------------------------------


def _single(path: Path) -> bool:
    return all(isinstance(step, (str, int)) for step in path)


def _chain(path: Path) -> Get:
    level, *steps = path
    if not all(isinstance(step, str) for step in steps):
        return _indexed(level, steps)
    if not steps:
        return lambda env: env[level]
    if len(steps) == 1:
        return _member(level, steps[0])
    return _members(level, *steps)


def _member(level: int, name: str) -> Get:
    def member(env: Env) -> Any:
        value = env[level]
        return value.get(name) if value.__class__ is dict else None

    return member


def _members(level: int, first: str, *rest: str) -> Get:
    def members(env: Env) -> Any:
        value = env[level]
        if value.__class__ is not dict:
            return None
        value = value.get(first)
        for name in rest:
            if value.__class__ is not dict:
                return None
            value = value.get(name)
        return value

    return members


def _indexed(level: int, steps: Sequence[Any]) -> Get:
    def indexed(env: Env) -> Any:
        value = env[level]
        for step in steps:
            if step.__class__ is str:
                if value.__class__ is not dict:
                    return None
                value = value.get(step)
            elif value.__class__ is list and -len(value) <= step < len(value):
                value = value[step]
            else:
                return None
        return value

    return indexed


def _move(step: Any) -> Callable[[Any], Iterator[Any] | list[Any]]:
    """From one value to those that a step leads to."""
    if step is None:
        return lambda value: value if value.__class__ is list else []
    if isinstance(step, (str, int)):
        one = _chain([0, step])
        return lambda value: [one((value,))]
    fits = test(step[1])

    def chosen(value: Any) -> list[Any]:
        elements = value if value.__class__ is list else []
        return [element for element in elements if fits((element,))]

    return chosen


def _alternative(one: Sequence[Any]) -> Get:
    kind = one[0]
    if kind == "$":
        return getter(one[1])
    if kind == "uuid":
        return lambda env: NEW_ID
    value = Literal(one[1]) if isinstance(one[1], str) else one[1]
    return lambda env: value


# -- expressions -------------------------------------------------------------------


def _exists(path: Path) -> Test:
    if _single(path):
        one = _chain(path)
        return lambda env: one(env) is not None
    values = several(path)
    return lambda env: any(value is not None for value in values(env))


def _compared(kind: str, path: Path, literal: Any) -> Test:
    if literal is None:
        present = _exists(path)
        if kind == "!=":
            return present
        if _single(path):
            return lambda env: not present(env)
        values = several(path)
        return lambda env: any(v is None for v in values(env)) or not present(env)
    same = _same(literal if kind == "in" else [literal])
    wanted = kind != "!="
    if not _single(path):
        values = several(path)
        return lambda env: any(same(value) is wanted for value in values(env))
    one = _chain(path)
    if kind == "==" and isinstance(literal, str):
        return lambda env: one(env) == literal
    if kind == "in" and all(isinstance(text, str) for text in literal):
        texts = frozenset(literal)
        return lambda env: (v := one(env)).__class__ is str and v in texts
    return lambda env: same(one(env)) is wanted


def _same(literals: Sequence[Any]) -> Callable[[Any], bool]:
    """Whether a value is one of the literals, as JSON has it: ``true`` is not ``1``."""
    known = [(literal, isinstance(literal, bool)) for literal in literals]

    def same(value: Any) -> bool:
        kind = value.__class__ is bool
        return any(value == literal and kind is flag for literal, flag in known)

    return same


def _both(parts: Sequence[Test], every: bool) -> Test:
    if len(parts) == 2:
        one, other = parts
        if every:
            return lambda env: one(env) and other(env)
        return lambda env: one(env) or other(env)

    def joined(env: Env) -> bool:
        for part in parts:
            if bool(part(env)) is not every:
                return not every
        return every

    return joined


# -- what must hold ----------------------------------------------------------------

Hook: TypeAlias = "tuple[int, tuple[str, ...], str | None]"
"""A level, members from there, and the text that must stand there (``None``: any)."""


def hooks(expr: Expr, weight: Mapping[Hook, int] | None = None) -> list[Hook]:
    """Things of which one must hold wherever ``expr`` does; empty where none is known.

    Of the parts of a conjunction one will do: the one whose hooks weigh least, which is
    how often rules ask for the same.
    """
    kind = expr[0]
    if kind == "or":
        each = [hooks(part, weight) for part in expr[1:]]
        return [hook for part in each for hook in part] if all(each) else []
    if kind == "and":
        choices = [found for part in expr[1:] if (found := hooks(part, weight))]
        known = weight or {}
        return min(
            choices, key=lambda c: sum(known.get(hook, 1) for hook in c), default=[]
        )
    if kind not in ("exists", "==", "!=", "in"):
        return []
    level, *steps = expr[1]
    if not all(isinstance(step, str) for step in steps):
        return []
    place = tuple(steps)
    if kind == "exists" or (kind == "!=" and expr[2] is None):
        return [(level, place, None)]
    if kind == "!=":
        return []
    literals = [expr[2]] if kind == "==" else expr[2]
    if None in literals:
        return []
    texts = [text for text in literals if isinstance(text, str)]
    if len(texts) < len(literals):
        return [(level, place, None)]
    return [(level, place, text) for text in texts]


def hooked(expr: Expr) -> bool:
    """Whether ``expr`` holds wherever one of its hooks does."""
    kind = expr[0]
    if kind == "or":
        return all(hooked(part) for part in expr[1:]) and bool(hooks(expr))
    found = hooks(expr) if kind in ("exists", "==", "!=", "in") else []
    if kind == "exists" or (kind == "!=" and found):
        return bool(found)
    return bool(found) and all(text is not None for *_, text in found)


def parts(expr: Expr) -> Iterator[Expr]:
    """The comparisons within an expression."""
    if expr[0] in ("and", "or", "not"):
        for part in expr[1:]:
            yield from parts(part)
    else:
        yield expr
