"""Schemas to types: total, every schema gives one, worst case ``Any`` with a warning.

A reference keeps its identity and is lowered once, later (:meth:`Schemas.finish`), so
cycles are nothing special. Objects become :class:`~specwire_codegen.ir.Model`, other
named schemas :class:`~specwire_codegen.ir.Alias`. Nothing here knows Python names.

Longer than most modules: each keyword of a schema is a step of one walk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any as PyAny

from attrs import evolve

from . import ir
from .bases import find_bases
from .kinds import NULL, const, literals, union, without_null
from .problems import Problems
from .raw import Raw
from .refs import Documents
from .shapes import (
    OBJECT,
    Spot,
    below,
    choice,
    conditional,
    follow,
    has_null,
    is_null,
    is_scalar,
    item_hint,
    label,
    last,
    parts,
    rank,
    says_nothing,
    text_of,
    types,
    value_hint,
    without_choice,
)
from .unions import Leaf, find_tag

_FORMATS = frozenset(["date-time", "date", "uuid", "byte", "binary"])
_TAGS = (ir.Scalar, ir.Literals, ir.Ref)
_NAMED_FROM = 4
_DEEPEST = 16
"""How many unions inside unions are searched for what tells the members apart."""


class Schemas:
    """Lowers schemas and collects the declarations they need, by pointer."""

    def __init__(
        self, documents: Documents, problems: Problems, roots: Sequence[Spot] = ()
    ) -> None:
        self.documents = documents
        self.problems = problems
        self._families = find_bases(roots, documents)
        self.decls: dict[ir.Pointer, ir.Decl] = {}
        self.absorbed: set[ir.Pointer] = set()
        self.called: dict[ir.Pointer, str] = {}
        """Names of components that are references to places without a name."""
        self._queue: deque[Spot] = deque()
        self._asked: set[ir.Pointer] = set()
        self._members: dict[ir.Pointer, ir.Type] = {}

    def finish(self) -> None:
        """Lower everything that was referred to, until nothing new turns up."""
        while self._queue:
            self._declare(self._queue.popleft())

    def lower(self, spot: Spot, hint: Raw) -> ir.Type:
        """The type of the schema at ``spot``; ``hint`` names what it declares."""
        schema = spot.schema
        if isinstance(schema, bool) or schema is None:
            return ir.Any()
        if not isinstance(schema, Mapping):
            return self._unknown(
                spot, "a schema that is neither a mapping nor a boolean"
            )
        if "$ref" in schema or "allOf" in schema:
            return self._all(spot, hint)
        if choice(schema) and schema.get("properties"):
            return self._merged(spot, [spot], hint)
        return self._plain(spot, hint)

    def reference(self, target: Spot) -> ir.Type:
        """The type of a schema that is referred to: a name, or a bare scalar itself.

        A base with a discriminator stands for its variants.
        """
        base = self._families.bases.get(target.at)
        if base is None:
            return self._named(target)
        at = below(target.at, "discriminator")
        if at not in self.decls:
            hint = Raw(f"{last(target.at)} variant")
            kinds = tuple(map(self._named, base.variants))
            doc = text_of(target.schema, "description")
            whole = ir.Union(kinds, base.tag)
            self.decls[at] = ir.Alias(at, hint, whole, doc=doc)
        return ir.Ref(at)

    def _named(self, target: Spot) -> ir.Type:
        schema = target.schema
        if not isinstance(schema, Mapping) or is_scalar(schema):
            return self.lower(target, Raw(last(target.at)))
        if target.at not in self._asked:
            self._asked.add(target.at)
            self._queue.append(target)
        named = ir.Ref(target.at)
        # A class cannot be null; who refers to it can.
        return union([named, NULL]) if has_null(schema) else named

    def member_fields(self, spot: Spot, hint: Raw) -> tuple[ir.Field, ...] | None:
        """The members of an object schema, not declared; ``None`` if it is none."""
        whole = follow(spot, self.documents) or spot
        if whole.at in self._families.bases:
            return None
        found = self._opened(spot)
        objects = [p for p in found if p.schema.get("properties")]
        if not objects or any(choice(p.schema) for p in found):
            return None
        if any(t != "object" for p in found for t in types(p.schema)):
            return None
        return self._fields(found, hint)

    def told_apart(
        self, spots: list[Spot], kinds: list[ir.Type], at: ir.Pointer, hint: Raw
    ) -> ir.Type | None:
        """One type for several that stand apart; ``None`` where nothing tells them."""
        if len(set(kinds)) == 1:
            return kinds[0]
        seen: set[ir.Pointer] = set()
        pairs = zip(spots, kinds, strict=True)
        leaves = [leaf for s, kind in pairs for leaf in self._leaves(s, kind, seen)]
        whole = union(kinds, find_tag(leaves, Spot({}, at), self.documents))
        if not isinstance(whole, ir.Union) or whole.tag is None:
            return None
        return self._alias(Spot({}, at), hint, whole)

    # -- named --------------------------------------------------------------------

    def _declare(self, spot: Spot) -> None:
        hint = Raw(self.called.get(spot.at) or last(spot.at))
        kind = self.lower(spot, hint)
        if without_null(kind)[0] != ir.Ref(spot.at) or spot.at not in self.decls:
            if kind == ir.Ref(spot.at):
                kind = self._unknown(spot, "a schema that is only itself")
            doc = text_of(spot.schema, "description")
            self.decls[spot.at] = ir.Alias(spot.at, hint, kind, doc=doc)
        elif spot.at in self.called:
            self.decls[spot.at] = evolve(self.decls[spot.at], title=None)

    def _alias(self, spot: Spot, hint: Raw, kind: ir.Type) -> ir.Type:
        """An inline type that deserves a name of its own."""
        if spot.at in self.decls:
            return ir.Ref(spot.at)
        if spot.at in self._asked:
            return kind
        self._asked.add(spot.at)
        self.decls[spot.at] = ir.Alias(
            spot.at,
            hint,
            kind,
            title=text_of(spot.schema, "title"),
            doc=text_of(spot.schema, "description"),
        )
        return ir.Ref(spot.at)

    # -- combinations -------------------------------------------------------------

    def _all(self, spot: Spot, hint: Raw) -> ir.Type:
        """``$ref`` and ``allOf``, with or without siblings."""
        schema = spot.schema
        target = follow(spot, self.documents)
        if "$ref" in schema and target is None:
            return self._unknown(spot, "a $ref that leads nowhere")
        members = [target] if target is not None else []
        members += [m for m in spot.each("allOf") if not says_nothing(m.schema)]
        own = {k: v for k, v in schema.items() if k not in ("$ref", "allOf")}
        bare = says_nothing(own) or (own.keys() & (OBJECT | {"type"})) <= {"type"}
        told = spot.at in self._families.told or spot.at in self._families.bases
        if len(members) == 1 and bare and not choice(own) and not told:
            only = members[0]
            kind = self.reference(only) if only is target else self.lower(only, hint)
            return union([kind, NULL]) if has_null(own) else kind
        if not members:
            return self._plain(Spot(own, spot.at), hint)
        kind = self._merged(spot, self._opened(spot), hint)
        return union([kind, NULL]) if has_null(own) else kind

    def _opened(self, spot: Spot) -> list[Spot]:
        """The parts of ``spot``; those from elsewhere are absorbed by it."""
        found = parts(spot, self.documents)
        self.absorbed.update(part.at for part in found if part.at != spot.at)
        return found

    def _merged(self, spot: Spot, found: list[Spot], hint: Raw) -> ir.Type:
        """Several schemas that hold at once."""
        choices = [part for part in found if choice(part.schema)]
        objects = [
            part
            for part in found
            if part not in choices
            and (OBJECT & part.schema.keys() or "object" in types(part.schema))
        ]
        for part in choices:
            if part.schema.get("properties"):
                objects.append(Spot(without_choice(part.schema), part.at))
        rest = [p for p in found if p not in choices and types(p.schema) != ["object"]]
        rest = [p for p in rest if not says_nothing(p.schema)]
        rest = [p for p in rest if not OBJECT & p.schema.keys()]
        if len(choices) > 1:
            self._warn(spot, "several oneOf/anyOf at once: only the first is used")
        if choices:
            return self._distributed(spot, choices[0], objects, hint)
        if objects:
            if rest:
                self._warn(
                    spot, "allOf of objects and other types: the objects are used"
                )
            return self._model(spot, found, hint)
        if not rest:
            return ir.Any()
        return self._plain(max(rest, key=lambda part: rank(part.schema)), hint)

    def _distributed(
        self, spot: Spot, part: Spot, objects: list[Spot], hint: Raw
    ) -> ir.Type:
        """An object with alternatives for more members: a union of whole objects."""
        key = choice(part.schema)
        assert key is not None
        if not objects:
            return self._plain(part, hint)
        kinds: list[ir.Type] = []
        leaves: list[Leaf] = []
        for number, member in enumerate(part.each(key)):
            opened = self._opened(member)
            if is_null(member):
                kinds.append(NULL)
                continue
            whole = [*objects, *opened]
            target = follow(member, self.documents)
            called = last(target.at) if target is not None else str(number + 1)
            at = below(spot.at, f"{key}+{number}")
            kind = self._model(Spot({}, at), whole, Raw(f"{hint.wire} {called}"))
            kinds.append(kind)
            if isinstance(kind, ir.Ref):
                leaves.append(Leaf(kind, whole, target.at if target else at))
        tag = find_tag(leaves, part, self.documents)
        return self._union(spot, kinds, tag, hint)

    def _choice(self, spot: Spot, key: str, hint: Raw) -> ir.Type:
        members = spot.each(key)
        kinds: list[ir.Type] = []
        leaves: list[Leaf] = []
        seen: set[ir.Pointer] = set()
        for number, member in enumerate(members):
            kind = self._member(members, number, hint)
            kinds.append(kind)
            leaves += self._leaves(member, kind, seen)
        tag = find_tag(leaves, spot, self.documents) if len(leaves) > 1 else None
        if has_null(spot.schema):
            kinds.append(NULL)
        return self._union(spot, kinds, tag, hint)

    def _member(self, members: list[Spot], number: int, hint: Raw) -> ir.Type:
        """One member of a union, lowered once: unions around it ask again."""
        member = members[number]
        if member.at not in self._members:
            hint = _variant(hint, members, number)
            self._members[member.at] = self.lower(member, hint)
        return self._members[member.at]

    def _leaves(
        self, member: Spot, kind: ir.Type, seen: set[ir.Pointer], depth: int = 0
    ) -> list[Leaf]:
        """The object schemas that a member of a union may be, through nested unions."""
        target = follow(member, self.documents) or member
        if target.at in seen or not isinstance(target.schema, Mapping):
            return []
        seen.add(target.at)
        found = parts(target, self.documents)
        inner = [p for p in found if choice(p.schema)]
        if inner and not any(p.schema.get("properties") for p in found):
            if depth == _DEEPEST:
                return []
            key = choice(inner[0].schema)
            assert key is not None
            hint = Raw(last(inner[0].at))
            found_leaves: list[Leaf] = []
            members = inner[0].each(key)
            for number, deeper in enumerate(members):
                lowered = self._member(members, number, hint)
                found_leaves += self._leaves(deeper, lowered, seen, depth + 1)
            return found_leaves
        is_object = any(p.schema.get("properties") for p in found) and not inner
        if is_object and isinstance(without_null(kind)[0], ir.Ref):
            return [Leaf(ir.Ref(target.at), found, target.at)]
        return []

    def _union(
        self, spot: Spot, kinds: list[ir.Type], tag: ir.Tag | None, hint: Raw
    ) -> ir.Type:
        if not kinds:
            return ir.Any()
        kind = union(kinds, tag)
        if not isinstance(kind, ir.Union):
            return kind
        inner, nullable = without_null(kind)
        many = isinstance(inner, ir.Union) and len(inner.members) >= _NAMED_FROM
        if many or (isinstance(inner, ir.Union) and inner.tag is not None):
            named = self._alias(spot, hint, inner)
            return union([named, NULL]) if nullable else named
        return kind

    # -- plain schemas ------------------------------------------------------------

    def _plain(self, spot: Spot, hint: Raw) -> ir.Type:
        schema = spot.schema
        if "const" in schema:
            return const(schema["const"])
        if isinstance(schema.get("enum"), list):
            return self._enum(spot)
        key = choice(schema)
        if key:
            return self._choice(spot, key, hint)
        if schema.get("type") == "null":
            return NULL
        kinds = [self._of_type(spot, name, hint) for name in types(schema)]
        if not kinds:
            return ir.Any()
        return union([*kinds, NULL] if has_null(schema) else kinds)

    def _of_type(self, spot: Spot, name: str, hint: Raw) -> ir.Type:
        if name == "object" and len(types(spot.schema)) > 1:
            # Beside other kinds: the class is one of them, the name is all of them.
            inner = Spot(spot.schema, below(spot.at, "object"))
            return self._object(inner, Raw(f"{hint.wire} object"))
        if name == "object":
            return self._object(spot, hint)
        if name == "array":
            return ir.ListOf(self._item(spot, hint))
        if name == "file":
            return ir.Scalar("string", "binary")
        if name in ("string", "integer", "number", "boolean"):
            form = spot.schema.get("format")
            known = name == "string" and form in _FORMATS
            return ir.Scalar(name, form if known else None)  # type: ignore[arg-type]
        return self._unknown(spot, f"type {name!a}, which JSON Schema does not have")

    def _item(self, spot: Spot, hint: Raw) -> ir.Type:
        inner = Raw(item_hint(hint.wire))
        if isinstance(spot.schema.get("prefixItems"), list):
            kinds = [self.lower(s, inner) for s in spot.each("prefixItems")]
            if not _ends_there(spot.schema):
                rest = spot.schema.get("items", True)
                kinds.append(self.lower(Spot(rest, below(spot.at, "items")), inner))
            return union(kinds) if kinds else ir.Any()
        if "items" not in spot.schema:
            return ir.Any()
        return self.lower(spot.down("items"), inner)

    def _object(self, spot: Spot, hint: Raw) -> ir.Type:
        if spot.schema.get("properties"):
            return self._model(spot, [spot], hint)
        return ir.MapOf(self._extra(spot, hint) or ir.Any())

    def _extra(self, spot: Spot, hint: Raw) -> ir.Type | None:
        """The type of members that are not named."""
        for key in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(spot.schema.get(key), Mapping):
                return self.lower(spot.down(key), value_hint(hint))
        kinds = [self.lower(s, hint) for s in spot.each("patternProperties")]
        return union(kinds) if kinds else None

    def _enum(self, spot: Spot) -> ir.Type:
        # 1, 1.0 and true are equal and not the same; others than scalars end below.
        listed = spot.schema["enum"]
        values = list({(type(value), str(value)): value for value in listed}.values())
        nullable = None in values
        kept = [value for value in values if value is not None]
        if any(not isinstance(value, (str, int, float, bool)) for value in kept):
            return self._unknown(spot, "an enum of objects or arrays")
        if not kept:
            return NULL if nullable else self._plain_type(spot)
        kind = literals(kept)
        return union([kind, NULL]) if nullable else kind

    def _plain_type(self, spot: Spot) -> ir.Type:
        rest = {k: v for k, v in spot.schema.items() if k != "enum"}
        return self._plain(Spot(rest, spot.at), Raw(last(spot.at)))

    # -- objects ------------------------------------------------------------------

    def _model(self, spot: Spot, found: list[Spot], hint: Raw) -> ir.Type:
        if not any(part.schema.get("properties") for part in found):
            kinds = [k for p in found if (k := self._extra(p, hint)) is not None]
            return ir.MapOf(kinds[-1] if kinds else ir.Any())
        if spot.at in self.decls:
            return ir.Ref(spot.at)
        self._asked.add(spot.at)
        own = spot.schema if isinstance(spot.schema, Mapping) else {}
        # Taken first: a member may refer back, and declarations keep document order.
        self.decls[spot.at] = ir.Model(spot.at, hint, ())
        extra = next((k for p in found if (k := self._extra(p, hint))), None)
        self.decls[spot.at] = ir.Model(
            spot.at,
            hint,
            self._told(spot, self._fields(found, hint)),
            extra=extra,
            title=text_of(own, "title"),
            doc=text_of(own, "description"),
            deprecated=own.get("deprecated") is True,
        )
        return ir.Ref(spot.at)

    def _told(self, spot: Spot, fields: tuple[ir.Field, ...]) -> tuple[ir.Field, ...]:
        """``fields``; a variant's tag has the one value that stands for it."""
        name, value = self._families.told.get(spot.at, (None, ""))
        return tuple(
            evolve(field, type=ir.Const(value))
            if field.wire.wire == name and isinstance(field.type, _TAGS)
            else field
            for field in fields
        )

    def _fields(self, found: list[Spot], hint: Raw) -> tuple[ir.Field, ...]:
        spots: dict[str, list[Spot]] = {}
        required: set[str] = set()
        for part in found:
            listed = part.schema.get("required")
            if isinstance(listed, list):
                required.update(name for name in listed if isinstance(name, str))
            for member in part.each("properties"):
                spots.setdefault(last(member.at), []).append(member)
        for part in found:
            for member in conditional(part):
                spots.setdefault(last(member.at), [member])
        return tuple(
            self._field(name, members, name in required, hint)
            for name, members in spots.items()
        )

    def _narrower(self, members: list[Spot]) -> Spot:
        """The one that says most; of equals the last one."""
        found = members[0]
        for new in members[1:]:
            if found.schema == new.schema or rank(found.schema) <= rank(new.schema):
                found = new
        return found

    def _field(
        self, name: str, members: list[Spot], required: bool, hint: Raw
    ) -> ir.Field:
        spot = self._narrower(members)
        schema = spot.schema if isinstance(spot.schema, Mapping) else {}
        kind, nullable = without_null(self.lower(spot, Raw(f"{hint.wire} {name}")))
        read, write = (
            any(self._says(member, key) for member in members)
            for key in ("readOnly", "writeOnly")
        )
        return ir.Field(
            Raw(name),
            kind,
            required,
            spot.at,
            nullable=nullable,
            access="both" if read == write else "read" if read else "write",
            default=schema.get("default"),
            has_default="default" in schema,
            called=text_of(schema, "x-specwire-name"),
            doc=text_of(schema, "description"),
            deprecated=schema.get("deprecated") is True,
        )

    def _says(self, member: Spot, key: str) -> bool:
        """Whether a member or the one schema that it stands for says ``key``."""
        schema = member.schema
        if not isinstance(schema, Mapping):
            return False
        if key in schema:
            return schema[key] is True
        inner = [*([member] if "$ref" in schema else ()), *member.each("allOf")]
        opened = (follow(each, self.documents) or each for each in inner)
        return any(
            isinstance(each.schema, Mapping) and each.schema.get(key) is True
            for each in opened
        )

    # -- problems -----------------------------------------------------------------

    def _unknown(self, spot: Spot, what: str) -> ir.Type:
        self._warn(spot, f"{what}: typed as Any")
        return ir.Any()

    def _warn(self, spot: Spot, message: str) -> None:
        self.problems.warning("L101", spot.at, message)


def _ends_there(schema: Mapping[str, PyAny]) -> bool:
    """Whether nothing may follow the items that ``prefixItems`` lists."""
    most = schema.get("maxItems")
    short = isinstance(most, int) and most <= len(schema["prefixItems"])
    return schema.get("items") is False or short


def _variant(hint: Raw, members: list[Spot], number: int) -> Raw:
    """What an inline member of a union is named after; alone it is the union itself."""
    if len([*islice((m for m in members if not is_null(m)), 2)]) == 1:
        return hint
    return Raw(f"{hint.wire} {label(members[number], number)}")
