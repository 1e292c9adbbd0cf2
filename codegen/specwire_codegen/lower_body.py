"""Request bodies to :class:`~specwire_codegen.ir.Body`, one for each kind of media."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import ir
from .headers import is_media
from .lower_schema import Schemas
from .media import essence, one_a_kind, request_kind
from .problems import shown
from .raw import Raw
from .shapes import Spot, follow


def lower_bodies(spot: Spot, hint: Raw, schemas: Schemas) -> dict[str, ir.Body]:
    """The bodies that can be sent, by label, the usual one first; none if none is said.

    XML of what can also be sent as JSON or a form is no body of its own.
    """
    found = follow(spot, schemas.documents) or spot
    schema = found.schema
    content = schema.get("content") if isinstance(schema, Mapping) else None
    out: dict[str, ir.Body] = {}
    told: list[object] = []
    for label, media in one_a_kind(_listed(content)).items():
        entry = found.schema["content"][media]
        said = entry.get("schema") if isinstance(entry, Mapping) else None
        if label != "xml" or not out or said not in told:
            called = Raw(f"{hint.wire} {label}") if out else hint
            out[label] = _body(found, media, called, schemas)
            told.append(said)
    return out


def _body(found: Spot, media: str, hint: Raw, schemas: Schemas) -> ir.Body:
    schema = found.schema
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
        encoding=tuple(_encodings(kind, entry)) if fields is not None else (),
    )


def _listed(content: object) -> list[str]:
    return [str(media) for media in content] if isinstance(content, Mapping) else []


def _encodings(kind: str, entry: Spot) -> Iterator[ir.Encoding]:
    """What ``encoding`` says: styles in a form, media types in a multipart body."""
    listed = entry.schema.get("encoding")
    for name, said in listed.items() if isinstance(listed, Mapping) else ():
        if not isinstance(said, Mapping):
            continue
        media = str(said.get("contentType") or "").split(",")[0].strip()
        if kind == "form" and said.keys() & {"style", "explode"}:
            style = str(said.get("style") or "form")
            explode = said.get("explode", style == "form") is True
            yield ir.Encoding(Raw(str(name)), f"{style},{str(explode).lower()}")
        elif kind == "form" and request_kind(media) == "json":
            yield ir.Encoding(Raw(str(name)), "json,false")
        elif kind == "multipart" and is_media(media):
            yield ir.Encoding(Raw(str(name)), media=Raw(media))


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
