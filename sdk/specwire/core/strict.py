"""A request, checked by the API's document before anything is sent.

For clients made with ``strict=True``; nobody else imports this. Of the body it is what
would be sent, after every conversion and with ``extra_body``; of the query and the
headers the values of the arguments, and of ``extra_query``. Bodies that are not JSON
(uploads) are not looked at, nor is the path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .checking import MISSING, UNKNOWN, Problem, Schemas
from .codec import dumps
from .errors import RequestValidationError
from .types import UNSET

if TYPE_CHECKING:
    from .resource import Operation

_JSON = "application/json"
_WORDS = {MISSING: "is missing", UNKNOWN: "is not known here"}
_PLACE = re.compile(r"\{[^}]*\}")


@frozen
class Places:
    """Where the schemas of one operation lie.

    :ivar parameters: by ``("query", "limit")`` and the like.
    """

    body: str
    parameters: Mapping[tuple[str, str], str]


def check_request(
    operation: Operation[Any],
    args: Mapping[str, Any],
    extra_query: Mapping[str, Any] | None,
    body: Any,
    place: tuple[str, str],
) -> None:
    """Refuse what the document does not allow; ``place`` is its folder and its name.

    :raises RequestValidationError: for the first thing that is wrong, with its
        ``pointer`` (into the body, or ``query/limit``) and what was ``expected`` there.
    """
    schemas, all_places = _document(*place)
    places = all_places.get(
        _key(operation.method, operation.path, operation.const_query)
    )
    if places is None:
        return
    for where, members in (("query", operation.query), ("header", operation.headers)):
        for name, wire in members.items():
            said = extra_query or {} if where == "query" else {}
            if args[name] is not UNSET and args[name] is not None and wire not in said:
                value = json.loads(dumps(args[name], operation.name))
                _check_parameter(operation, schemas, places, (where, wire), value)
    for name, value in (extra_query or {}).items():
        _check_extra(operation, schemas, places, name, value)
    if operation.media == _JSON and body is not None and places.body:
        problems = list(schemas.problems(places.body, json.loads(body)))
        if problems:
            raise _refusal(operation.name, problems)


def _check_parameter(
    operation: Operation[Any],
    schemas: Schemas,
    places: Places,
    key: tuple[str, str],
    value: Any,
) -> None:
    pointer = places.parameters.get(key)
    if pointer is None:
        return
    problems = list(schemas.problems(pointer, value))
    if problems and isinstance(value, str):
        # A list may be given as it stands on the wire.
        listed = [item.strip() for item in value.split(",")]
        problems = list(schemas.problems(pointer, listed)) and problems
    if problems:
        raise _refusal(operation.name, problems, "/".join(key))


def _check_extra(
    operation: Operation[Any], schemas: Schemas, places: Places, name: str, value: Any
) -> None:
    """One of ``extra_query``: a text may be anything's, as all are on the wire."""
    known = [wire for where, wire in places.parameters if where == "query"]
    known += operation.const_query
    if name not in known:
        near = get_close_matches(name, known, 1)
        expected = f"one of {', '.join(known)}" if known else "no parameters"
        problem = Problem((), UNKNOWN, expected, near[0] if near else "")
        raise _refusal(operation.name, [problem], f"query/{name}")
    if value is not None and not isinstance(value, str):
        value = json.loads(dumps(value, operation.name))
        _check_parameter(operation, schemas, places, ("query", name), value)


def _refusal(
    name: str, problems: list[Problem], where: str = ""
) -> RequestValidationError:
    first = problems[0]
    pointer = where + first.pointer
    what = _WORDS.get(first.message, first.message)
    colon = "" if first.message in _WORDS else ":"
    text = f"{name}: {pointer or 'the body'}{colon} {what}"
    if first.near:
        text += f"; did you mean {first.near!r}?"
    elif first.expected and first.expected not in first.message:
        text += f"; expected {first.expected}"
    if len(problems) > 1:
        text += f" (and {len(problems) - 1} more)"
    return RequestValidationError(
        f"{text}; nothing was sent", pointer=pointer, expected=first.expected
    )


@cache
def _document(folder: str, service: str) -> tuple[Schemas, Mapping[str, Places]]:
    """The service's schemas, and where those of each operation lie."""
    document = json.loads(Path(folder, f"{service}.json").read_bytes())
    places: dict[str, Places] = {}
    for path, item in document["paths"].items():
        for method, said in item.items():
            if isinstance(said, dict):
                body = _body_pointer(document, path, method)
                parameters = dict(_parameters(document, path, method))
                key = f"{method.upper()} {_PLACE.sub('{}', path)}"
                places[key] = Places(body, parameters)
    return Schemas(document), places


def _parameters(
    document: Any, path: str, method: str
) -> Iterator[tuple[tuple[str, str], str]]:
    """The parameters of the path and, over them, of the operation."""
    item = document["paths"][path]
    above = f"/paths/{_escaped(path)}"
    for at, holder in ((above, item), (f"{above}/{method}", item[method])):
        for number, said in enumerate(holder.get("parameters") or ()):
            place = f"{at}/parameters/{number}"
            if reference := said.get("$ref"):
                place, said = reference.removeprefix("#"), _at(document, reference)
            if "schema" in said:
                yield (said["in"], said["name"]), f"{place}/schema"


def _body_pointer(document: Any, path: str, method: str) -> str:
    body = document["paths"][path][method].get("requestBody", {})
    at = f"/paths/{_escaped(path)}/{method}/requestBody"
    if reference := body.get("$ref"):
        at, body = reference.removeprefix("#"), _at(document, reference)
    media = _escaped(_JSON)
    return f"{at}/content/{media}/schema" if _JSON in body.get("content", {}) else ""


def _at(document: Any, reference: str) -> Any:
    """What ``reference`` leads to; nothing where that is another file."""
    if not reference.startswith("#/"):
        return {}
    for part in reference.split("/")[1:]:
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _key(method: str, path: str, query: Mapping[str, str]) -> str:
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{method} {_PLACE.sub('{}', path)}{'?' if pairs else ''}{pairs}"
