"""Values that satisfy a JSON Schema: tool arguments, structured answers, whole replies.

Small on purpose: it knows the keywords that describe data (``type enum const
properties required items anyOf oneOf allOf $ref`` and the bounds), not the ones that
compute (``if not dependentSchemas``). What it has no rule for becomes ``None``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from .patterns import sample_pattern

_DEEP = 6
_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
}
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w'-]*(?: [A-Z][\w'-]*)*")


class Hints:
    """Values found in a text, used where a schema would accept any.

    Asked for the weather in Paris, a tool is called with ``Paris`` and not ``text``.
    """

    def __init__(self, text: str = "") -> None:
        self.numbers = [float(number) for number in _NUMBER.findall(text)]
        self.names = _NAME.findall(text)


class Sampler:
    """Samples of the schemas in one document, ``root``, whose ``$ref`` are followed."""

    def __init__(
        self, root: Mapping[str, Any], random: Random, hints: Hints | None = None
    ) -> None:
        self._root = root
        self._random = random
        self._hints = hints or Hints()

    def sample(self, schema: Any, name: str = "value", depth: int = 0) -> Any:
        """A value that ``schema`` allows; ``name`` colours texts without a rule."""
        if not isinstance(schema, Mapping):
            return {} if schema is True else None
        schema = self._flat(schema)
        for word in ("const", "default"):
            if word in schema and (word == "const" or schema[word] is not None):
                return schema[word]
        if schema.get("enum"):
            return schema["enum"][0]
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            branch = branches[0]
            rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
            return self.sample(_merged(rest, self._flat(branch)), name, depth)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((entry for entry in kind if entry != "null"), "null")
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, depth)
        if kind == "array" or (kind is None and "items" in schema):
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        return self._text(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        wanted = [key for key in properties if depth < _DEEP or key in required]
        wanted += [key for key in required if key not in properties]
        if depth > 2 * _DEEP:
            return {}
        value = {
            key: self.sample(properties.get(key, {}), key, depth + 1) for key in wanted
        }
        extra = schema.get("additionalProperties", {})
        while len(value) < schema.get("minProperties", 0):
            key = f"key_{len(value) + 1}"
            value[key] = self.sample(extra, key, depth + 1)
        return value

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        fixed = [
            self.sample(entry, name, depth + 1)
            for entry in schema.get("prefixItems", [])
        ]
        low = schema.get("minItems", 0 if fixed or depth >= _DEEP else 1)
        low = min(low, schema.get("maxItems", low))
        items = schema.get("items", {})
        distinct = schema.get("uniqueItems", False)
        while len(fixed) < low:
            value = self.sample(items, name, depth + 1)
            tries = 0
            while distinct and value in fixed and tries < 20:
                tries += 1
                value = self._another(items, value, tries)
            fixed.append(value)
        return fixed

    def _another(self, schema: Any, value: Any, tries: int) -> Any:
        flat = self._flat(schema) if isinstance(schema, Mapping) else {}
        if flat.get("enum"):
            return flat["enum"][tries % len(flat["enum"])]
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return value + tries * flat.get("multipleOf", 1)
        return f"{value}{tries}" if isinstance(value, str) else value

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> Any:
        step = schema.get("multipleOf", 1 if whole else 0.5)
        low, high = _bounds(schema, step)
        value: float
        if self._hints.numbers and low <= self._hints.numbers[0] <= high:
            value = self._hints.numbers.pop(0)
        elif high - low < 1000:
            value = self._random.uniform(low, high)
        else:
            value = low if math.isfinite(low) else min(high, 0.0)
            value += self._random.randint(1, 9) if high > value + 10 else 0
        value = math.floor(value / step) * step
        if value < low:
            value = math.ceil(low / step) * step
        return int(value) if whole else value

    def _text(self, schema: Mapping[str, Any], name: str) -> str | None:
        if "type" not in schema and not {"minLength", "pattern"} & set(schema):
            return self._hints.names[0] if self._hints.names else name
        low, high = schema.get("minLength", 0), schema.get("maxLength", 1 << 20)
        if "pattern" in schema:
            for _ in range(20):
                text = sample_pattern(schema["pattern"], self._random)
                if text is not None and low <= len(text) <= high:
                    return text
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = self._hints.names.pop(0) if self._hints.names else name
        return (text + " " + "x" * low if len(text) < low else text)[: max(low, high)]

    def _flat(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """``schema`` with its references and ``allOf`` merged into it."""
        seen = 0
        while "$ref" in schema and seen < 32:
            seen += 1
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = _merged(self._target(schema["$ref"]), rest)
        for branch in schema.get("allOf", ()):
            schema = _merged(schema, self._flat(branch))
        return schema

    def _target(self, reference: str) -> Mapping[str, Any]:
        found: Any = self._root
        for part in reference.lstrip("#").split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            found = found.get(part, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) else {}


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = [*first["required"], *second["required"]]
    return merged


def _bounds(schema: Mapping[str, Any], step: float) -> tuple[float, float]:
    low = schema.get("minimum", -math.inf)
    high = schema.get("maximum", math.inf)
    if isinstance(schema.get("exclusiveMinimum"), (int, float)):
        low = max(low, schema["exclusiveMinimum"] + step)
    if isinstance(schema.get("exclusiveMaximum"), (int, float)):
        high = min(high, schema["exclusiveMaximum"] - step)
    if low == -math.inf and high >= 0:
        low = 0.0
    return low, high
