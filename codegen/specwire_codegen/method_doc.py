"""The docstring of a generated method, from what the document says of an operation."""

from __future__ import annotations

from collections.abc import Iterable

from . import ir
from .emit_models import marked
from .raw import Raw, doc
from .signatures import Argument

_RAISES = ":raises specwire.errors.APIStatusError: where the server refuses."


def method_doc(
    operation: ir.Operation, args: Iterable[Argument]
) -> tuple[str, list[str]]:
    """A method's docstring: first line, and the paragraphs after it."""
    summary = doc(operation.summary, limit=200)
    described = doc(operation.doc, limit=150)
    if not summary and described:
        first, stop, described = described.partition(". ")
        summary = first + stop.strip()
    if described.rstrip(".") == summary.rstrip("."):
        described = ""
    if not summary:
        summary = doc(Raw(f"{operation.method} {operation.path.wire}"))
    elif summary[-1] not in ".!?…":
        summary += "."
    rest = [described] if described else []
    rest += [f":param {a.name}: {a.told}" for a in args if a.told]
    rest.append(_RAISES)
    return marked(summary, operation.deprecated), rest
