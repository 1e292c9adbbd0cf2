"""How parameters are written where they go (OpenAPI 3.1, "Style Values").

A style is ``"form,true"``: its name and whether it explodes; in a path the parameter's
own name may follow. ``None`` is the usual one of the place: ``simple,false`` in a path
or header, ``form,true`` in a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .errors import RequestValidationError
from .types import UNSET
from .wire import path_segment, scalar_text

_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}


def query_text(
    operation: str, parameters: Iterable[tuple[str, Any, str | None]]
) -> str:
    """The query of ``(wire name, value, style)`` in order, percent-encoded.

    ``UNSET`` and ``None`` are left out; booleans are lower case.
    """
    pairs: list[str] = []
    for wire, value, style in parameters:
        if value is not UNSET and value is not None:
            pairs += query_pairs(operation, wire, value, style or "form,true")
    return "&".join(pairs)


def query_pairs(operation: str, wire: str, value: Any, style: str) -> list[str]:
    """One parameter, or one member of a form, as percent-encoded ``name=text``."""
    name, _, explode = style.partition(",")
    key = _quoted(operation, wire)
    if name == "json":
        from .codec import dumps

        return [f"{key}={_quoted(operation, dumps(value, operation).decode())}"]
    if not isinstance(value, (str, bytes, Mapping)) and isinstance(value, Iterable):
        value = list(value)
    if isinstance(value, Mapping):
        return _object_pairs(operation, key, value, name, explode == "true")
    if isinstance(value, list):
        if name == "deepObject":
            return list(_deep_pairs(operation, key, value))
        texts = [_quoted(operation, _text(item)) for item in value if _given(item)]
        if explode == "true":
            return [f"{key}={text}" for text in texts]
        return [f"{key}={_SEPARATORS.get(name, ',').join(texts)}"] if texts else []
    return [f"{key}={_quoted(operation, scalar_text(value))}"]


def _object_pairs(
    operation: str, key: str, value: Mapping[str, Any], style: str, explode: bool
) -> list[str]:
    if style == "deepObject":
        return list(_deep_pairs(operation, key, value))
    items = [
        (_quoted(operation, str(k)), _quoted(operation, _text(v)))
        for k, v in value.items()
        if v is not UNSET and v is not None
    ]
    if explode:
        return [f"{k}={v}" for k, v in items]
    flat = [part for pair in items for part in pair]
    return [f"{key}={_SEPARATORS.get(style, ',').join(flat)}"] if flat else []


def _deep_pairs(operation: str, key: str, value: Any) -> Iterator[str]:
    """``key[a][b]=1`` and ``key[a][]=1``: no standard goes that deep, servers do."""
    if value is UNSET or value is None:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            inner = f"{key}[{_quoted(operation, str(name))}]"
            yield from _deep_pairs(operation, inner, item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _deep_pairs(operation, f"{key}[]", item)
    else:
        yield f"{key}={_quoted(operation, scalar_text(value))}"


def _given(value: Any) -> bool:
    return value is not UNSET and value is not None


def _text(value: Any) -> str:
    """One value; what is none, where a style has no place for more, is JSON."""
    if isinstance(value, (Mapping, list, tuple)):
        from .codec import dumps

        return dumps(value).decode()
    return scalar_text(value)


def path_text(operation: str, name: str, value: Any, style: str | None) -> str:
    """``value`` as the text of one placeholder; lists and objects by ``style``.

    :raises RequestValidationError: where the path would become another one.
    """
    kind, _, rest = (style or "simple,false").partition(",")
    explode, _, wire = rest.partition(",")
    if isinstance(value, Mapping):
        joint = "=" if explode == "true" else ","
        pairs = (
            (path_segment(operation, name, k), path_segment(operation, name, v))
            for k, v in value.items()
        )
        parts = [f"{k}{joint}{v}" for k, v in pairs]
    elif isinstance(value, (list, tuple)):
        parts = [path_segment(operation, name, item) for item in value]
    else:
        parts = [path_segment(operation, name, value)]
    if not parts:
        raise RequestValidationError(
            f"{operation}: path parameter {name!r} is empty; expected at least one item"
        )
    if kind == "label":
        return "." + ("." if explode == "true" else ",").join(parts)
    if kind == "matrix":
        shown = _quoted(operation, wire or name)
        return _matrix(shown, value, parts, explode == "true")
    return ",".join(parts)


def _matrix(name: str, value: Any, parts: list[str], explode: bool) -> str:
    if explode and isinstance(value, Mapping):
        return "".join(f";{part}" for part in parts)
    if explode:
        return "".join(f";{name}={part}" for part in parts)
    return f";{name}={','.join(parts)}"


def header_text(operation: str, value: Any, style: str | None) -> str:
    """``value`` as the text of a header or cookie; lists and objects by ``style``."""
    kind, _, explode = (style or "simple,false").partition(",")
    if kind == "json":
        from .codec import dumps

        return dumps(value, operation).decode()
    if isinstance(value, Mapping):
        joint = "=" if explode == "true" else ","
        pairs = ((k, v) for k, v in value.items() if v is not UNSET and v is not None)
        return ",".join(f"{k}{joint}{_text(v)}" for k, v in pairs)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return ",".join(_text(item) for item in value if _given(item))
    return scalar_text(value)


_COOKIE_OCTETS = "!#$%&'()*+,-./:<=>?@[]^_`{|}~"


def cookie_text(operation: str, wire: str, value: Any, style: str | None) -> str:
    """One ``name=value``; what would end the value is percent-encoded (RFC 6265)."""
    text = header_text(operation, value, style)
    return f"{wire}={_quoted(operation, text, safe=_COOKIE_OCTETS)}"


def _quoted(operation: str, text: str, *, safe: str = "") -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise RequestValidationError(
            f"{operation}: a parameter is not valid Unicode text"
        ) from None
