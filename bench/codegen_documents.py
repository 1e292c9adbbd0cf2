"""OpenAPI documents of any size, made up but shaped like those of real services.

``python bench/codegen_documents.py OPERATIONS FILE [WEIGHT]`` writes one; a name that
ends in ``.yaml`` gets YAML. Like the large documents of well-known services it has
about 10 KB an operation: a resource of five operations brings an object with nested
ones, enumerations, arrays and maps, what is sent to create and to change it (``allOf``
of the same base), a union of its events and examples; all share errors, addresses and
the like. The same number always gives the same document.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_NOUN_LIST = """
account alert asset batch budget card charge channel check client comment contact
contract coupon credit customer delivery device dispute document event export feature
folder group hook image import invoice item job key label ledger license limit link
list location member message meter note offer order part payment plan policy product
profile project quote range rate record refund region report review role rule run
schedule segment session setting shipment source space stage stock store task tax team
template term thread ticket token topic trace transfer trigger user vault version view
volume wallet webhook worker zone
"""
_WORD_LIST = """
the a of to and is in for that with on as by an be this from it may when which value
object field unique identifier time current given returned only used number request
response amount list state set created updated changed whether default system service
customer period maximum minimum items before after each optional
"""
_STATE_LIST = "active paused draft failed pending open closed archived queued done"
_NOUNS, _WORDS = _NOUN_LIST.split(), _WORD_LIST.split()
_STATES = _STATE_LIST.split()
_SCALARS: tuple[Json, ...] = (
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "boolean"},
    {"type": ["string", "null"]},
    {"type": "string", "maxLength": 255, "default": "none"},
)
_COMMON = ("Address", "Money", "Actor", "Period", "Attachment")


def document(operations: int, *, weight: float = 1.0) -> Json:
    """A document of OpenAPI 3.1 with exactly so many operations.

    ``weight`` says how many members the objects have; 1 makes about 8 KB an operation.
    """
    maker = _Maker(random.Random(operations), weight)
    number = 0
    while operations > 0:
        maker.resource(number, min(operations, 5))
        operations -= 5
        number += 1
    return maker.whole


def text_of(made: Json, *, yaml: bool = False) -> str:
    """A document as JSON with two blanks a level, or as YAML."""
    if not yaml:
        return json.dumps(made, indent=2) + "\n"
    from yaml import dump

    try:
        from yaml import CSafeDumper as Dumper
    except ImportError:
        from yaml import SafeDumper as Dumper
    return str(dump(made, Dumper=Dumper, sort_keys=False, width=100))


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Json, **more: Any) -> Json:
    return {"application/json": {"schema": schema, **more}}


class _Maker:
    """A document that grows by one resource at a time."""

    def __init__(self, chance: random.Random, weight: float) -> None:
        self.chance = chance
        self.weight = weight
        self.schemas: Json = {}
        self.paths: Json = {}
        self.whole: Json = {
            "openapi": "3.1.0",
            "info": {"title": "Made-up service", "version": "2.4.0"},
            "servers": [{"url": "https://api.example.com"}],
            "security": [{"key": []}],
            "tags": [],
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "responses": self._errors(),
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            },
        }
        for name in _COMMON:
            self.schemas[name] = self._object(6, depth=0)
        self.schemas["Error"] = self._object(4, depth=0)

    def prose(self, words: int) -> str:
        """A sentence of so many words."""
        text = " ".join(self.chance.choices(_WORDS, k=words))
        return text.capitalize() + "."

    def _errors(self) -> Json:
        content = _content(_reference("Error"))
        return {
            name: {"description": self.prose(8), "content": content}
            for name in ("Refused", "Missing", "Busy")
        }

    # -- schemas -----------------------------------------------------------------

    def _object(self, members: int, *, depth: int) -> Json:
        members = round(members * self.weight)
        names = self.chance.sample(_NOUNS, members)
        properties = {name: self._member(depth) for name in names}
        return {
            "type": "object",
            "description": self.prose(14),
            "properties": {"id": {"type": "string"}, **properties},
            "required": ["id", *names[: members // 3]],
        }

    def _member(self, depth: int) -> Json:
        kind = self.chance.random()
        if kind < 0.1 and depth:
            return self._object(4, depth=depth - 1)
        if kind < 0.15 and depth:
            return {"type": "array", "items": self._object(3, depth=depth - 1)}
        if kind < 0.25:
            values = self.chance.sample(_STATES, 4)
            return {"type": "string", "enum": values, "description": self.prose(10)}
        if kind < 0.35:
            return _reference(self.chance.choice(_COMMON))
        if kind < 0.4:
            return {"type": "object", "additionalProperties": {"type": "string"}}
        if kind < 0.45:
            inner = [_reference(self.chance.choice(_COMMON)), {"type": "null"}]
            return {"anyOf": inner, "description": self.prose(12)}
        if kind < 0.5:
            return {"type": "array", "items": {"type": "string"}}
        scalar = self.chance.choice(_SCALARS)
        return {**scalar, "description": self.prose(self.chance.randint(6, 24))}

    def _example(self, schema: Json, depth: int = 0) -> Any:
        if depth > 6:
            return {}
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._example(self.schemas[name], depth + 1)
        if "allOf" in schema:
            parts = [self._example(one, depth + 1) for one in schema["allOf"]]
            return {key: value for part in parts for key, value in part.items()}
        if "properties" in schema:
            return {
                name: self._example(member, depth + 1)
                for name, member in schema["properties"].items()
            }
        if schema.get("type") == "array":
            return [self._example(schema["items"], depth + 1)]
        if "enum" in schema:
            return schema["enum"][0]
        plain = {"integer": 42, "number": 2.5, "boolean": True, "object": {"a": "b"}}
        return plain.get(str(schema.get("type")), self.prose(3))

    def _declared(self, name: str, noun: str) -> None:
        """All schemas of one resource."""
        chance, schemas = self.chance, self.schemas
        schemas[f"{name}Base"] = self._object(10, depth=2)
        own = {"type": "object", "properties": {"status": self._member(1)}}
        base = _reference(f"{name}Base")
        schemas[name] = {
            "description": self.prose(20),
            "allOf": [base, self._object(6, depth=2)],
        }
        schemas[f"{name}Create"] = {"allOf": [base, own]}
        schemas[f"{name}Change"] = self._object(6, depth=1)
        states = chance.sample(_STATES, 3)
        kinds = {kind: f"{name}{kind.title()}Event" for kind in states}
        for kind, event in kinds.items():
            made = self._object(4, depth=1)
            made["properties"]["kind"] = {"type": "string", "const": kind}
            made["required"].append("kind")
            schemas[event] = made
        schemas[f"{name}Event"] = {
            "oneOf": [_reference(event) for event in kinds.values()],
            "discriminator": {"propertyName": "kind"},
            "title": f"{noun} event",
        }
        events = {"type": "array", "items": _reference(f"{name}Event")}
        schemas[name]["allOf"][1]["properties"]["events"] = events
        schemas[f"{name}Page"] = {
            "type": "object",
            "properties": {
                "data": {"type": "array", "items": _reference(name)},
                "has_more": {"type": "boolean"},
                "last_id": {"type": ["string", "null"]},
            },
            "required": ["data", "has_more"],
        }

    # -- operations --------------------------------------------------------------

    def resource(self, number: int, operations: int) -> None:
        """One more resource, with as many of its five operations as asked."""
        first, second = _NOUNS[number % len(_NOUNS)], _NOUNS[number // len(_NOUNS)]
        plural = f"{second}_{first}s" if number >= len(_NOUNS) else f"{first}s"
        name = "".join(word.capitalize() for word in plural[:-1].split("_"))
        self._declared(name, first)
        self.whole["tags"].append({"name": plural, "description": self.prose(10)})
        place = {"name": "id", "in": "path", "required": True}
        place |= {"schema": {"type": "string"}, "description": self.prose(6)}
        ways = (
            ("get", "", "list", None, f"{name}Page"),
            ("post", "", "create", f"{name}Create", name),
            ("get", "/{id}", "retrieve", None, name),
            ("patch", "/{id}", "change", f"{name}Change", name),
            ("delete", "/{id}", "delete", None, None),
        )
        for method, end, verb, sent, got in ways[:operations]:
            item = self.paths.setdefault(f"/v1/{plural}{end}", {})
            if end:
                item["parameters"] = [place]
            made = self._operation(verb, plural, sent, got)
            item[method] = {"tags": [plural], **made}

    def _operation(
        self, verb: str, plural: str, sent: str | None, got: str | None
    ) -> Json:
        done: Json = {"description": self.prose(5)}
        if got:
            schema = _reference(got)
            done["content"] = _content(schema, example=self._example(schema))
        made: Json = {
            "operationId": f"{verb}_{plural}",
            "summary": self.prose(6),
            "description": self.prose(40),
            "parameters": self._filters() if verb == "list" else [self._header()],
            "responses": {
                "200" if got else "204": done,
                "400": {"$ref": "#/components/responses/Refused"},
                "404": {"$ref": "#/components/responses/Missing"},
                "429": {"$ref": "#/components/responses/Busy"},
            },
        }
        if sent:
            schema = _reference(sent)
            content = _content(schema, example=self._example(schema))
            made["requestBody"] = {"required": True, "content": content}
        return made

    def _header(self) -> Json:
        return {
            "name": "X-Request-Source",
            "in": "header",
            "schema": {"type": "string"},
            "description": self.prose(10),
        }

    def _filters(self) -> list[Json]:
        states = {"type": "array", "items": {"type": "string", "enum": _STATES}}
        schemas: dict[str, Json] = {
            "limit": {"type": "integer", "maximum": 100, "default": 20},
            "after_id": {"type": "string"},
            "status": states,
            "created_after": {"type": "string", "format": "date-time"},
            "order": {"type": "string", "enum": ["asc", "desc"]},
        }
        return [
            {
                "name": name,
                "in": "query",
                "schema": schema,
                "description": self.prose(9),
            }
            for name, schema in schemas.items()
        ]


def main(arguments: list[str]) -> int:
    """Write one document."""
    if len(arguments) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    weight = float(arguments[2]) if arguments[2:] else 1.0
    made = document(int(arguments[0]), weight=weight)
    target = Path(arguments[1])
    text = text_of(made, yaml=target.suffix in (".yaml", ".yml"))
    target.write_text(text, encoding="utf-8")
    print(f"{target}: {len(text) / 1e6:.2f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
