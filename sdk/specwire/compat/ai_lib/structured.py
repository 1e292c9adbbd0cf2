"""``ai_lib_python.structured``: JSON mode, schemas, and answers held against them.

``JsonModeConfig`` goes into ``response_format(...)`` as it is; what it becomes is the
provider's dialect. pydantic is not needed, but understood.
"""

from __future__ import annotations

import json
from enum import Enum, EnumMeta
from typing import Any

from attrs import Factory, define

from ...structured.extracting import extract_json
from ...structured.reading import Misfit, made, read
from ...structured.schema import schema_of

__all__ = [
    "JsonMode",
    "JsonModeConfig",
    "OutputValidator",
    "SchemaGenerator",
    "StructuredOutput",
    "ValidationError",
    "ValidationResult",
    "extract_json",
    "json_schema_from_pydantic",
    "json_schema_from_type",
]


class _Default(EnumMeta):
    """``JsonMode()`` is the plain mode."""

    def __call__(cls, value: Any = "json", *args: Any, **settings: Any) -> Any:
        return super().__call__(value, *args, **settings)


class JsonMode(str, Enum, metaclass=_Default):
    """What an answer is to be; :meth:`ChatRequestBuilder.response_format` takes it."""

    JSON = "json"
    JSON_SCHEMA = "json_schema"
    OFF = "off"


def json_schema_from_type(python_type: Any) -> dict[str, Any]:
    """The JSON Schema of a type.

    :raises TypeError: for one that JSON cannot say.
    """
    return schema_of(python_type)


json_schema_from_pydantic = json_schema_from_type


@define
class JsonModeConfig:
    """A mode, and the schema that goes with it."""

    mode: JsonMode = JsonMode.JSON
    schema: dict[str, Any] | None = None
    schema_name: str = "response"
    strict: bool = True

    @classmethod
    def json_object(cls) -> JsonModeConfig:
        """Any JSON object."""
        return cls()

    @classmethod
    def from_schema(
        cls, schema: dict[str, Any], name: str = "response", strict: bool = True
    ) -> JsonModeConfig:
        """What a JSON Schema says."""
        return cls(JsonMode.JSON_SCHEMA, schema, name, strict)

    @classmethod
    def from_pydantic(
        cls, model: Any, name: str | None = None, strict: bool = True
    ) -> JsonModeConfig:
        """What a class says: pydantic's, or any that specwire has a schema for."""
        return cls.from_schema(schema_of(model), name or model.__name__, strict)

    from_model = from_pydantic

    def to_openai_format(self) -> dict[str, Any]:
        """The members of a request to OpenAI."""
        if self.mode == JsonMode.JSON:
            return {"response_format": {"type": "json_object"}}
        if self.mode == JsonMode.OFF or not self.schema:
            return {}
        inner = {"name": self.schema_name, "strict": self.strict, "schema": self.schema}
        form = {"type": "json_schema", "json_schema": inner}
        return {"response_format": form}

    def to_anthropic_format(self) -> dict[str, Any]:
        """The members of a request to Anthropic; none where there is no schema."""
        if self.mode != JsonMode.JSON_SCHEMA or not self.schema:
            return {}
        from ...structured.transform import transform_schema

        form = {"type": "json_schema", "schema": transform_schema(self.schema)}
        return {"output_config": {"format": form}}


class ValidationError(Exception):
    """An output does not fit."""

    def __init__(self, message: str, path: str | None = None, value: Any = None):
        super().__init__(f"{path}: {message}" if path else message)
        self.message = message
        self.path = path
        self.value = value


@define
class ValidationResult:
    """Whether an output fits, and its value."""

    valid: bool = True
    errors: list[str] = Factory(list)
    data: Any = None

    def __bool__(self) -> bool:
        return self.valid

    def raise_if_invalid(self) -> None:
        """
        :raises ValidationError: where it does not fit.
        """
        if not self.valid:
            raise ValidationError("; ".join(self.errors))


class OutputValidator:
    """Holds outputs against a schema, or a class.

    :param schema: a JSON Schema, or a class that :func:`json_schema_from_type` knows.
    """

    def __init__(self, schema: Any = None, strict: bool = True) -> None:
        is_schema = schema is None or isinstance(schema, dict)
        self._kind: Any = Any if is_schema else schema
        self._schema = (schema or {}) if is_schema else schema_of(schema)
        self._within = not strict

    def validate(self, data: Any) -> ValidationResult:
        """Whether ``data`` fits: JSON as text, or parsed."""
        try:
            if isinstance(data, str):
                value = read(self._kind, self._schema, data, within=self._within)
            else:
                value = made(self._kind, self._schema, data, "")
        except Misfit as misfit:
            return ValidationResult(False, list(misfit.problems))
        return ValidationResult(True, [], value)

    def validate_or_raise(self, data: Any) -> Any:
        """The value.

        :raises ValidationError: where it does not fit.
        """
        result = self.validate(data)
        result.raise_if_invalid()
        return result.data

    def parse(self, data: Any, model: Any) -> Any:
        """``data`` as a ``model``.

        :raises ValidationError: where it does not fit.
        """
        return OutputValidator(model).validate_or_raise(data)


@define
class StructuredOutput:
    """An answer's text, and what it says."""

    raw: str
    parsed: Any = None
    validated: Any = None
    validation_result: ValidationResult = Factory(ValidationResult)

    @property
    def is_valid(self) -> bool:
        return self.validation_result.valid

    @property
    def data(self) -> Any:
        """The value, else the JSON, else the text."""
        found = (self.validated, self.parsed, self.raw)
        return next(each for each in found if each is not None)

    def as_model(self, model: Any) -> Any:
        """
        :raises ValueError: where the output does not fit.
        """
        if not self.is_valid or self.parsed is None:
            raise ValueError("the output is not valid")
        if isinstance(model, type) and isinstance(self.validated, model):
            return self.validated
        return OutputValidator(model).validate_or_raise(self.parsed)

    @classmethod
    def from_response(
        cls, content: str, validator: OutputValidator | None = None
    ) -> StructuredOutput:
        """What an answer's text says."""
        parsed = extract_json(content)
        if validator is None or parsed is None:
            return cls(content, parsed, None, ValidationResult(data=parsed))
        result = validator.validate(parsed)
        return cls(content, parsed, result.data if result.valid else None, result)


class SchemaGenerator:
    """Puts a schema together, member by member; or takes a class's."""

    def __init__(self, title: str | None = None, description: str | None = None):
        self._schema: dict[str, Any] = {"type": "object", "properties": {}}
        self._schema |= {"title": title} if title else {}
        self._schema |= {"description": description} if description else {}
        self._schema["additionalProperties"] = False

    @classmethod
    def from_model(cls, model: Any) -> SchemaGenerator:
        """The generator of a class's schema, to be built or added to."""
        generator = cls()
        generator._schema = dict(schema_of(model))
        return generator

    from_pydantic = from_model

    def add_property(
        self,
        name: str,
        python_type: Any,
        *,
        description: str | None = None,
        required: bool = True,
        default: Any = None,
        enum: list[Any] | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        pattern: str | None = None,
    ) -> SchemaGenerator:
        """Add a member of a type."""
        said = {
            "description": description,
            "default": default,
            "enum": enum,
            "minimum": minimum,
            "maximum": maximum,
            "minLength": min_length,
            "maxLength": max_length,
            "pattern": pattern,
        }
        schema = {k: v for k, v in said.items() if v is not None}
        nested = {**schema_of(python_type), **schema}
        return self.add_object_property(name, nested, required=required)

    def add_object_property(
        self,
        name: str,
        nested_schema: dict[str, Any],
        *,
        description: str | None = None,
        required: bool = True,
    ) -> SchemaGenerator:
        """Add a member by its schema."""
        told = {"description": description} if description else {}
        properties = {**self._schema.get("properties", {})}
        properties[name] = {**nested_schema, **told}
        self._schema["properties"] = properties
        if required:
            known = self._schema.get("required", [])
            self._schema["required"] = [*known, name]
        return self

    def allow_additional_properties(self, allowed: Any = True) -> SchemaGenerator:
        """Whether other members may stand in it; or their type."""
        said = allowed if isinstance(allowed, bool) else schema_of(allowed)
        self._schema["additionalProperties"] = said
        return self

    def build(self) -> dict[str, Any]:
        """The schema."""
        return dict(self._schema)

    generate = build

    def to_json(self, indent: int = 2) -> str:
        """The schema as text."""
        return json.dumps(self._schema, indent=indent)
