"""Types of the intermediate representation as Python annotations.

Two spellings: an *annotation* stays a string and may use ``A | B``; a *value* is
evaluated when the module is imported (an alias, a lambda's body), so it uses
``typing.Union`` and quotes names that are not there yet.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from . import ir
from .lines import Node, Or, call, subscript, table
from .raw import lit
from .usage import Way

BUILTINS = frozenset(["bool", "bytes", "dict", "float", "int", "list", "str"])
_SCALARS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "mixed": "_t.Any",
}
_FORMATS = {
    "date-time": ("_dt", "_dt.datetime"),
    "date": ("_dt", "_dt.date"),
    "uuid": ("_uuid", "_uuid.UUID"),
}
FILE = "_FileInput"


@frozen
class Used:
    """What the texts written so far need."""

    refs: dict[ir.Pointer, None] = field(factory=dict)
    imports: dict[str, None] = field(factory=dict)


@frozen
class TypeText:
    """Writes types for one scope.

    :ivar names: declaration to Python name, of this side.
    :ivar shadowed: builtins that a member of the scope hides; written ``_b.list``.
    :ivar quoted: declarations that are not defined yet where a value is evaluated.
    :ivar prefix: before every declared name, ``_models.`` in resources.
    :ivar files: binary is a file to upload, not text in JSON.
    """

    names: Mapping[ir.Pointer, str]
    way: Way
    shadowed: frozenset[str] = frozenset()
    quoted: frozenset[ir.Pointer] = frozenset()
    prefix: str = ""
    files: bool = False
    used: Used = field(factory=Used)

    def inside(self, members: frozenset[str]) -> TypeText:
        """The same for a class whose members have these names."""
        return evolve(self, shadowed=members & BUILTINS)

    def annotation(self, kind: ir.Type, *, nullable: bool = False) -> Node:
        """``kind`` as an annotation."""
        return self._write(kind, nullable, value=False)

    def value(self, kind: ir.Type) -> Node:
        """``kind`` as an expression that is evaluated."""
        return self._write(kind, False, value=True)

    def _write(self, kind: ir.Type, nullable: bool, *, value: bool) -> Node:
        members, tag = _members(kind)
        if any(isinstance(member, ir.Any) for member in members):
            return self._need("_t", "_t.Any")
        texts: list[Node] = []
        for member in members:
            for text in self._one(member, value):
                opened = text.members if isinstance(text, Or) else (text,)
                texts += [each for each in opened if each not in texts]
        if (nullable or tag) and "None" in texts:
            texts.remove("None")
            nullable = True
        if tag and self.way == "read":
            self._need("_types")
            texts.append("_types.Unknown")
            whole: Node = self._tagged(
                subscript(self._need("_t", "_t.Union"), *texts), tag
            )
            texts = [whole]
        elif tag:
            # A part of a reply may be sent back as it came.
            texts.append(self._need("_types", "_types.Replied"))
        if nullable:
            texts.append("None")
        if len(texts) == 1:
            return texts[0]
        if value:
            self._need("_t")
            if len(texts) == 2 and texts[1] == "None":
                return subscript("_t.Optional", texts[0])
            return subscript("_t.Union", *texts)
        return Or(tuple(texts))

    def _one(self, kind: ir.Type, value: bool) -> list[Node]:
        """One member; an open enumeration gives two texts."""
        if isinstance(kind, ir.Scalar):
            return [self._scalar(kind)]
        if isinstance(kind, ir.Const):
            return [self._literal([kind.value])]
        if isinstance(kind, ir.Literals):
            texts: list[Node] = [self._literal(list(kind.values))]
            if kind.open:
                kinds = sorted({_SCALARS[_json(v)] for v in kind.values})
                texts += [self.builtin(name) for name in kinds]
            return texts
        if isinstance(kind, ir.ListOf):
            return [self._list(kind, value)]
        if isinstance(kind, ir.MapOf):
            inner = self._write(kind.value, False, value=value)
            head = self.builtin("dict")
            if value and self.quoted:
                head = self._need("_t", "_t.Dict")
            return [subscript(head, self.builtin("str"), inner)]
        if isinstance(kind, ir.Ref):
            return [self.name(kind.to)]
        return [self._write(kind, False, value=value)]

    def _list(self, kind: ir.ListOf, value: bool) -> Node:
        inner = self._write(kind.item, False, value=value)
        if self.way == "write":
            return subscript(self._need("_c", "_c.Iterable"), inner)
        # typing.List takes a quoted name on every Python; list only from 3.11 on.
        head = "_t.List" if value and self.quoted else self.builtin("list")
        return subscript(head, inner)

    def _scalar(self, kind: ir.Scalar) -> Node:
        if kind.format == "binary" and self.files:
            return self._need(FILE, FILE)
        if kind.format == "binary" and self.way == "write":
            return self.builtin("bytes")
        if kind.format in _FORMATS:
            module, text = _FORMATS[kind.format]
            self._need(module)
            if self.way == "write":
                return Or((text, self.builtin("str")))
            return text
        return self.builtin(_SCALARS[kind.kind])

    def name(self, pointer: ir.Pointer) -> str:
        """The name of a declaration, quoted where it is not defined yet."""
        self.used.refs[pointer] = None
        text = self.prefix + self.names[pointer]
        return f'"{text}"' if pointer in self.quoted else text

    def _tagged(self, union: Node, tag: ir.Tag) -> Node:
        self._need("_t")
        rows = table((lit(v), self._plain_name(ref)) for v, ref in tag.table)
        return subscript("_t.Annotated", union, call("_types.Tag", lit(tag.wire), rows))

    def _plain_name(self, ref: ir.Ref) -> str:
        self.used.refs[ref.to] = None
        return self.prefix + self.names[ref.to]

    def _literal(self, values: list[object]) -> Node:
        return subscript(self._need("_t", "_t.Literal"), *(lit(v) for v in values))

    def builtin(self, name: str) -> str:
        """A builtin type, by a name that nothing here hides."""
        if name in self.shadowed:
            return self._need("_b", f"_b.{name}")
        return name

    def _need(self, module: str, text: str = "") -> str:
        self.used.imports[module] = None
        return text


def _members(kind: ir.Type) -> tuple[tuple[ir.Type, ...], ir.Tag | None]:
    if isinstance(kind, ir.Union):
        return kind.members, kind.tag
    return (kind,), None


def _json(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "integer", float: "number"}[type(value)]


IMPORTS = {
    "_b": "import builtins as _b",
    "_c": "import collections.abc as _c",
    "_dt": "import datetime as _dt",
    "_t": "import typing as _t",
    "_uuid": "import uuid as _uuid",
}
"""Standard library modules under the generator's own names, in import order."""
