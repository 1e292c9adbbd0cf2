"""The manifests that come with the package: records in JSON, one file a provider.

They were compiled when the package was built, so reading one is parsing JSON. A file is
read when its provider is asked for, the model registry when a model is; both are kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

FOLDER: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "providers")


def _read(name: str) -> Any:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


@cache
def index() -> Mapping[str, Any]:
    """``{"providers": {id: {"name", "dialect"}}, "aliases": {alias: id}}``."""
    found: Mapping[str, Any] = _read("index.json")
    return found


def ids() -> list[str]:
    """The built-in providers, in alphabetical order."""
    return sorted(index()["providers"])


def aliases() -> Mapping[str, str]:
    """Other names of built-in providers, exact; from name to id."""
    found: Mapping[str, str] = index()["aliases"]
    return found


def is_known(name: str) -> bool:
    """Whether ``name`` is a built-in provider's id or alias."""
    return name in index()["providers"] or name in aliases()


@cache
def record(provider: str) -> Mapping[str, Any]:
    """The record of a built-in provider, by its id.

    :raises KeyError: where there is none.
    """
    if provider not in index()["providers"]:
        raise KeyError(provider)
    found: Mapping[str, Any] = _read(f"{provider}.json")
    return found


@cache
def dialects() -> Mapping[str, Any]:
    """What each wire language says where a manifest says nothing."""
    found: Mapping[str, Any] = _read("_dialects.json")
    return found


def schemas() -> Mapping[str, Any]:
    """JSON Schemas, by what they describe: ``manifest``, ``contract``, ``model``."""
    found: Mapping[str, Any] = _read("_schemas.json")
    return found


@cache
def models(provider: str) -> Mapping[str, Mapping[str, Any]]:
    """The model registry of one provider: ``{name: {"id", "context_window", …}}``."""
    try:
        found = _read(os.path.join("models", f"{provider}.json"))
    except FileNotFoundError:
        return {}
    inner: Mapping[str, Mapping[str, Any]] = found["models"]
    return inner


def providers_of(model: str) -> list[tuple[str, str]]:
    """Who offers ``model``, by its name, its id or an alias: (provider, wire id)."""
    found: dict[tuple[str, str], None] = {}
    for provider in ids():
        for name, entry in models(provider).items():
            wire = str(entry.get("id") or name)
            if model in (name, wire, *entry.get("aliases", ())):
                found[(provider, wire)] = None
    return list(found)


def model_names() -> list[str]:
    """Every name that :func:`providers_of` knows."""
    return [name for provider in ids() for name in models(provider)]
