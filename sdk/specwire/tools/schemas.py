"""JSON Schema of a function's arguments, as a model is told what to write.

A class that contains itself stands in ``$defs``; every other one stands where it is
used. A type that JSON has no word for is refused when the tool is made, not when the
model calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..structured import docstrings
from ..structured.shapes import Member as Member
from ..structured.writer import Schema as Schema
from ..structured.writer import Style, Writer


def schema_of_members(members: Iterable[Member], *, closed: bool = True) -> Schema:
    """The schema of an object with ``members``.

    :raises TypeError: for a type that cannot be said in JSON.
    """
    writer = Writer(_STYLE)
    return writer.whole(writer.object(members, closed=closed))


def _texts(doc: str) -> tuple[str, Mapping[str, str]]:
    read = docstrings.read(doc)
    return read.description, read.parameters


_STYLE = Style(inline=True, details=True, texts=_texts)
