"""A request body to :class:`~specwire_codegen.ir.Body`: one media type is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from . import ir
from .headers import is_media
from .lower_schema import Schemas
from .media import essence, preferred, request_kind
from .problems import shown
from .raw import Raw
from .shapes import Spot, follow

_STYLES = ("form", "spaceDelimited", "pipeDelimited", "deepObject")


def lower_body(spot: Spot, hint: Raw, schemas: Schemas) -> ir.Body | None:
    """The body that is sent; ``None`` where the document describes none."""
    found = follow(spot, schemas.documents) or spot
    schema = found.schema
    if not isinstance(schema, Mapping):
        return None
    content = schema.get("content")
    media = preferred(content) if isinstance(content, Mapping) else None
    if media is None:
        return None
    kind = request_kind(media)
    entry = found.down("content", media)
    declared = isinstance(entry.schema, Mapping) and "schema" in entry.schema
    inner = entry.down("schema") if declared else Spot(True, entry.at)
    sent = essence(media)
    if not is_media(sent):
        schemas.problems.warning(
            "L208",
            entry.at,
            f"'{shown(media)}' is no media type: sent as application/octet-stream",
        )
        sent = "application/octet-stream"
    doc = schema.get("description")
    fields = None
    if kind in ("json", "form", "multipart"):
        fields = schemas.member_fields(inner, hint)
    return ir.Body(
        Raw(sent),
        kind,
        _body_type(kind, inner, hint, schemas) if fields is None else ir.Any(),
        schema.get("required") is True,
        found.at,
        fields=_sent(fields),
        doc=Raw(doc) if isinstance(doc, str) else None,
        styles=_styles(entry) if kind == "form" else (),
    )


def _styles(entry: Spot) -> tuple[tuple[Raw, Raw], ...]:
    """How members of a form are written; unsaid, lists repeat and objects are JSON."""
    stated = entry.schema.get("encoding") if isinstance(entry.schema, Mapping) else None
    found = []
    for name, said in stated.items() if isinstance(stated, Mapping) else ():
        if not isinstance(said, Mapping):
            continue
        style = said.get("style", "form")
        explode = said.get("explode", style == "form")
        if style in _STYLES and {"style", "explode"} & said.keys():
            text = f"{style},{'true' if explode is True else 'false'}"
            found.append((Raw(str(name)), Raw(text)))
        elif said.get("contentType") == "application/json":
            found.append((Raw(str(name)), Raw("json,false")))
    return tuple(found)


def _body_type(kind: str, inner: Spot, hint: Raw, schemas: Schemas) -> ir.Type:
    if kind == "text":
        return ir.Scalar("string")
    if kind == "bytes":
        return ir.Scalar("string", "binary")
    return schemas.lower(inner, hint)


def _sent(fields: tuple[ir.Field, ...] | None) -> tuple[ir.Field, ...] | None:
    if fields is None:
        return None
    return tuple(field for field in fields if field.access != "read")
