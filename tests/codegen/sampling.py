"""Sample values for the schemas of a document, read independently of the generator.

A :class:`Sampler` knows nothing of types or names: it opens ``$ref``, ``allOf`` and the
chosen member of ``oneOf`` or ``anyOf`` into one flat schema and makes JSON that fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs

NOVEL = "brand_new_kind"
_TEXTS = {
    "date-time": "2024-02-03T04:05:06.250+01:00",
    "date": "2024-02-03",
    "uuid": "0b5c2d4e-7f60-4a1b-8c9d-112233445566",
    "byte": "aGVsbG8=",
    "uri": "https://example.com/a?b=c",
    "email": "a@example.com",
}
_BARE: tuple[Any, ...] = ({}, True, None)


class Endless(Exception):
    """No finite value was found below here."""


def opened(root: Any, schema: Any) -> Any:
    """``schema`` without ``$ref``: what it leads to, merged with its siblings."""
    seen = 0
    while isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
        found: Any = root
        for token in schema["$ref"].partition("#")[2].split("/")[1:]:
            token = unquote(token).replace("~1", "/").replace("~0", "~")
            found = found[int(token)] if isinstance(found, list) else found[token]
        rest = {k: v for k, v in schema.items() if k != "$ref"}
        schema = merged(found, rest) if rest else found
        seen += 1
        if seen > 50:
            raise Endless
    return schema


def merged(first: Any, second: Any) -> Any:
    """One schema for two that both hold; the second wins where they differ."""
    if first in _BARE:
        return second
    if second in _BARE:
        return first
    out = {**first, **second}
    for key in ("oneOf", "anyOf"):
        if key in first and key in second and first[key] != second[key]:
            out["allOf"] = [*out.get("allOf", []), {key: first[key]}]
    if "allOf" in first and "allOf" in second:
        out["allOf"] = [*first["allOf"], *second["allOf"]]
    if "properties" in first and "properties" in second:
        out["properties"] = {**first["properties"]}
        for name, schema in second["properties"].items():
            old = first["properties"].get(name)
            both = old is not None and old != schema
            out["properties"][name] = {"allOf": [old, schema]} if both else schema
    if "required" in first and "required" in second:
        out["required"] = [*first["required"], *second["required"]]
    return out


def nullable(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return (
        schema.get("nullable") is True
        or kind == "null"
        or (isinstance(kind, list) and "null" in kind)
    )


@attrs.frozen
class Sampler:
    """Makes values for the schemas of ``root``.

    :ivar way: "write" leaves out what is readOnly, "read" what is writeOnly.
    :ivar full: every member, not only the required ones.
    :ivar turn: which alternative of a choice is taken, counted round.
    :ivar extra: objects have one member that nobody declared.
    :ivar novel: enumerations and tagged unions give a value that is not listed.
    """

    root: Any
    way: str = "read"
    full: bool = True
    turn: int = 0
    extra: bool = False
    novel: bool = False
    limit: int = 6

    def flat(self, schema: Any) -> Any:
        """``schema`` with ``$ref`` and ``allOf`` opened; choices stay."""
        schema = opened(self.root, schema)
        if not isinstance(schema, Mapping):
            return schema
        whole: Any = {}
        for member in schema.get("allOf", ()):
            whole = merged(whole, self.flat(member))
        own = {k: v for k, v in schema.items() if k != "allOf"}
        return merged(whole, own) if whole not in _BARE else own

    def value(self, schema: Any, depth: int = 0) -> Any:
        """JSON that fits ``schema``.

        :raises Endless: where every value is too deep.
        """
        if depth > self.limit + 8:
            raise Endless
        flat = self.flat(schema)
        if flat is True or not isinstance(flat, Mapping):
            return "anything"
        for key in ("oneOf", "anyOf"):
            members = [m for m in flat.get(key, ()) if _says_type(m)]
            if members:
                return self._chosen(flat, key, members, depth)
        if "const" in flat:
            return flat["const"]
        if flat.get("enum"):
            return self._listed(flat["enum"])
        return self._typed(flat, depth)

    def _listed(self, values: list[Any]) -> Any:
        if self.novel and len(values) > 1 and all(isinstance(v, str) for v in values):
            return NOVEL
        known = [v for v in values if v is not None] or values
        return known[self.turn % len(known)]

    def _chosen(
        self, flat: Mapping[str, Any], key: str, members: list[Any], depth: int
    ) -> Any:
        base = {k: v for k, v in flat.items() if k not in (key, "discriminator")}
        tag = self.tag(flat, members)
        if self.novel and tag and depth:
            return {tag: NOVEL, "payload": {"a": [1, None]}}
        some = [m for m in members if not _is_null(m)] or members
        for step in range(len(some)):
            member = some[(self.turn + step) % len(some)]
            try:
                value = self.value(merged(base, self.flat(member)), depth + 1)
            except Endless:
                continue
            said = flat.get("discriminator")
            if isinstance(value, dict) and isinstance(said, Mapping):
                self._marked(value, said, member)
            return value
        if len(some) < len(members) or nullable(flat):
            return None
        raise Endless

    def _marked(
        self, value: dict[str, Any], said: Mapping[str, Any], member: Any
    ) -> None:
        """Put the discriminator's word for ``member`` into ``value``."""
        ref = member.get("$ref", "")
        name = ref.rpartition("/")[2]
        words = [
            word
            for word, where in said.get("mapping", {}).items()
            if where in (ref, name)
        ]
        held = self.flat(self.flat(member).get("properties", {}).get(_name(said), {}))
        fixed = "const" in held or held.get("enum")
        if words and value.get(_name(said)) not in words:
            value[_name(said)] = words[0]
        elif not words and not fixed:
            value[_name(said)] = name

    def tag(self, flat: Mapping[str, Any], members: list[Any]) -> str | None:
        """The member that tells the alternatives apart, if there is one."""
        objects = [m for m in map(self.flat, members) if isinstance(m, Mapping)]
        objects = [m for m in objects if m.get("properties")]
        if len(objects) < 2 or len(objects) < len(members):
            return None
        if isinstance(flat.get("discriminator"), Mapping):
            return _name(flat["discriminator"])
        for name in objects[0]["properties"]:
            held = [self._words(m["properties"].get(name)) for m in objects]
            words = [word for some in held for word in some]
            if all(held) and len(set(words)) == len(words):
                return str(name)
        return None

    def _words(self, schema: Any) -> list[str]:
        flat = self.flat(schema)
        if not isinstance(flat, Mapping):
            return []
        found = [flat["const"]] if "const" in flat else flat.get("enum") or []
        return found if all(isinstance(word, str) for word in found) else []

    def _typed(self, flat: Mapping[str, Any], depth: int) -> Any:
        stated = flat.get("type")
        kinds = stated if isinstance(stated, list) else [stated]
        kinds = [k for k in kinds if k != "null"] or ["null"]
        kind = kinds[self.turn % len(kinds)]
        if kind is None:
            objects = ("properties", "additionalProperties", "patternProperties")
            kind = "object" if any(key in flat for key in objects) else None
            kind = "array" if "items" in flat or "prefixItems" in flat else kind
        if kind == "object":
            return self._object(flat, depth)
        if kind == "array":
            return self._array(flat, depth)
        if kind == "string":
            return self._text(flat)
        plain = {"integer": 7 + self.turn, "number": 1.5, "boolean": True, "null": None}
        return plain.get(str(kind), {"free": ["form", 1]})

    def _text(self, flat: Mapping[str, Any]) -> str:
        known = _TEXTS.get(str(flat.get("format")))
        return known or f"text {self.turn} é/&?"

    def _array(self, flat: Mapping[str, Any], depth: int) -> list[Any]:
        if isinstance(flat.get("prefixItems"), list):
            return [self.value(item, depth + 1) for item in flat["prefixItems"]]
        if not self.full and not flat.get("minItems"):
            return []
        if flat.get("items") is False:
            return []
        if depth > self.limit:
            return []
        try:
            return [self.value(flat.get("items", {"type": "string"}), depth + 1)]
        except Endless:
            return []

    def _object(self, flat: Mapping[str, Any], depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        required = flat.get("required", ())
        for name, schema in flat.get("properties", {}).items():
            said = self.flat(schema)
            hidden = "readOnly" if self.way == "write" else "writeOnly"
            other = "writeOnly" if self.way == "write" else "readOnly"
            if isinstance(said, Mapping) and said.get(hidden) and not said.get(other):
                continue
            if name not in required and (not self.full or depth > self.limit):
                continue
            try:
                out[name] = self.value(schema, depth + 1)
            except Endless:
                if name in required:
                    if isinstance(said, Mapping) and nullable(said):
                        out[name] = None
                        continue
                    raise
        if self.extra and flat.get("properties"):
            out["member_of_tomorrow"] = {"deep": [1, {"x": None}]}
        more = flat.get("additionalProperties")
        if isinstance(more, Mapping) and self.full and not flat.get("properties"):
            try:
                out["any key"] = self.value(more, depth + 1)
            except Endless:
                pass
        return out


def _name(discriminator: Mapping[str, Any]) -> str:
    return str(discriminator["propertyName"])


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and (
        schema.get("type") == "null"
        or ("const" in schema and schema["const"] is None)
        or schema.get("enum") == [None]
    )


def _says_type(schema: Any) -> bool:
    """Whether an alternative is more than a list of required members."""
    if not isinstance(schema, Mapping):
        return schema is True
    return bool(set(schema) - {"required", "description", "title", "not"}) or not schema
