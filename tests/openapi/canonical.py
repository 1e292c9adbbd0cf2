"""One form for schemas that say the same in different words.

Text, titles and extensions go away; the three ways to say "or null" become one; a
union of one is its member; ``const`` is an ``enum`` of one; a format beside a union is
its texts'; the largest exact number is no limit, and a pattern that spells a format out
says no more than it. A reference stays a
reference if both documents have the schema (the name table says so); else what it
refers to takes its place, so naming a part of a schema is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from .documents import Document

_LIMITS = (
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "format",
)
_EXACT = 2**53 - 1
"""No JSON number is exact beyond it."""
_UNIONS = ("oneOf", "anyOf", "allOf")

Form = dict[str, Any]


@frozen
class Reader:
    """Brings the schemas of one document into the form.

    ``names``: schema name in the document -> the name both documents are compared
    under; a schema that is not in it is put in place of each reference to it.
    """

    document: Document
    names: Mapping[str, str]

    def form(self, schema: Any) -> Form:
        """``{"any of": [alternative], "null": bool, "default": value, ...}``."""
        alternatives: list[Form] = []
        found: Form = {"any of": alternatives}
        for key in ("default", "deprecated"):
            if isinstance(schema, Mapping) and key in schema:
                found[key] = schema[key]
        self._collect(schema, found)
        found["any of"] = _sorted(_joined(alternatives))
        if len(found["any of"]) < 2:  # nothing to tell apart
            found.pop("tags", None)
        return found

    def _collect(self, schema: Any, found: Form) -> None:
        if isinstance(schema, bool):
            schema = {} if schema else {"not": {}}
        if schema.get("nullable") is True:
            found["null"] = True
        if isinstance(schema.get("$ref"), str):
            self._reference(schema["$ref"], found)
            return
        if tags := self._tags(schema):
            found["tags"] = tags
        members = [each for union in _UNIONS for each in schema.get(union, ())]
        beside = {key: schema[key] for key in ("format",) if key in schema}
        for member in members:
            inner = (
                member.get("type") == "string" if isinstance(member, dict) else False
            )
            self._collect({**beside, **member} if inner else member, found)
        if not members:
            self._plain(schema, found)

    def _reference(self, ref: str, found: Form) -> None:
        """Unions lose their names: one document names what the other spells out."""
        name = ref.rsplit("/", 1)[-1]
        target = self.document["components"]["schemas"][name]
        if name in self.names and not any(union in target for union in _UNIONS):
            found["any of"].append({"ref": self.names[name]})
        else:
            self._collect(target, found)

    def _plain(self, schema: Mapping[str, Any], found: Form) -> None:
        kinds = schema.get("type", ())
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if "null" in kinds:
            found["null"] = True
            kinds.remove("null")
            if not kinds:
                return
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if values is not None:
            kept = [value for value in values if value is not None]
            found["any of"].append({"values": kept})
            return
        for kind in kinds or ["anything"]:
            found["any of"].append(self._alternative(kind, schema))

    def _alternative(self, kind: str, schema: Mapping[str, Any]) -> Form:
        made: Form = {"kind": kind}
        made.update({key: schema[key] for key in _LIMITS if key in schema})
        for bound in ("minimum", "maximum"):
            if abs(made.get(bound, 0)) == _EXACT:
                del made[bound]
        if "format" in made:
            made.pop("pattern", None)
        if kind == "array":
            made["items"] = self.form(schema.get("items", {}))
        if kind == "object":
            made.update(self.members(schema))
        return made

    def members(self, schema: Mapping[str, Any]) -> Form:
        """The object part: properties, what is required, and what else may come."""
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            extra = self.form(extra)
            extra = True if extra["any of"] == [{"kind": "anything"}] else extra
        return {
            "properties": {
                name: self.form(each)
                for name, each in schema.get("properties", {}).items()
            },
            "required": sorted(schema.get("required", ())),
            "extra": extra,
        }

    def _tags(self, schema: Mapping[str, Any]) -> dict[str, str]:
        """The union's discriminator, value -> schema; nothing without a usable one."""
        mapping = (schema.get("discriminator") or {}).get("mapping") or {}
        short = {value: ref.rsplit("/", 1)[-1] for value, ref in mapping.items()}
        return {value: self.names.get(name, name) for value, name in short.items()}


def same(ours: Any, theirs: Any) -> bool:
    """Whether two forms say the same; a tag that only ours states is no difference."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = {*ours, *theirs} - ({"tags"} - theirs.keys())
        return all(
            key in ours and key in theirs and same(ours[key], theirs[key])
            for key in keys
        )
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and bool(ours == theirs)


def _joined(alternatives: list[Form]) -> list[Form]:
    """All listed values of a union as one list."""
    values = [value for each in alternatives for value in each.get("values", ())]
    rest = [each for each in alternatives if "values" not in each]
    return [*rest, {"values": sorted(values, key=repr)}] if values else rest


def _sorted(alternatives: list[Form]) -> list[Form]:
    unique = {repr(_untagged(each)): each for each in alternatives}
    return [unique[key] for key in sorted(unique)]


def _untagged(form: Any) -> Any:
    """The form without tags, so that those do not decide the order of a union."""
    if isinstance(form, dict):
        return {k: _untagged(v) for k, v in sorted(form.items()) if k != "tags"}
    return [_untagged(each) for each in form] if isinstance(form, list) else form
