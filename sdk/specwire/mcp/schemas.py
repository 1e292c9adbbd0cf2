"""Schemas that a server sends, before they are believed.

A schema is a program of sorts: with patterns that never end, and references that double
at every step, a server could keep this program busy for ever. What is not tame is not
run; what is no schema is named.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..core.errors import shortened

MOST_NODES: Final = 10_000
"""Objects, lists and values in a tool's schema."""
_MOST_REFERENCES: Final = 16
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_PATTERNS: Final = ("pattern", "patternProperties")


class Shape(NamedTuple):
    """What a schema is made of; counting ends at the bound."""

    nodes: int
    references: int
    patterns: int


def shape_of(schema: Any) -> Shape:
    """Walked without recursion, however deep it is."""
    nodes = references = patterns = 0
    waiting = [schema]
    while waiting and nodes <= MOST_NODES:
        node = waiting.pop()
        nodes += 1
        if isinstance(node, dict):
            references += any(isinstance(node.get(k), str) for k in _REFERENCES)
            patterns += any(key in node for key in _PATTERNS)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return Shape(nodes, references, patterns)


def problem_of(schema: Any) -> str | None:
    """Why ``schema`` cannot be a tool's, in words; ``None`` where it can."""
    if not isinstance(schema, dict):
        return f"its schema is no object but {type(schema).__name__}"
    if schema.get("type") != "object":
        return f"its schema is not of type object but {schema.get('type')!r:.40}"
    if shape_of(schema).nodes > MOST_NODES:
        return f"its schema has more than {MOST_NODES} parts"
    from ..structured.checks import check_schema

    try:
        wrong = check_schema(schema)
    except RecursionError:
        return "its schema is nested too deeply"
    return None if wrong is None else f"its schema is none: {shortened(wrong, 200)}"


def misfit(schema: Any, data: Any) -> tuple[str, str] | None:
    """Where ``data`` does not fit ``schema``, and why; ``None`` where it does.

    Also where it cannot be said: of a schema that is none, or not tame.
    """
    shape = shape_of(schema)
    large = shape.nodes > MOST_NODES or shape.references > _MOST_REFERENCES
    if large or shape.patterns:
        return None
    from ..structured.checks import problem

    try:
        return problem(schema, data)
    except RecursionError:
        return None
    except Exception:
        # Rare, so it is looked at last: a schema that is none says nothing.
        if problem_of({"type": "object", **schema}) is None:
            raise
        return None
