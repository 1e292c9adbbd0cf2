"""What a document says about its operations, read without the generator's help.

OpenAPI 3.x as it stands, and Swagger 2.0 with the few things that it says elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs

from ..sampling import opened

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_USUAL = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_COLLECTIONS = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
# OpenAPI leaves these three to the client.
_NOT_ARGUMENTS = ("accept", "content-type", "authorization")


@attrs.frozen
class Parameter:
    name: str
    where: str
    schema: Any
    required: bool
    style: str
    explode: bool
    as_json: bool = False


@attrs.frozen
class Operation:
    pointer: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    """What stands behind a ``?`` in the path's key."""
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Any]
    """Media type -> schema."""
    body_required: bool
    replies: Mapping[str, Mapping[str, Any]]
    """Success status -> media type -> schema."""
    security: tuple[tuple[str, ...], ...] | None

    @property
    def flag(self) -> bool:
        """Whether ``stream`` in the request chooses between JSON and a stream."""
        return any(
            "application/json" in media and any(map(is_stream, media))
            for media in self.replies.values()
        )


def is_stream(media: str) -> bool:
    return media == "text/event-stream" or "ndjson" in media or "jsonl" in media


def load(path: Path) -> dict[str, Any]:
    """The document's data with text keys; times stay text."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        found: dict[str, Any] = json.loads(text)
        return found
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (base,), {})
    # Text stays text: days, and the words of YAML 1.1 that look like booleans.
    loader.yaml_implicit_resolvers = {
        first: [
            pair
            for pair in pairs
            if not pair[0].endswith(":timestamp")
            and not (pair[0].endswith(":bool") and first not in "tTfF")
        ]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    loaded: dict[str, Any] = _text_keys(yaml.load(text, Loader=loader))
    return loaded


def _text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _text_keys(item) for key, item in value.items()}
    return [_text_keys(item) for item in value] if isinstance(value, list) else value


def operations(root: dict[str, Any]) -> Iterator[Operation]:
    for key, item in root.get("paths", {}).items():
        whole = opened(root, item)
        for method in METHODS:
            if method in whole:
                yield _operation(root, key, method, whole)


def _operation(root: Any, key: str, method: str, item: Any) -> Operation:
    said = item[method]
    found: dict[tuple[str, str], Any] = {}
    for stated in (*item.get("parameters", ()), *said.get("parameters", ())):
        one = opened(root, stated)
        found[one["in"], one["name"]] = one
    path, _, query = key.partition("#")[0].partition("?")
    plain = [p for p in found.values() if p["in"] not in ("body", "formData")]
    bodies, required = _bodies(root, said, list(found.values()))
    security = said.get("security", root.get("security"))
    step = key.replace("~", "~0").replace("/", "~1")
    return Operation(
        f"#/paths/{step}/{method}",
        method.upper(),
        path,
        tuple(parse_qsl(query, True)),
        tuple(_parameter(p) for p in plain if _is_argument(p, path)),
        bodies,
        required,
        _replies(root, said),
        None if security is None else tuple(tuple(need) for need in security),
    )


def _is_argument(one: Any, path: str) -> bool:
    if one["in"] == "path":
        return f"{{{one['name']}}}" in path
    return not (one["in"] == "header" and one["name"].lower() in _NOT_ARGUMENTS)


def _parameter(one: Any) -> Parameter:
    where = one["in"]
    style = one.get("style", _USUAL[where])
    explode = one.get("explode", style == "form")
    schema = one.get("schema", True)
    if "type" in one:  # Swagger 2.0 has the schema's members here
        schema = one
        style, explode = _COLLECTIONS[one.get("collectionFormat", "csv")]
        style = style if where == "query" else _USUAL[where]
    if one.get("content"):
        schema = next(iter(one["content"].values())).get("schema", True)
    required = where == "path" or one.get("required") is True
    as_json = bool(one.get("content"))
    return Parameter(one["name"], where, schema, required, style, explode, as_json)


def _bodies(root: Any, said: Any, listed: list[Any]) -> tuple[dict[str, Any], bool]:
    if "requestBody" in said:
        body = opened(root, said["requestBody"])
        content = body.get("content", {})
        schemas = {_bare(m): e.get("schema", True) for m, e in content.items()}
        return schemas, body.get("required") is True
    consumes = said.get("consumes", root.get("consumes")) or ["application/json"]
    for one in listed:
        if one["in"] == "body":
            return dict.fromkeys(consumes, one["schema"]), one.get("required") is True
    form = [one for one in listed if one["in"] == "formData"]
    if not form:
        return {}, False
    schema = {
        "type": "object",
        "properties": {one["name"]: _form_field(one) for one in form},
        "required": [one["name"] for one in form if one.get("required")],
    }
    return dict.fromkeys(consumes, schema), bool(schema["required"])


def _form_field(one: Any) -> Any:
    return {"type": "string", "format": "binary"} if one["type"] == "file" else one


def _replies(root: Any, said: Any) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    stated = {s: r for s, r in said.get("responses", {}).items() if s[:2] != "x-"}
    good = [status for status in stated if status[0] == "2"]
    # A document that only says "default" means its success by it.
    for status in good or [status for status in stated if status == "default"]:
        reply = opened(root, stated[status])
        content = reply.get("content", {})
        media = {_bare(name): e.get("schema", True) for name, e in content.items()}
        if "schema" in reply:
            produces = said.get("produces", root.get("produces"))
            media = dict.fromkeys(produces or ["application/json"], reply["schema"])
        out[status] = media
    return out


def _bare(media: str) -> str:
    return media.partition(";")[0].strip().lower()
