"""Structured output: types as JSON Schema, and replies as values of those types.

``transform_schema`` gives what the Messages API takes of a schema; ``schema_of`` the
whole JSON Schema of a type; ``extract_json`` finds the JSON in a text. Nothing here
sends anything. pydantic is understood where a
program brings it, and never imported.
"""

from __future__ import annotations

from .extracting import extract_all, extract_json
from .output import OutputFormat
from .schema import schema_of
from .transform import transform_schema

__all__ = [
    "OutputFormat",
    "extract_all",
    "extract_json",
    "schema_of",
    "transform_schema",
]
