"""What the modules of one resource are written from, on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from . import ir
from .emit_derived import Derived, Reference, References
from .names import Names
from .signatures import Argument, arguments
from .types_text import TypeText

Path = tuple[str, ...]


@frozen
class Extras:
    """What a plan adds to a resource."""

    children: Mapping[Path, Mapping[str, Path]] = field(factory=dict)
    """Resource to (attribute -> resource), aliases among them; ``()`` is the client."""
    mixins: Mapping[Path, tuple[str, str]] = field(factory=dict)
    """Resource to (module, class)."""
    derived: Mapping[Path, Sequence[Derived]] = field(factory=dict)
    """Resource to the methods made of operations."""
    faces: Mapping[Reference, Reference] = field(factory=dict)
    """What is written by hand to its async face."""
    docs: Mapping[Path, str] = field(factory=dict)


@frozen
class Context:
    """What every resource module is written from."""

    names: Names
    param_homes: Mapping[ir.Pointer, str]
    extras: Extras
    faces: Mapping[Path, str] | None = None
    """Resource to the name of its async face; ``None`` to leave those out."""


PART = "Part_"
"""No name that comes from a document ends like this."""


@frozen
class Part:
    """A piece of a resource: the first has the class, the others its bases."""

    number: int = 0
    modules: tuple[str, ...] = ()
    """Where the others are."""


@frozen
class Writer:
    """One resource module on its way."""

    path: Path
    context: Context
    read: TypeText
    write: TypeText
    value: TypeText
    part: Part
    streams: dict[str, None] = field(factory=dict)
    faced: dict[str, None] = field(factory=dict)
    """Those of ``streams`` that the async side names too."""
    references: References = field(factory=References)
    _arguments: dict[ir.Pointer, list[Argument]] = field(factory=dict)

    @property
    def first(self) -> bool:
        """Whether the resource's own class is here, not a base of it."""
        return self.part.number == 0

    @property
    def dotted(self) -> str:
        return f"``{'.'.join(self.path)}``"

    @property
    def purpose(self) -> str:
        """The first line of the class's docstring."""
        told = self.context.extras.docs.get(self.path) if self.first else None
        return told or f"Operations of {self.dotted}."

    def arguments(self, operation: ir.Operation) -> list[Argument]:
        """Those of one operation; the record and the method have the same."""
        found = self._arguments.get(operation.at)
        if found is None:
            found = arguments(operation, self.context.names, self.write)
            self._arguments[operation.at] = found
        return found

    def params(self) -> dict[str, set[str]]:
        """The request types that annotations name, by module."""
        found: dict[str, set[str]] = {}
        for ref in self.write.used.refs:
            home = self.context.param_homes[ref]
            found.setdefault(home, set()).add(self.context.names.params[ref])
        return found
