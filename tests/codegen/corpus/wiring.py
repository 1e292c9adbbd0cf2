"""A request as the OpenAPI Specification says it has to look ("Style Values").

Written from the tables of the specification, for comparison; it shares no code with
what it checks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, quote

from .reading import Operation, Parameter

_BETWEEN = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def encoded(value: Any) -> str:
    return quote(text(value), safe="")


def path(operation: Operation, values: Mapping[tuple[str, str], Any]) -> str:
    out = operation.path
    for one in operation.parameters:
        if one.where == "path":
            out = out.replace(
                f"{{{one.name}}}", _in_path(one, values["path", one.name])
            )
    return out


def _in_path(one: Parameter, value: Any) -> str:
    lead = {"label": ".", "matrix": ";"}.get(one.style, "")
    name = f"{one.name}=" if one.style == "matrix" else ""
    if isinstance(value, Mapping):
        pairs = [(encoded(k), encoded(v)) for k, v in value.items()]
        if one.explode:
            return lead + (lead or ",").join(f"{k}={v}" for k, v in pairs)
        return lead + name + ",".join(part for pair in pairs for part in pair)
    if isinstance(value, list):
        items = [encoded(item) for item in value]
        if one.explode:
            return lead + (lead or ",").join(name + item for item in items)
        return lead + name + ",".join(items)
    return lead + name + encoded(value)


def query(operation: Operation, values: Mapping[tuple[str, str], Any]) -> list[str]:
    parts = [f"{encoded(k)}={encoded(v)}" for k, v in operation.query]
    for one in operation.parameters:
        if one.where == "query" and ("query", one.name) in values:
            parts += _in_query(one, values["query", one.name])
    return parts


def _in_query(one: Parameter, value: Any) -> list[str]:
    key = encoded(one.name)
    if one.as_json:
        return [f"{key}={encoded(_compact(value))}"]
    if isinstance(value, Mapping):
        pairs = [(encoded(k), encoded(v)) for k, v in value.items()]
        if one.style == "deepObject":
            return [f"{key}[{k}]={v}" for k, v in pairs]
        if one.explode:
            return [f"{k}={v}" for k, v in pairs]
        flat = [part for pair in pairs for part in pair]
        return [f"{key}={_BETWEEN[one.style].join(flat)}"] if flat else []
    if isinstance(value, list):
        items = [encoded(item) for item in value]
        if one.explode:
            return [f"{key}={item}" for item in items]
        return [f"{key}={_BETWEEN[one.style].join(items)}"] if items else []
    return [f"{key}={encoded(value)}"]


def headers(
    operation: Operation, values: Mapping[tuple[str, str], Any]
) -> dict[str, str]:
    """Header parameters and the Cookie header, by lower-case name."""
    out = {}
    cookies = []
    for one in operation.parameters:
        value = values.get((one.where, one.name))
        if value is None:
            continue
        if one.where == "header":
            out[one.name.lower()] = (
                _compact(value) if one.as_json else simple(one, value)
            )
        elif one.where == "cookie":
            said = simple(one, value)
            cookies.append(f"{one.name}={quote(said, safe=_COOKIE)}")
    if cookies:
        out["cookie"] = "; ".join(cookies)
    return out


# RFC 6265: what a cookie's value may hold as it is, and the comma of a list.
_COOKIE = "!#$%&'()*+,-./:<=>?@[]^_`{|}~"


def simple(one: Parameter, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(text, value))
    if isinstance(value, Mapping):
        joint = "=" if one.explode and one.where == "header" else ","
        return ",".join(f"{k}{joint}{text(v)}" for k, v in value.items())
    return text(value)


def body(media: str, sent: Any, content_type: str) -> Any:
    """The sent body as the value it stands for."""
    if media == "application/json" or media.endswith("+json"):
        return json.loads(sent)
    if media == "application/x-www-form-urlencoded":
        return sorted(parse_qsl(sent.decode(), True, True)) if sent else []
    if media == "multipart/form-data":
        sent.rewind()  # the call is over, so it was closed
        whole = f"Content-Type: {content_type}\r\n\r\n".encode() + sent.read()
        message: Any = message_from_bytes(whole, policy=HTTP)
        return sorted(map(_part, message.iter_parts()))
    return sent


def _part(part: Any) -> tuple[str, bytes]:
    name = part.get_param("name", header="content-disposition")
    return str(name), part.get_payload(decode=True)


def sent_as(media: str, value: Any) -> Any:
    """``value`` as :func:`body` gives it back, for each media type."""
    if media == "application/x-www-form-urlencoded":
        return sorted((k, _field(v)) for k, v in _flat(value))
    if media == "multipart/form-data":
        return sorted(
            (k, v if isinstance(v, bytes) else _field(v).encode())
            for k, v in _flat(value)
        )
    return value.encode() if isinstance(value, str) and "json" not in media else value


def _flat(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Members of a form; a list's items each stand for themselves."""
    return [
        (name, each)
        for name, item in value.items()
        for each in (item if isinstance(item, list) else [item])
        if each is not None
    ]


def _field(value: Any) -> str:
    return _compact(value) if isinstance(value, (dict, list)) else text(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
