"""What kind of schema this is, read off its keywords without lowering it.

Questions that the lowering asks about raw schemas: does it say anything about the
value, which members would it have, which constant does each of them hold. A
:class:`Spot` is a schema and where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from attrs import frozen

from .grammar import step
from .ir import Pointer
from .raw import Raw
from .refs import Documents
from .words import singular

STRUCTURE = frozenset(
    [
        "type",
        "properties",
        "items",
        "prefixItems",
        "additionalProperties",
        "enum",
        "patternProperties",
        "const",
        "oneOf",
        "anyOf",
        "allOf",
        "$ref",
        "format",
    ]
)
DEEPEST = 64
"""Steps through ``allOf`` and ``$ref``; real documents take a handful."""
OBJECT = frozenset(
    ["properties", "additionalProperties", "patternProperties", "required"]
)
SCALARS = frozenset(["string", "integer", "number", "boolean", "null"])


@frozen
class Spot:
    """One schema (already known to be there) and its pointer."""

    schema: Any
    at: Pointer

    def down(self, *tokens: str | int) -> Spot:
        """The schema below, by keys that exist."""
        schema, at = self.schema, self.at
        for token in tokens:
            schema = schema[token]
            at = below(at, token)
        return Spot(schema, at)

    def each(self, key: str) -> list[Spot]:
        """The schemas in the list or mapping under ``key``; else none."""
        found = self.schema.get(key)
        at = below(self.at, key)
        if isinstance(found, list):
            return [Spot(one, below(at, index)) for index, one in enumerate(found)]
        if isinstance(found, dict):
            return [Spot(one, below(at, name)) for name, one in found.items()]
        return []


below = step
"""``at`` one step further down."""


def last(at: Pointer) -> str:
    """The last step of ``at``, as the document spells it; of a whole file its name."""
    if at.endswith("#"):
        return PurePosixPath(at.partition("?")[0].rstrip("#")).stem or "model"
    return at.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


def types(schema: Mapping[str, Any]) -> list[str]:
    """The ``type`` keyword as a list without ``null``; guessed where it is missing."""
    stated = schema.get("type")
    found = [stated] if isinstance(stated, str) else stated
    if isinstance(found, list):
        return [kind for kind in found if isinstance(kind, str) and kind != "null"]
    if any(key in schema for key in OBJECT - {"required"}):
        return ["object"]
    if "items" in schema or "prefixItems" in schema:
        return ["array"]
    return []


def has_null(schema: Mapping[str, Any]) -> bool:
    """Whether ``type`` lists null beside something else."""
    stated = schema.get("type")
    return isinstance(stated, list) and "null" in stated and len(stated) > 1


def says_nothing(schema: Any) -> bool:
    """Whether a schema holds only annotations and checks: it states no type."""
    return not isinstance(schema, Mapping) or not STRUCTURE & schema.keys()


def is_scalar(schema: Mapping[str, Any]) -> bool:
    """Whether a named schema is a bare scalar, written in place and never declared."""
    if schema.keys() & (STRUCTURE - {"type", "format"}):
        return False
    found = types(schema)
    return not found or (len(found) == 1 and found[0] in SCALARS)


def choice(schema: Mapping[str, Any]) -> str | None:
    """``oneOf`` or ``anyOf``, if its members say more than what is required."""
    for key in ("oneOf", "anyOf"):
        members = schema.get(key)
        if isinstance(members, list) and members:
            if all(says_nothing(member) for member in members):
                continue
            return key
    return None


def parts(spot: Spot, documents: Documents) -> list[Spot]:
    """``spot`` with ``$ref`` and ``allOf`` opened, outermost last: all hold at once.

    Every class names the members of all its bases, so a chain of bases grows with its
    square: steps beyond ``DEEPEST`` are limited, and what they would have led to is
    left out with a warning.
    """
    found: list[Spot] = []
    # Each part once: schemas that share a base would double it at every level.
    seen: set[Pointer] = set()
    waiting: list[tuple[Spot, int | None]] = [(spot, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth is None:
            own = {k: v for k, v in here.schema.items() if k not in ("$ref", "allOf")}
            found += [Spot(own, here.at)] if own else []
        elif depth > DEEPEST and not documents.step_deep():
            message = f"bases of bases, {DEEPEST} steps deep: the rest stays untyped"
            documents.problems.warning("L101", spot.at, message)
        elif isinstance(here.schema, Mapping) and here.at not in seen:
            seen.add(here.at)
            target = follow(here, documents)
            inner = [] if target is None else [target]
            inner += here.each("allOf")
            waiting.append((here, None))
            waiting += [(each, depth + 1) for each in reversed(inner)]
    return found


def follow(spot: Spot, documents: Documents) -> Spot | None:
    """What ``$ref`` of ``spot`` leads to, at the end of a chain of references."""
    if not isinstance(spot.schema, Mapping):
        return None
    if not isinstance(spot.schema.get("$ref"), str):
        return None
    found = documents.follow(spot.schema, spot.at)
    return None if found is None else Spot(found[0], found[1])


def constants(found: list[Spot]) -> dict[str, tuple[str, ...]]:
    """Member name to the strings it may hold, by ``const`` or ``enum``."""
    out: dict[str, tuple[str, ...]] = {}
    for part in found:
        properties = part.schema.get("properties")
        if not isinstance(properties, Mapping):
            continue
        for name, schema in properties.items():
            values = _constant(schema)
            if values:
                out[str(name)] = values
    return out


def _constant(schema: Any) -> tuple[str, ...]:
    if not isinstance(schema, Mapping):
        return ()
    if isinstance(schema.get("const"), str):
        return (schema["const"],)
    listed = schema.get("enum")
    if isinstance(listed, list) and all(isinstance(value, str) for value in listed):
        return tuple(listed)
    inner = schema.get("allOf")
    if isinstance(inner, list) and len(inner) == 1:
        return _constant(inner[0])
    return ()


def conditional(spot: Spot) -> list[Spot]:
    """Members that an object has only under a condition (``then``, ``else``, ...)."""
    parts_ = [spot.down(key) for key in ("then", "else") if key in spot.schema]
    parts_ += spot.each("dependentSchemas")
    return [
        member
        for part in parts_
        if isinstance(part.schema, Mapping)
        for member in part.each("properties")
    ]


def rank(schema: Any) -> int:
    """How much a schema says: the one that says most wins where several hold."""
    if not isinstance(schema, Mapping) or says_nothing(schema):
        return 0
    if "const" in schema:
        return 5
    if "enum" in schema:
        return 4
    if schema.keys() & {"$ref", "allOf", "properties", "oneOf", "anyOf"}:
        return 3
    return 2 if schema.keys() & {"items", "format", "additionalProperties"} else 1


def is_null(spot: Spot) -> bool:
    return isinstance(spot.schema, Mapping) and spot.schema.get("type") == "null"


def label(spot: Spot, number: int) -> str:
    schema = spot.schema if isinstance(spot.schema, Mapping) else {}
    if types(schema) == ["array"]:
        return "list"
    return f"variant {number + 1}"


def without_choice(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in schema.items() if k not in ("oneOf", "anyOf")}


def text_of(schema: Any, key: str) -> Raw | None:
    found = schema.get(key) if isinstance(schema, Mapping) else None
    return Raw(found) if isinstance(found, str) and found.strip() else None


def item_hint(hint: str) -> str:
    one = singular(hint)
    return one if one != hint else f"{hint} item"


def value_hint(hint: Raw) -> Raw:
    return Raw(f"{hint.wire} value")
