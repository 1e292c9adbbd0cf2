"""Data against a JSON Schema. jsonschema is imported with this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from ..core.errors import shortened

_HERE: Registry[Any] = Registry()
"""References stay inside the schema: nothing is fetched."""


def problem(schema: Any, data: Any) -> tuple[str, str] | None:
    """What of ``data`` does not fit ``schema``: JSON Pointer and words; or nothing."""
    try:
        error = best_match(errors(schema, data))
    except Unresolvable as gone:
        return "", f"the schema's reference {gone.ref!r} leads nowhere"
    return None if error is None else (_pointer(error), str(error.message))


def problems(schema: Any, data: Any) -> list[tuple[str, str]]:
    """Everything of ``data`` that does not fit, as :func:`problem` has it, in order."""
    try:
        found = sorted(errors(schema, data), key=lambda e: list(map(str, e.path)))
    except Unresolvable as gone:
        return [("", f"the schema's reference {gone.ref!r} leads nowhere")]
    return [(_pointer(error), shortened(str(error.message), 300)) for error in found]


def _pointer(error: Any) -> str:
    steps = (str(s).replace("~", "~0").replace("/", "~1") for s in error.absolute_path)
    return "".join(f"/{step}" for step in steps)


def errors(schema: Any, data: Any) -> Iterator[Any]:
    """Everything in ``data`` that does not fit ``schema``, as jsonschema has it."""
    found: Iterator[Any] = _validator(schema).iter_errors(data)
    return found


def fits(schema: Any, data: Any) -> bool:
    """Whether ``data`` is what ``schema`` says."""
    return problem(schema, data) is None


def _validator(schema: Any) -> Any:
    return Draft202012Validator(schema, registry=_HERE)


def check_schema(schema: Any) -> str | None:
    """What is wrong with ``schema`` itself, in words."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return str(error.message)
    return None
