"""Webhooks to :class:`~specwire_codegen.ir.Webhooks`: what the API sends by itself.

``webhooks`` of OpenAPI 3.1, and ``x-webhooks`` as older documents have it. Only bodies
are of interest: who answers is the user's own server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from . import ir
from .lower_schema import Schemas
from .media import request_kind
from .raw import Raw
from .shapes import Spot, below, follow

KEYS = ("webhooks", "x-webhooks")


def lower_webhooks(roots: Sequence[Spot], schemas: Schemas) -> ir.Webhooks | None:
    """All webhooks with a JSON body; ``None`` where there is none."""
    found: dict[str, tuple[Spot, Raw]] = {}
    for root in roots:
        for name, body in _bodies(root, schemas):
            while name in found:
                name += "_"
            found[name] = (body, Raw(f"{name} webhook"))
    if not found:
        return None
    at = below(roots[0].at, "webhooks")
    kinds = {name: schemas.lower(*each) for name, each in found.items()}
    spots = [spot for spot, _ in found.values()]
    whole = schemas.told_apart(spots, list(kinds.values()), at, Raw("webhook event"))
    return ir.Webhooks(tuple((Raw(n), k) for n, k in kinds.items()), whole, at)


def _bodies(root: Spot, schemas: Schemas) -> Iterator[tuple[str, Spot]]:
    """(name, schema) of each body that is JSON."""
    for key in KEYS:
        listed = root.schema.get(key)
        for name in listed if isinstance(listed, Mapping) else ():
            item = _opened(root.down(key, name), schemas)
            if not isinstance(item.schema, Mapping):
                continue
            methods = [m for m in ("post", "put", "patch") if m in item.schema]
            for number, method in enumerate(methods):
                spot = _schema(item.down(method), schemas)
                if spot is None:
                    message = "a webhook without a JSON body: left out"
                    schemas.problems.warning("L209", item.at, message)
                else:
                    yield f"{name} {method}" if number else str(name), spot


def _schema(operation: Spot, schemas: Schemas) -> Spot | None:
    said = operation.schema
    if not isinstance(said, Mapping) or "requestBody" not in said:
        return None
    body = _opened(operation.down("requestBody"), schemas)
    content = body.schema.get("content") if isinstance(body.schema, Mapping) else None
    for media in content if isinstance(content, Mapping) else ():
        entry = body.down("content", media)
        if request_kind(str(media)) == "json" and isinstance(entry.schema, Mapping):
            return entry.down("schema") if "schema" in entry.schema else None
    return None


def _opened(spot: Spot, schemas: Schemas) -> Spot:
    return follow(spot, schemas.documents) or spot
