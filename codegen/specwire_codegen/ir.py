"""The generator's intermediate representation: what a document says, as frozen values.

Nothing here is a Python name or a piece of a spec's dictionary: names are planned
later (``names``), text from a document stays :class:`~specwire_codegen.raw.Raw`, and a
reference keeps its identity, the absolute pointer of what it refers to. The emitter
matches on these classes; it never looks at the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as PyAny
from typing import Literal, TypeAlias

from attrs import field, frozen

from .raw import Raw

Where: TypeAlias = Literal["path", "query", "header", "cookie"]
Direction: TypeAlias = Literal["both", "read", "write"]
Pointer: TypeAlias = str
"""``file#/json/pointer``: where in the input something stands; also its identity."""


# -- types -----------------------------------------------------------------------


@frozen
class Scalar:
    """One JSON scalar; ``format`` is set where the wire text has a Python type."""

    kind: Literal["string", "integer", "number", "boolean", "null"]
    format: Literal["date-time", "date", "uuid", "byte", "binary"] | None = None


LiteralKind: TypeAlias = Literal["string", "integer", "number", "boolean", "mixed"]


@frozen
class Literals:
    """An enumeration; ``open`` ones also take values that are not listed."""

    values: tuple[PyAny, ...]
    kind: LiteralKind = "string"
    open: bool = True


@frozen
class Const:
    """One fixed value."""

    value: PyAny


@frozen
class ListOf:
    item: Type


@frozen
class MapOf:
    value: Type


@frozen
class Ref:
    """A named declaration, by the pointer it was declared at."""

    to: Pointer


@frozen
class Tag:
    """How members of a union are told apart: ``wire`` holds a key of ``table``."""

    wire: Raw
    table: tuple[tuple[Raw, Ref], ...]


@frozen
class Union:
    """One of several types; ``null`` is a member like any other."""

    members: tuple[Type, ...]
    tag: Tag | None = None


@frozen
class Any:
    """Anything: nothing is known, or nothing could be understood."""


Type: TypeAlias = Scalar | Literals | Const | ListOf | MapOf | Ref | Union | Any


# -- declarations ----------------------------------------------------------------


@frozen
class Field:
    wire: Raw
    type: Type
    required: bool
    at: Pointer
    nullable: bool = False
    access: Direction = "both"
    default: PyAny = None
    has_default: bool = False
    called: Raw | None = None
    """What callers should know it as, where the document or an overlay says so."""
    doc: Raw | None = None
    deprecated: bool = False


@frozen
class Model:
    """An object with named members. ``extra`` is the type of members not named."""

    id: Pointer
    hint: Raw
    """What the document calls it (component name, or parent and member)."""
    fields: tuple[Field, ...]
    extra: Type | None = None
    title: Raw | None = None
    """An inline schema's own title; its name, if no other has it."""
    doc: Raw | None = None
    deprecated: bool = False


@frozen
class Alias:
    """A named type that is not an object: an enumeration, a union, a list."""

    id: Pointer
    hint: Raw
    type: Type
    title: Raw | None = None
    doc: Raw | None = None


Decl: TypeAlias = Model | Alias


# -- operations ------------------------------------------------------------------


@frozen
class Param:
    wire: Raw
    where: Where
    type: Type
    required: bool
    at: Pointer
    style: str = "form"
    explode: bool = True
    nullable: bool = False
    default: PyAny = None
    has_default: bool = False
    called: Raw | None = None
    doc: Raw | None = None
    deprecated: bool = False


@frozen
class Encoding:
    """How one member of a form or multipart body is written, where that is said."""

    wire: Raw
    style: str | None = None
    """"style,explode", or "json,false"."""
    media: Raw | None = None
    """The media type of a part."""


@frozen
class Body:
    """What is sent. ``fields`` when the schema is an object, spread into arguments."""

    media: Raw
    kind: Literal["json", "form", "multipart", "text", "bytes"]
    type: Type
    required: bool
    at: Pointer
    fields: tuple[Field, ...] | None = None
    doc: Raw | None = None
    encoding: tuple[Encoding, ...] = ()

    @property
    def may_be_missing(self) -> bool:
        """Whether its members are arguments that may all be left out."""
        return self.fields is not None and not self.required


@frozen
class Paging:
    items: Raw
    more: Raw | None
    cursors: tuple[tuple[Raw, Raw], ...]
    """(request parameter, reply member), in order of preference."""
    item: Type


@frozen
class Json:
    type: Type
    paging: Paging | None = None
    member: Raw | None = None
    """The member of the reply that ``type`` is the type of; None is all of it."""


@frozen
class Nothing:
    pass


@frozen
class Text:
    media: Raw


@frozen
class Bytes:
    media: Raw


@frozen
class Events:
    type: Type
    tag: Raw | None = None
    end: tuple[Raw, ...] = ()
    error: tuple[Raw, ...] = ()
    skip: tuple[Raw, ...] = ()
    done: tuple[Raw, ...] = ()


@frozen
class Lines:
    type: Type


@frozen
class Either:
    """JSON or a stream, by a flag in the request."""

    flag: Raw
    off: Result
    on: Result


@frozen
class ByStatus:
    table: tuple[tuple[str, Result], ...]


@frozen
class ByMedia:
    """The usual result, and those of media types that a caller may ask for instead."""

    usual: Result
    others: tuple[tuple[Raw, Result], ...]


Result: TypeAlias = (
    Json | Nothing | Text | Bytes | Events | Lines | Either | ByStatus | ByMedia
)


@frozen
class Moved:
    """Where a member of a body is said now: as ``member`` of another, ``into``."""

    into: Raw
    member: Raw


@frozen
class Replaced:
    """A value within a member, where there is a better one for some values of another.

    ``part`` of the member is ``value``; ``instead`` is better where ``by`` is one of
    ``values``.
    """

    part: Raw
    value: Raw
    instead: Raw
    by: Raw
    values: tuple[Raw, ...]


Retiring: TypeAlias = Moved | tuple[tuple[Raw, Raw], ...]
"""Where it has gone; or its values that end, each with the day from which on."""


@frozen
class Operation:
    id: Raw | None
    """The document's operationId."""
    method: str
    path: Raw
    params: tuple[Param, ...]
    body: Body | None
    result: Result
    at: Pointer
    service: str
    tags: tuple[Raw, ...] = ()
    errors: tuple[tuple[str, Type], ...] = ()
    needs: tuple[tuple[str, ...], ...] | None = None
    """OR of ANDs of scheme ids; None is the service's own, ``()`` inside anonymous."""
    retry: Literal["always", "unstarted"] = "unstarted"
    const_headers: tuple[tuple[Raw, Raw], ...] = ()
    const_query: tuple[tuple[Raw, Raw], ...] = ()
    implied: tuple[tuple[Raw, Raw, Raw], ...] = ()
    """Member of the body, header, value: what is sent needs the value there."""
    retiring: tuple[tuple[Raw, Retiring], ...] = ()
    """Members of the body whose use warns: some of their values, or all of it."""
    replaced: tuple[tuple[Raw, Replaced], ...] = ()
    """Members of the body with a part that warns."""
    summary: Raw | None = None
    doc: Raw | None = None
    deprecated: bool = False
    variant: str | None = None
    """How the body is sent, where that is not the usual way: a method of its own."""


# -- the whole -------------------------------------------------------------------


@frozen
class Scheme:
    """One security scheme, as data."""

    id: str
    kind: Literal["apiKey", "bearer", "basic", "oauth2"]
    where: Literal["header", "query", "cookie"] = "header"
    wire: Raw | None = None
    token_url: Raw | None = None
    scopes: tuple[Raw, ...] = ()


@frozen
class Service:
    id: str
    base_url: Raw
    schemes: tuple[Scheme, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    keys: str | None = None
    """The service whose credentials it takes, where that is another one."""


@frozen
class Webhooks:
    """What the API sends by itself."""

    bodies: tuple[tuple[Raw, Type], ...]
    """(name, type of the body)."""
    whole: Type | None
    """Any of them, where the body says which it is."""
    at: Pointer


@frozen
class Api:
    title: Raw
    version: Raw
    doc: Raw | None
    services: tuple[Service, ...]
    operations: tuple[Operation, ...]
    decls: Mapping[Pointer, Decl] = field(factory=dict)
    tags: tuple[tuple[Raw, Raw], ...] = ()
    """(tag, description)."""
    absorbed: frozenset[Pointer] = frozenset()
    """Schemas that were merged or spread into others; alone nobody needs them."""
    webhooks: Webhooks | None = None
