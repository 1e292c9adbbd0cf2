"""Rarer request bodies: not JSON (forms, text, bytes), or such as may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .errors import RequestValidationError
from .types import UNSET
from .wire import scalar_text

if TYPE_CHECKING:
    from .resource import Operation


def encoded(operation: Operation[Any], value: Any) -> tuple[Any, str]:
    """The body for ``value`` and its media type.

    :raises RequestValidationError: where ``value`` is not what the media type takes.
    """
    media = operation.media
    if media == "multipart/form-data":
        return _multipart(operation, value)
    if media == "application/x-www-form-urlencoded":
        return _form(operation, value).encode(), media
    if isinstance(value, str):
        kind = media if "charset" in media else f"{media}; charset=utf-8"
        return value.encode(), kind if media.startswith("text/") else media
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value), media
    if media.endswith("+json"):
        from .codec import dumps

        return dumps(value, operation.name), media
    if hasattr(value, "read"):
        return _read(operation, value), media
    raise RequestValidationError(
        f"{operation.name}: the body is {media}; expected bytes, str or an open file, "
        f"got {type(value).__name__}"
    )


def _read(operation: Operation[Any], file: Any) -> bytes:
    content = file.read()
    return content.encode() if isinstance(content, str) else bytes(content)


def _form(operation: Operation[Any], value: Mapping[str, Any]) -> str:
    """Members as their styles say; without one lists repeat and objects are JSON."""
    if not operation.styles:
        return urlencode(_pairs(value))
    from .styles import query_pairs

    called = operation.body if isinstance(operation.body, Mapping) else {}
    names = {wire: name for name, wire in called.items()}
    texts: list[str] = []
    for wire, item in value.items():
        style = operation.styles.get(names.get(wire, wire))
        if style is None or item is UNSET or item is None:
            texts.append(urlencode(_pairs({wire: item})))
        else:
            texts += query_pairs(operation.name, wire, item, style)
    return "&".join(filter(None, texts))


def _pairs(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, item in value.items():
        if item is UNSET or item is None:
            continue
        items = item if isinstance(item, (list, tuple, set)) else (item,)
        pairs += [(name, _form_text(each)) for each in items]
    return pairs


def _form_text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        from .codec import dumps

        return dumps(value).decode()
    return scalar_text(value)


_JSON = "application/json"


def _multipart(operation: Operation[Any], value: Mapping[str, Any]) -> tuple[Any, str]:
    """Text fields first, then parts with a media type of their own: objects, files."""
    from .multipart import MultipartBody, with_type

    wire = operation.body if isinstance(operation.body, Mapping) else {}
    file_names = {wire.get(name, name) for name in operation.files}
    media = {wire.get(name, name): kind for name, kind in operation.parts.items()}
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Any]] = []
    for name, item in value.items():
        if item is UNSET or item is None:
            continue
        for each in item if isinstance(item, (list, set)) else [item]:
            kind = media.get(name)
            if name in file_names:
                files.append((name, with_type(each, kind) if kind else each))
            elif isinstance(each, (bytes, bytearray, memoryview)):
                files.append((name, (None, each, kind)))
            elif kind is not None or isinstance(each, (Mapping, list)):
                content = _form_text(each).encode()
                files.append((name, (None, content, kind or _JSON)))
            else:
                fields += _pairs({name: each})
    body = MultipartBody(fields, files)
    return body, body.content_type


def complete(
    operation: Operation[Any],
    needed: Mapping[str, Any],
    fields: Mapping[str, str],
    value: dict[str, Any],
) -> None:
    """Fill in constants of a body that is sent after all.

    :raises RequestValidationError: for members that it needs and nobody gave.
    """
    given = ", ".join(name for name, wire in fields.items() if wire in value)
    for name, constant in needed.items():
        if constant is not UNSET:
            value.setdefault(fields[name], constant)
    missing = [name for name in needed if fields[name] not in value]
    if missing:
        raise RequestValidationError(
            f"{operation.name}: the body may be left out, but one with "
            f"{given or 'anything'} needs {', '.join(missing)} as well",
            pointer=f"/{fields[missing[0]]}",
        )
