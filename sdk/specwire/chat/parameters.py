"""Parameters: from the names that all providers share to one provider's own.

The record says where each standard name goes (``generationConfig.maxOutputTokens``),
its type, its bounds and what it is where nothing is said. A name that the record does
not know is sent as it was given; ``None`` leaves a parameter out, its default too.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from ..core.errors import RequestValidationError
from .dialects.base import put
from .record import Described, Record, part, provider

OWN: Final = frozenset(
    {
        *("model", "messages", "system", "system_message", "stream", "tools"),
        *("tool_choice", "parallel_tool_calls", "response_format", "n"),
        *("response_format_mode", "reasoning_effort", "candidates"),
    }
)
"""What the request says itself; the dialects write it."""
_ALIASES: Final = {
    "stop": "stop_sequences",
    "stop_sequences": "stop",
    "max_output_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_tokens": "max_output_tokens",
}
_RIVALS: Final = {"temperature": ("top_p",), "top_p": ("temperature",)}
"""A default is not said beside what the caller says of the same thing."""
_LIMITS: Final = ("max_tokens", "max_output_tokens")
MAX_TOKENS: Final = 4096
"""Said where a provider demands a limit and neither caller nor model has one."""


def mapped(
    manifest: Described, given: Mapping[str, Any], *, model: str = ""
) -> dict[str, Any]:
    """``given`` by its wire names, with the manifest's defaults.

    :param model: whose limits count, where the manifest knows it.
    :raises RequestValidationError: for a value of the wrong type or out of bounds, and
        where a parameter that has to be said is missing.
    """
    return written(manifest, given, model)[0]


def written(
    manifest: Described,
    given: Mapping[str, Any],
    model: str = "",
    without: Container[str] = (),
) -> tuple[dict[str, Any], set[str]]:
    """:func:`mapped`, and which standard names were filled in.

    :param without: names that are written elsewhere.
    """
    table: Record = part(manifest, "parameters")
    openai = manifest.data.get("dialect", "openai") == "openai"
    body: dict[str, Any] = {}
    said: set[str] = set()
    for name, value in given.items():
        if name in without:
            continue
        standard = _standard(name, table, openai)
        said.add(standard or name)
        if value is None:
            continue
        if standard is None:
            body[name] = value
            continue
        rule = table[standard]
        if standard in _LIMITS and _above(value, rule.get("max")):
            # A manifest's bound may be older than the model.
            rule = {**rule, "max": max(limit_of(manifest, model) or 0, rule["max"])}
        value = checked(manifest, name, value, rule)
        put(body, rule.get("wire") or (standard,), value)
    filled = _filled(manifest, table, said, model)
    for name, value in filled.items():
        put(body, table[name].get("wire") or (name,), value)
    return body, set(filled)


def _standard(name: str, table: Record, openai: bool) -> str | None:
    """The record's own name for what the caller calls ``name``."""
    if name in table:
        return name
    for standard, rule in table.items():
        wire = rule.get("wire") or (standard,)
        if wire[-1] == name or ".".join(wire) == name:
            return standard
    if openai and name == "max_completion_tokens":
        return None  # OpenAI tells the two apart
    alias = _ALIASES.get(name)
    return alias if alias in table else None


def _filled(
    manifest: Described, table: Record, said: set[str], model: str
) -> dict[str, Any]:
    """What the caller did not say and the manifest does."""
    filled = {}
    for name, rule in table.items():
        if name in said or name in OWN:
            continue
        if rule.get("default") is not None:
            if not said & set(_RIVALS.get(name, ())):
                filled[name] = rule["default"]
        elif rule.get("required") and name in _LIMITS:
            known = limit_of(manifest, model)
            filled[name] = known or min(rule.get("max") or MAX_TOKENS, MAX_TOKENS)
        elif rule.get("required"):
            raise RequestValidationError(
                f"chat ({provider(manifest)}): parameter {name!r} has to be said",
                pointer=_pointer(rule.get("wire") or (name,)),
            )
    return filled


def limit_of(manifest: Described, model: str) -> int | None:
    """How many tokens ``model`` can answer with, where that is known."""
    look_up: Any = getattr(manifest, "model", part(manifest, "models").get)
    found = look_up(model)
    limit = found.get("max_output_tokens") if found else None
    return limit if isinstance(limit, int) else None


def _above(value: Any, most: Any) -> bool:
    return isinstance(value, (int, float)) and most is not None and value > most


# -- checks ------------------------------------------------------------------------


def checked(manifest: Described, name: str, value: Any, rule: Record) -> Any:
    """``value``, as the rule wants it."""
    kind = rule.get("type")
    fit = _fitted(kind, value)
    if fit is None:
        raise _refused(manifest, name, value, rule, f"a value of type {kind}")
    allowed = rule.get("enum")
    if allowed and isinstance(allowed, Sequence) and fit not in allowed:
        words = ", ".join(map(repr, allowed))
        raise _refused(manifest, name, value, rule, f"one of {words}")
    least, most = rule.get("min"), rule.get("max")
    number = isinstance(fit, (int, float)) and not isinstance(fit, bool)
    below = number and least is not None and fit < least
    if below or (number and most is not None and fit > most):
        bound = f"{least} to {most}"
        if least is None or most is None:
            bound = f"at most {most}" if least is None else f"at least {least}"
        raise _refused(manifest, name, value, rule, bound)
    return fit


def _fitted(kind: Any, value: Any) -> Any:
    """``value`` where it is of the type, else ``None``."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("float", "number"):
        return value if number and math.isfinite(value) else None
    if kind in ("integer", "int"):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and number else None
    if kind in ("boolean", "bool"):
        return value if isinstance(value, bool) else None
    if kind == "string":
        return value if isinstance(value, str) else None
    if kind in ("array", "list"):
        if isinstance(value, str):
            return [value]  # one stop sequence is a list of one
        return list(value) if isinstance(value, (list, tuple, set)) else None
    if kind == "object":
        return value if isinstance(value, Mapping) else None
    return value


def _refused(
    manifest: Described, name: str, value: Any, rule: Record, expected: str
) -> RequestValidationError:
    return RequestValidationError(
        f"chat ({provider(manifest)}): parameter {name!r}: expected {expected}, got "
        f"{value!r:.80}",
        pointer=_pointer(rule.get("wire") or (name,)),
        expected=expected,
    )


def _pointer(wire: Sequence[str]) -> str:
    return "".join(f"/{name}" for name in wire)
