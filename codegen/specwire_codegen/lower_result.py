"""Responses to a :data:`~specwire_codegen.ir.Result`: what a call gives back.

Only success counts here; error replies become exceptions in the runtime. Of several
media types JSON wins, unless a request flag chooses between JSON and a stream.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from . import ir
from .headers import is_media
from .kinds import union
from .lower_schema import Schemas
from .media import essence, reply_kind
from .raw import Raw
from .shapes import Spot, choice, follow, last

_SUCCESS = re.compile(r"2(\d\d|XX)\Z", re.IGNORECASE)
_ORDER = ("json", "events", "lines", "text", "bytes")
_EVENTS = "x-specwire-events"
VALUE = "x-specwire-value"
PAGING = "x-specwire-paging"


@frozen
class Said:
    """A word, and whether it was said of all operations: then it need not fit."""

    word: Any
    general: bool = False


def said_of(word: Any, kind: type, *, general: bool = False) -> Said | None:
    """A word of the right kind; others are no word."""
    return Said(word, general) if isinstance(word, kind) else None


@frozen
class Wanted:
    """What the operation says about its result beside the responses."""

    hint: Raw
    flag: str | None = None
    """The request member that switches between JSON and a stream."""
    paging: Said | None = None
    member: Said | None = None
    """The member of a reply that is what a call gives back."""


def lower_result(responses: Spot, wanted: Wanted, schemas: Schemas) -> ir.Result:
    """The result of an operation; :class:`~specwire_codegen.ir.Nothing` if unsaid."""
    if not isinstance(responses.schema, Mapping):
        return ir.Nothing()
    found = {str(k): k for k in responses.schema}
    good = [status for status in found if _SUCCESS.match(status)]
    if not good and "default" in found:
        good = ["default"]
    table: dict[str, ir.Result] = {}
    for status in good:
        result = _response(responses.down(found[status]), wanted, schemas)
        # A status that is not in the table reads like the first.
        if result != next(iter(table.values()), None):
            table[status.upper() if status != "default" else status] = result
    if len(table) > 1:
        return ir.ByStatus(tuple(table.items()))
    return next(iter(table.values()), ir.Nothing())


def lower_errors(
    responses: Spot, hint: Raw, schemas: Schemas
) -> tuple[tuple[str, ir.Type], ...]:
    """Types of the documented error replies, by status."""
    out: list[tuple[str, ir.Type]] = []
    if not isinstance(responses.schema, Mapping):
        return ()
    for status in responses.schema:
        if _SUCCESS.match(str(status)) or str(status) == "default":
            continue
        found = _opened(responses.down(status), schemas)
        for media, entry in _contents(found).items():
            if reply_kind(media) == "json":
                out.append((str(status), _typed(entry, hint, schemas)))
                break
    return tuple(out)


def _opened(spot: Spot, schemas: Schemas) -> Spot:
    return follow(spot, schemas.documents) or spot


def _contents(spot: Spot) -> dict[str, Spot]:
    if not isinstance(spot.schema, Mapping):
        return {}
    content = spot.schema.get("content")
    if not isinstance(content, Mapping):
        return {}
    return {media: spot.down("content", media) for media in content}


def _typed(entry: Spot, hint: Raw, schemas: Schemas) -> ir.Type:
    if not isinstance(entry.schema, Mapping) or "schema" not in entry.schema:
        return ir.Any()
    return schemas.lower(entry.down("schema"), hint)


def _response(spot: Spot, wanted: Wanted, schemas: Schemas) -> ir.Result:
    by_kind: dict[str, tuple[str, Spot]] = {}
    for media, entry in _contents(_opened(spot, schemas)).items():
        kind = _kind(media, entry, schemas)
        by_kind.setdefault(kind, (media, entry))
    if not by_kind:
        return ir.Nothing()
    stream = next((kind for kind in ("events", "lines") if kind in by_kind), None)
    if "json" in by_kind and stream and wanted.flag:
        return ir.Either(
            Raw(wanted.flag),
            _one("json", *by_kind["json"], wanted, schemas),
            _one(stream, *by_kind[stream], wanted, schemas),
        )
    found = [kind for kind in _ORDER if kind in by_kind]
    usual = _one(found[0], *by_kind[found[0]], wanted, schemas)
    others = tuple(
        (Raw(essence(by_kind[kind][0])), _one(kind, *by_kind[kind], wanted, schemas))
        for kind in found[1:]
        if is_media(essence(by_kind[kind][0]))
    )
    return ir.ByMedia(usual, others) if others else usual


def _kind(media: str, entry: Spot, schemas: Schemas) -> str:
    """The reply's kind; a wildcard says nothing, so its schema decides."""
    if "*" not in media:
        return reply_kind(media)
    kind = _typed(entry, Raw("reply"), schemas)
    if isinstance(kind, ir.Scalar) and kind.kind == "string":
        return "bytes" if kind.format == "binary" else "text"
    return "json"


def _one(
    kind: str, media: str, entry: Spot, wanted: Wanted, schemas: Schemas
) -> ir.Result:
    if kind == "text":
        return ir.Text(Raw(media))
    if kind == "bytes":
        return ir.Bytes(Raw(media))
    if kind == "events":
        return _events(entry, wanted, schemas)
    if kind == "lines":
        return ir.Lines(_typed(entry, wanted.hint, schemas))
    paging = _paging(entry, wanted, schemas)
    inner = None if paging else _member(entry, wanted, schemas)
    return inner or ir.Json(_typed(entry, wanted.hint, schemas), paging=paging)


def _member(entry: Spot, wanted: Wanted, schemas: Schemas) -> ir.Json | None:
    """A reply of which one member is the value, the rest being an envelope."""
    said = entry.schema if isinstance(entry.schema, Mapping) else {}
    stated = said_of(said.get(VALUE), str) or wanted.member
    if stated is None:
        return None
    found: list[ir.Type] = []
    if "schema" in said:
        found = _inside(entry.down("schema"), stated.word, wanted.hint, schemas)
    if not found:
        if not stated.general:
            message = f"{VALUE}: the reply has no {stated.word!a}: not used"
            schemas.problems.warning("L204", entry.at, message)
        return None
    return ir.Json(union(found), member=Raw(stated.word))


def _inside(
    spot: Spot,
    name: str,
    hint: Raw,
    schemas: Schemas,
    above: frozenset[ir.Pointer] = frozenset(),
) -> list[ir.Type]:
    """The types that the member may have; none where an alternative is without it."""
    whole = follow(spot, schemas.documents) or spot
    if whole.at in above:
        return []
    if isinstance(whole.schema, Mapping) and (key := choice(whole.schema)):
        above |= {whole.at}
        each = [_inside(one, name, hint, schemas, above) for one in whole.each(key)]
        schemas.absorbed.add(whole.at)
        return [kind for kinds in each for kind in kinds] if all(each) else []
    fields = schemas.member_fields(spot, hint)
    found = next((f for f in fields or () if f.wire.wire == name), None)
    if found is None:
        return []
    return [found.type, ir.Scalar("null")] if found.nullable else [found.type]


def _events(entry: Spot, wanted: Wanted, schemas: Schemas) -> ir.Events:
    kind = _typed(entry, Raw(f"{wanted.hint.wire} event"), schemas)
    if kind == ir.Scalar("string"):
        kind = ir.Any()  # said of the whole body: what an event holds is left open
    found = entry.schema.get(_EVENTS) if isinstance(entry.schema, Mapping) else None
    stated = found if isinstance(found, Mapping) else {}

    def texts(key: str) -> tuple[Raw, ...]:
        value = stated.get(key)
        return tuple(Raw(str(v)) for v in value) if isinstance(value, list) else ()

    tag = stated.get("tag")
    return ir.Events(
        kind,
        tag=Raw(tag) if isinstance(tag, str) else None,
        end=texts("end"),
        error=texts("error"),
        skip=texts("skip"),
        done=texts("done"),
    )


def _paging(entry: Spot, wanted: Wanted, schemas: Schemas) -> ir.Paging | None:
    if wanted.paging is None:
        return None
    stated = wanted.paging.word
    items = stated.get("items")
    cursors = stated.get("cursors")
    if not isinstance(items, str) or not isinstance(cursors, Mapping):
        schemas.problems.warning(
            "L204", entry.at, "paging without items and cursors: not used"
        )
        return None
    told = isinstance(entry.schema, Mapping) and "schema" in entry.schema
    fields = schemas.member_fields(entry.down("schema"), wanted.hint) if told else None
    found = next((f.type for f in fields or () if f.wire.wire == items), None)
    if not isinstance(found, ir.ListOf):
        if not wanted.paging.general:
            message = f"paging: {items!a} is no list in the reply: not used"
            schemas.problems.warning("L204", entry.at, message)
        return None
    more = stated.get("more")
    return ir.Paging(
        Raw(items),
        Raw(more) if isinstance(more, str) else None,
        tuple((Raw(str(k)), Raw(str(v))) for k, v in cursors.items()),
        found.item,
    )


def has_stream_flag(fields: tuple[ir.Field, ...] | None) -> str | None:
    """A boolean request member called ``stream``: the usual switch."""
    for field in fields or ():
        if field.wire.wire == "stream" and _is_boolean(field.type):
            return last(field.at)
    return None


def _is_boolean(kind: ir.Type) -> bool:
    return kind == ir.Scalar("boolean") or (
        isinstance(kind, ir.Const) and isinstance(kind.value, bool)
    )
