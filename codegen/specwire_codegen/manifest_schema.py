"""The full check of a manifest, contract or registry: by its JSON Schema.

Compiling finds what cannot be used; this finds what cannot be meant, a misspelt key
above all. ``jsonschema`` is imported when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .grammar import step
from .problems import Problems, did_you_mean, near, shown

_CHOICES = ("oneOf", "anyOf")


def check_schema(
    data: Any, schema: Mapping[str, Any], at: str, problems: Problems
) -> None:
    """Add an error for everything that ``schema`` says against ``data``.

    ``at`` is ``file#``, where ``data`` stands.
    """
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(dict(schema))
    for error in validator.iter_errors(data):
        for one in _innermost(error):
            where = at
            for token in one.absolute_path:
                where = step(where, token)
            for key, message, hint in _said(one):
                problems.error(
                    "M012", step(where, key) if key else where, message, hint
                )
    _slips(data, schema, at, problems)


def _innermost(error: Any) -> Iterator[Any]:
    """What is wrong in the alternative that was probably meant."""
    if error.validator not in _CHOICES or not error.context:
        yield error
        return
    by_choice: dict[Any, list[Any]] = {}
    for one in error.context:
        by_choice.setdefault(one.relative_schema_path[0], []).append(one)
    # An alternative for another kind of value was not meant.
    fitting = [
        found
        for found in by_choice.values()
        if not any(one.validator == "type" and not one.relative_path for one in found)
    ]
    # Of several, the one that was followed the furthest.
    depths = [max(len(one.absolute_path) for one in found) for found in fitting]
    if not depths or depths.count(max(depths)) > 1:
        yield error
        return
    for one in fitting[depths.index(max(depths))]:
        yield from _innermost(one)


def _said(error: Any) -> Iterator[tuple[str | None, str, str | None]]:
    """The member it is about, the message and a hint."""
    value = error.validator_value
    if error.validator == "additionalProperties" and value is False:
        known = error.schema.get("properties", {})
        patterns = error.schema.get("patternProperties", {})
        for key in map(str, error.instance):
            if key not in known and not any(re.search(one, key) for one in patterns):
                hint = did_you_mean(key, known) or f"known are {', '.join(known)}"
                yield key, f"there is no '{shown(key)}' here", hint
    elif error.validator == "required":
        for key in value:
            if key not in error.instance:
                yield None, f"'{key}' is missing", None
    elif error.validator == "enum":
        meant = did_you_mean(str(error.instance), map(str, value))
        one_of = ", ".join(map(str, value))
        message = f"'{shown(error.instance)}' is none of {one_of}"
        yield None, message, meant
    elif error.validator == "pattern":
        yield None, f"'{shown(error.instance)}' does not match {value}", None
    elif error.validator == "type":
        wanted = value if isinstance(value, str) else " or ".join(value)
        yield None, f"expected {wanted}, got {shown(error.instance)}", None
    else:
        yield None, shown(error.message), None


def _slips(data: Any, schema: Mapping[str, Any], at: str, problems: Problems) -> None:
    """Keys at the top that nobody knows but that nearly are one."""
    known = schema.get("properties", {})
    if not isinstance(data, Mapping) or schema.get("additionalProperties") is False:
        return
    for key in data:
        meant = None if key in known else near(str(key), known, cutoff=0.8)
        if meant:
            message = f"'{shown(key)}' is not known and is ignored"
            hint = f"did you mean '{meant}'?"
            problems.warning("M012", step(at, str(key)), message, hint)
