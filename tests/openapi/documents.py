"""Read the documents of ``openapi/``, and apply overlays to them.

A second, small reading of OpenAPI Overlay 1.0, on purpose not the generator's: what is
checked here must not rest on what is checked elsewhere. Only ``update`` actions and
plain targets (``$.a['b'].c``) are known, because the overlays use no more.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"
SHARED_SPECS = ROOT.parent / "shared" / "specs"
"""The public documents to compare with; not part of the project, may be missing."""

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']+)'\]")

Document = dict[str, Any]


def load(path: Path) -> Document:
    """The YAML or JSON document at ``path``."""
    text = path.read_text(encoding="utf-8")
    loaded = json.loads(text) if path.suffix == ".json" else yaml.load(text, _LOADER)
    if not isinstance(loaded, dict):
        raise TypeError(f"{path.name}: expected a mapping, got {type(loaded).__name__}")
    return loaded


def steps(target: str) -> list[str]:
    """The member names in an overlay's target, from the outside in.

    >>> steps("$.paths['/v1/x'].get")
    ['paths', '/v1/x', 'get']
    """
    names: list[str] = []
    position = 1
    while position < len(target):
        match = _STEP.match(target, position)
        if target[0] != "$" or match is None:
            raise ValueError(f"target {target!r}: only $.name and $['name'] are known")
        names.append(match[1] or match[2])
        position = match.end()
    return names


def find(document: Document, names: list[str]) -> Any:
    """What ``names`` lead to in ``document``, or None."""
    node: Any = document
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def apply(document: Document, overlay: Document) -> tuple[Document, list[str]]:
    """The document with the overlay's updates, and the targets that matched nothing."""
    changed = copy.deepcopy(document)
    missed: list[str] = []
    for action in overlay["actions"]:
        node = find(changed, steps(action["target"]))
        if isinstance(node, dict):
            _merge(node, action["update"])
        else:
            missed.append(action["target"])
    return changed, missed


def _merge(into: dict[str, Any], update: Mapping[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation as (method, path, operation)."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def parameters(document: Document, path: str, method: str) -> list[dict[str, Any]]:
    """An operation's parameters with those of its path, references followed."""
    item = document["paths"][path]
    listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
    return [resolve(document, each) for each in listed]


def resolve(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    """``node``, or what it refers to within ``document``."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        ref = node["$ref"]
        found = find(document, ref.removeprefix("#/").split("/"))
        if not ref.startswith("#/") or not isinstance(found, dict):
            raise KeyError(f"$ref {ref!r} leads nowhere")
        node = found
    return node


def nodes(value: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping below ``value`` with its pointer, the outermost first."""
    if isinstance(value, dict):
        yield at, value
        for key, below in value.items():
            yield from nodes(below, f"{at}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from nodes(below, f"{at}/{index}")


NAMES = ("anthropic", "sim")
SPECS = {name: load(OPENAPI / f"{name}.yaml") for name in NAMES}
OVERLAYS = {name: load(OPENAPI / "overlays" / f"{name}.yaml") for name in NAMES}
WHOLE = {name: apply(SPECS[name], OVERLAYS[name])[0] for name in NAMES}
"""Each document with its overlay applied: what the generator works from."""


def schemas(document: Document) -> Document:
    """The component schemas by name."""
    found: Document = document["components"]["schemas"]
    return found
