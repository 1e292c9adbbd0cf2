"""Paths and operations: what a document promises in one place and breaks in another.

Works on a copy of the right shape and puts right what has one meaning: a path without
its slash, a name in a path that nobody declared. Operations are never taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .grammar import METHODS, step
from .problems import Problems, did_you_mean, shown

_NAME = re.compile(r"\{([^{}]*)\}")


def check_paths(document: dict[str, Any], at: str, problems: Problems) -> None:
    """Check and mend ``document["paths"]`` in place."""
    paths = document["paths"] = _with_slashes(document["paths"], at, problems)
    seen: dict[str, str] = {}
    for key, item in paths.items():
        if key.startswith("x-"):
            continue
        here = step(step(at, "paths"), key)
        shared = _declared(item.get("parameters"), document)
        _once(item, here, problems)
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                place = step(here, method)
                _unique(operation, place, seen, problems)
                _once(operation, place, problems)
                _not_in_path(key, operation, place, problems)
                own = _declared(operation.get("parameters"), document)
                if shared is not None and own is not None:
                    missing = _missing(key, shared | own, place, problems)
                    add = [_as_text(name, document) for name in missing]
                    if add:
                        operation["parameters"] = operation.get("parameters", []) + add


def _with_slashes(paths: dict[str, Any], at: str, problems: Problems) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in paths.items():
        name = key
        if not key.startswith(("/", "x-")):
            here = step(step(at, "paths"), key)
            name = f"/{key}"
            if name in paths or "://" in key:
                message = f"the path '{shown(key)}' is not below the server; ignored"
                problems.error("D006", here, message, "start it with a slash")
                continue
            message = f"the path '{shown(key)}' has no slash in front; read with one"
            problems.warning("D006", here, message)
        out[name] = item
    return out


def _unique(
    operation: dict[str, Any], at: str, seen: dict[str, str], problems: Problems
) -> None:
    name = operation.get("operationId")
    if name is None:
        return
    if name in seen:
        message = f"the operationId '{shown(name)}' is also that of {seen[name]}"
        problems.warning("D009", step(at, "operationId"), message)
        return
    method, path = at.rsplit("/", 1)[1].upper(), at.rsplit("/", 2)[1]
    seen[name] = f"{method} {shown(path.replace('~1', '/').replace('~0', '~'))}"


def _once(holder: dict[str, Any], at: str, problems: Problems) -> None:
    """Take out parameters that are declared a second time at the same level."""
    seen: set[tuple[str, str]] = set()
    kept: list[Any] = []
    for index, parameter in enumerate(holder.get("parameters", ())):
        name = (parameter.get("in", ""), parameter.get("name", ""))
        if "$ref" not in parameter and name[0] != "body":
            if name in seen:
                message = f"the {name[0]} parameter '{shown(name[1])}' is here twice"
                place = step(step(at, "parameters"), index)
                problems.warning("D010", place, f"{message}; the first is used")
                continue
            seen.add(name)
        kept.append(parameter)
    if len(kept) < len(holder.get("parameters", ())):
        holder["parameters"] = kept


def _declared(parameters: Any, document: dict[str, Any]) -> set[str] | None:
    """Names of path parameters; ``None`` when one of them is out of sight."""
    names: set[str] = set()
    for parameter in parameters or ():
        found = parameter
        if "$ref" in parameter:
            found = _local(parameter["$ref"], document)
            if not isinstance(found, dict) or "$ref" in found:
                return None
        if found.get("in") == "path":
            names.add(str(found.get("name")))
    return names


def _local(ref: str, document: dict[str, Any]) -> Any:
    """A shared parameter by its plain reference, or ``None``."""
    for table in _tables(document):
        for prefix in ("#/components/parameters/", "#/parameters/"):
            if ref.startswith(prefix) and ref.removeprefix(prefix) in table:
                return table[ref.removeprefix(prefix)]
    return None


def _tables(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document.get("components", {}).get("parameters", {})
    yield document.get("parameters", {})


def _not_in_path(
    key: str, operation: dict[str, Any], at: str, problems: Problems
) -> None:
    """Take out the operation's path parameters that its path does not have."""
    kept: list[Any] = []
    for parameter in operation.get("parameters", ()):
        name = parameter.get("name")
        if parameter.get("in") == "path" and name not in _names(key):
            message = f"the path parameter '{shown(name)}' is not in '{shown(key)}'"
            hint = did_you_mean(name, _names(key))
            problems.warning("D008", step(at, "parameters"), message, hint)
        else:
            kept.append(parameter)
    if len(kept) < len(operation.get("parameters", ())):
        operation["parameters"] = kept


def _missing(key: str, declared: set[str], at: str, problems: Problems) -> list[str]:
    missing = [name for name in _names(key) if name not in declared]
    for name in missing:
        message = f"'{{{shown(name)}}}' in the path is not declared; read as text"
        problems.warning("D007", at, message)
    return missing


def _names(key: str) -> list[str]:
    """The names in braces, each once; a constant query is not part of the path."""
    return list(dict.fromkeys(_NAME.findall(key.partition("?")[0])))


def _as_text(name: str, document: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    said = {"name": name, "in": "path", "required": True}
    return {**said, **text} if "swagger" in document else {**said, "schema": text}
