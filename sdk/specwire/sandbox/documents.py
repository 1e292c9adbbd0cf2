"""The OpenAPI documents behind the sandbox: loading them, pointing into them.

Our own come as generated JSON from ``specwire/specs``; any other document in OpenAPI
3.1 shape can be served as well. Nothing is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Document = Mapping[str, Any]
OWN = ("anthropic", "sim")
_FOLDER = Path(__file__).resolve().parent.parent / "specs"


@cache
def own_document(name: str) -> Document:
    """The document of one of our own services.

    :raises FileNotFoundError: where the generated file is missing.
    """
    path = _FOLDER / f"{name}.json"
    try:
        document: Document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(
            f"sandbox: {path} is missing; it is generated: run `make codegen`"
        ) from None
    return document


def own_documents() -> dict[str, Document]:
    """The documents of all our own services, by name."""
    return {name: own_document(name) for name in OWN}


def pointer_to(*parts: str | int) -> str:
    """The JSON Pointer (RFC 6901) made of ``parts``."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)


def follow(document: Document, pointer: str) -> tuple[str, Any]:
    """What lies at ``pointer``, and where it really lies: references are followed.

    A pointer that leads nowhere gives ``{}``.
    """
    for _ in range(32):
        found: Any = document
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list):
                found = found[int(key)]
            else:
                found = found.get(key, {}) if isinstance(found, Mapping) else {}
        reference = found.get("$ref") if isinstance(found, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#"):
            return pointer, found
        pointer = reference[1:]
    return pointer, {}


def path_prefix(document: Document) -> str:
    """The path that the document's first server puts before all others, or ``""``."""
    servers = document.get("servers") or [{}]
    return urlsplit(str(servers[0].get("url", ""))).path.rstrip("/")
