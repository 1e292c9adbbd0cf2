"""What an overlay says of an operation in ``x-specwire-`` words of its own.

Only those that are neither its result nor its name: constant headers, headers that
members imply, and what is about to go. What cannot be so is reported and left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import ir
from .headers import is_token, is_value
from .problems import Problems, shown
from .raw import Raw
from .shapes import Spot


def constants(here: Spot, problems: Problems) -> Iterator[tuple[Raw, Raw]]:
    """``x-specwire-headers``: sent with every call."""
    for name, value in _table(here, "headers"):
        if is_token(str(name)) and is_value(str(value)):
            yield Raw(str(name)), Raw(str(value))
        else:
            message = f"the header '{shown(name)}' cannot be sent: left out"
            problems.warning("L207", here.at, message)


def implied(
    here: Spot, body: ir.Body | None, problems: Problems
) -> Iterator[tuple[Raw, Raw, Raw]]:
    """``x-specwire-implied``: member, header and value."""
    members = _members(body)
    for member, headers in _table(here, "implied"):
        for name, value in headers.items() if isinstance(headers, Mapping) else ():
            if member in members and is_token(str(name)) and is_value(str(value)):
                yield Raw(str(member)), Raw(str(name)), Raw(str(value))
            else:
                message = f"'{shown(member)}' can imply no '{shown(name)}'"
                problems.warning("L207", here.at, f"{message}: left out")


def retiring(
    here: Spot, body: ir.Body | None, problems: Problems
) -> Iterator[tuple[Raw, ir.Retiring]]:
    """``x-specwire-retiring``: a member and its last days, or where it has gone."""
    members = _members(body)
    for member, said in _table(here, "retiring"):
        place = said.split(".") if isinstance(said, str) else []
        if member in members and len(place) == 2 and place[0] in members:
            yield Raw(str(member)), ir.Moved(Raw(place[0]), Raw(place[1]))
        elif member in members and isinstance(said, Mapping):
            days = ((Raw(str(value)), Raw(str(day))) for value, day in said.items())
            yield Raw(str(member)), tuple(days)
        else:
            message = f"'{shown(member)}' cannot be retiring: left out"
            problems.warning("L207", here.at, message)


def replaced(
    here: Spot, body: ir.Body | None, problems: Problems
) -> Iterator[tuple[Raw, ir.Replaced]]:
    """``x-specwire-replaced``: member, and a value in it that has a better one."""
    members = _members(body)
    for member, said in _table(here, "replaced"):
        found = said if isinstance(said, Mapping) else {}
        words = [found.get(word) for word in ("part", "value", "instead")]
        where = found.get("where")
        other = next(iter(where.items()), ()) if isinstance(where, Mapping) else ()
        if (
            member in members
            and all(isinstance(word, str) for word in words)
            and other
            and other[0] in members
            and isinstance(other[1], list)
        ):
            values = tuple(Raw(str(value)) for value in other[1])
            part, value, instead = (Raw(str(word)) for word in words)
            by = Raw(str(other[0]))
            yield Raw(str(member)), ir.Replaced(part, value, instead, by, values)
        else:
            message = f"'{shown(member)}' cannot be replaced: left out"
            problems.warning("L207", here.at, message)


def _table(here: Spot, word: str) -> Iterator[tuple[object, object]]:
    stated = here.schema.get(f"x-specwire-{word}")
    yield from stated.items() if isinstance(stated, Mapping) else ()


def _members(body: ir.Body | None) -> frozenset[object]:
    return frozenset(field.wire.wire for field in (body and body.fields) or ())
