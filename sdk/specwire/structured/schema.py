"""The JSON Schema of a type that a reply's text is to be.

A member with a default may be missing. Classes stand under ``$defs``, so that they may
refer to themselves.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from .shapes import is_pydantic
from .writer import AT, NoSchema, Style, Writer


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of ``kind``: a class with members, or a type made of such.

    Of a function it is the schema of its arguments, by hints and docstring.

    :raises TypeError: for a type whose values JSON cannot hold.
    """
    if is_pydantic(kind):
        whole: dict[str, Any] = kind.model_json_schema()
        return whole
    if inspect.isroutine(kind):
        from .signatures import parameters

        taken, more = parameters(kind, f"output_format: {kind.__name__}")
        return (writer := Writer(_STYLE)).whole(writer.object(taken, closed=not more))
    writer = Writer(_STYLE)
    try:
        schema, defs = writer.of(kind), writer.defs
    except NoSchema as error:
        raise TypeError(
            f"output_format: no JSON Schema for {error.kind!r}; expected an attrs "
            "class, a dataclass, a TypedDict, a pydantic model, a type made of such, "
            "or a JSON Schema as a dict"
        ) from None
    except TypeError as error:
        raise TypeError(f"output_format: {error}") from None
    name = schema.get("$ref", "").removeprefix(AT)
    if name and f'"{AT}{name}"' not in json.dumps(defs):
        # Nothing else refers to the class, so it can stand at the root.
        schema = {**defs.pop(name), **{k: v for k, v in schema.items() if k != "$ref"}}
    return writer.whole(schema)


def _texts(doc: str) -> tuple[str, Mapping[str, str]]:
    return inspect.cleandoc(doc), {}


_STYLE = Style(inline=False, details=False, texts=_texts)
